// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Beast by hand; the only unit of these tests that pays for it.
#include "raw_peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket.hpp>

#include <stdexcept>
#include <utility>
#include <variant>

namespace session_test {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

void set_subprotocol(auto& message, const std::string& name) {
  if (!name.empty()) message.set(beast::http::field::sec_websocket_protocol, name);
}

}  // namespace

struct raw_peer::impl {
  explicit impl(const asio::any_io_executor& executor) : stream(executor) {}

  asio::awaitable<boost::system::error_code> write(std::string bytes, bool text) {
    stream.text(text);
    const auto result = co_await stream.async_write(asio::buffer(bytes), as_tuple);
    co_return std::get<0>(result);
  }

  websocket::stream<tcp::socket> stream;
  beast::flat_buffer buffer;
};

raw_peer::raw_peer(const asio::any_io_executor& executor) : impl_(std::make_unique<impl>(executor)) {}
raw_peer::raw_peer(raw_peer&&) noexcept = default;
raw_peer& raw_peer::operator=(raw_peer&&) noexcept = default;
raw_peer::~raw_peer() = default;

asio::awaitable<void> raw_peer::connect(tcp::endpoint to) {
  auto& stream = impl_->stream;
  stream.next_layer().open(to.protocol());
  if (little_) stream.next_layer().set_option(asio::socket_base::receive_buffer_size(4096));
  co_await stream.next_layer().async_connect(to, asio::use_awaitable);
  auto decorate = [](websocket::request_type& request) { set_subprotocol(request, "tautline.v1"); };
  stream.set_option(websocket::stream_base::decorator(std::move(decorate)));
  const std::string host = "localhost";
  const std::string target = "/";
  co_await stream.async_handshake(host, target, asio::use_awaitable);
}

asio::awaitable<void> raw_peer::accept(tcp::acceptor& from, std::string subprotocol) {
  auto& stream = impl_->stream;
  co_await from.async_accept(stream.next_layer(), asio::use_awaitable);
  auto decorate = [subprotocol](websocket::response_type& response) { set_subprotocol(response, subprotocol); };
  stream.set_option(websocket::stream_base::decorator(std::move(decorate)));
  co_await stream.async_accept(asio::use_awaitable);
}

asio::awaitable<void> raw_peer::say(std::string text) {
  const auto ec = co_await impl_->write(std::move(text), true);
  if (ec) throw boost::system::system_error(ec);
}

asio::awaitable<void> raw_peer::send(std::string binary) {
  const auto ec = co_await impl_->write(std::move(binary), false);
  if (ec) throw boost::system::system_error(ec);
}

asio::awaitable<void> raw_peer::try_say(std::string text) { (void)co_await impl_->write(std::move(text), true); }
asio::awaitable<void> raw_peer::try_send(std::string binary) { (void)co_await impl_->write(std::move(binary), false); }

asio::awaitable<heard> raw_peer::hear() {
  heard h;
  const auto result = co_await impl_->stream.async_read(impl_->buffer, as_tuple);
  h.over = static_cast<bool>(std::get<0>(result));
  h.text = impl_->stream.got_text();
  if (!h.over) h.payload = beast::buffers_to_string(impl_->buffer.data());
  impl_->buffer.consume(impl_->buffer.size());
  co_return h;
}

asio::awaitable<delivery::control> raw_peer::hear_control() {
  for (;;) {
    const heard h = co_await hear();
    if (h.over) throw std::runtime_error("the connection ended before a control message came");
    if (!h.text) continue;
    delivery::control c;
    const auto fault = delivery::decode_control(h.payload, c);
    if (!fault.empty()) throw std::runtime_error("not a control message: " + fault + ": " + h.payload);
    co_return c;
  }
}

asio::awaitable<std::string> raw_peer::hear_data() {
  for (;;) {
    const heard h = co_await hear();
    if (h.over) co_return std::string();
    if (h.text) continue;
    delivery::data_head head;
    if (const char* fault = delivery::decode_head(h.payload, head)) throw std::runtime_error(fault);
    co_return std::to_string(head.seq) + ":" + (head.is_void ? "void" : h.payload.substr(head.size));
  }
}

asio::awaitable<ending> raw_peer::hear_end() {
  ending e;
  for (;;) {
    const heard h = co_await hear();
    if (h.over) break;
    delivery::control c;
    const bool control = h.text && delivery::decode_control(h.payload, c).empty();
    const auto* error = control ? std::get_if<delivery::session_error>(&c) : nullptr;
    if (error == nullptr) {
      e.last_received = h.payload;
      continue;
    }
    e.error = error->code;
    e.retry_after = error->retry_after_ms.has_value();
  }
  e.close = impl_->stream.reason().code;
  if (e.close == 0) e.close = 1006;
  co_return e;
}

asio::awaitable<void> raw_peer::close(std::uint16_t code, std::string reason) {
  const websocket::close_reason why(static_cast<websocket::close_code>(code), reason);
  (void)co_await impl_->stream.async_close(why, as_tuple);
}

void raw_peer::reset() {
  auto& socket = impl_->stream.next_layer();
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

delivery::hello hello_of(char origin, std::uint64_t attach, char token) {
  delivery::hello h;
  h.origin = std::string(32, origin);
  h.token = std::string(64, token);
  h.attach = attach;
  return h;
}

std::string data(std::uint64_t seq, std::string_view payload, std::optional<std::uint64_t> ack) {
  delivery::data_head head;
  head.text = true;
  head.seq = seq;
  head.ack = ack;
  char bytes[delivery::max_head_bytes];
  const auto size = delivery::encode_head(head, bytes);
  return std::string(bytes, size) + std::string(payload);
}

std::string void_data(std::uint64_t seq, std::uint64_t count) {
  delivery::data_head head;
  head.is_void = true;
  head.seq = seq;
  head.count = count;
  char bytes[delivery::max_head_bytes];
  const auto size = delivery::encode_head(head, bytes);
  return {bytes, size};
}

asio::awaitable<void> say_hello(raw_peer& p, tcp::endpoint to, delivery::hello h) {
  co_await p.connect(to);
  co_await p.say(delivery::encode(h));
}

asio::awaitable<delivery::welcome> hear_welcome(raw_peer& p) {
  const delivery::control c = co_await p.hear_control();
  if (!std::holds_alternative<delivery::welcome>(c)) throw std::runtime_error("no welcome");
  co_return std::get<delivery::welcome>(c);
}

asio::awaitable<delivery::welcome> open_session(raw_peer& p, tcp::endpoint to, delivery::hello h) {
  co_await say_hello(p, to, std::move(h));
  auto w = co_await hear_welcome(p);
  co_return w;
}

asio::awaitable<delivery::hello> hear_hello(raw_peer& p) {
  const delivery::control c = co_await p.hear_control();
  if (!std::holds_alternative<delivery::hello>(c)) throw std::runtime_error("no hello");
  co_return std::get<delivery::hello>(c);
}

asio::awaitable<void> welcome_new(raw_peer& p, std::string id, delivery::session_window w) {
  delivery::welcome words;
  words.session = std::move(id);
  words.reason = "new";
  words.window = w;
  co_await p.say(delivery::encode(words));
}

}  // namespace session_test
