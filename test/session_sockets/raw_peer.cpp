// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Beast's client role.
#include "raw_peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <utility>

namespace session_sockets {

namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

std::uint64_t read_varint(std::string_view bytes, std::size_t& at) {
  std::uint64_t n = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto b = static_cast<unsigned char>(bytes.at(at++));
    n |= static_cast<std::uint64_t>(b & 0x7fU) << shift;
    if ((b & 0x80U) == 0) return n;
  }
}

}  // namespace

std::string varint(std::uint64_t n) {
  std::string out;
  for (; n > 127; n >>= 7) out += static_cast<char>((n & 0x7fU) | 0x80U);
  return out + static_cast<char>(n);
}

std::string data(std::uint64_t seq, std::string_view payload, unsigned flags) {
  return static_cast<char>(flags) + varint(seq) + std::string(payload);
}

hello_words::hello_words(char origin_digit, std::uint64_t attach) {
  json["type"] = "hello";
  json["version"] = 1;
  json["origin"] = std::string(32, origin_digit);
  json["token"] = std::string(64, origin_digit);
  json["attach"] = attach;
  json["resume"] = "allowed";
  json["recv"] = 0;
  json["from"] = 1;
}

std::string hello_words::text() const { return json::serialize(json); }

struct raw_peer::impl {
  explicit impl(const asio::any_io_executor& executor) : stream(executor) {}
  websocket::stream<tcp::socket> stream;
  beast::flat_buffer buffer;
};

raw_peer::raw_peer(const asio::any_io_executor& executor) : impl_(std::make_unique<impl>(executor)) {}
raw_peer::raw_peer(raw_peer&&) noexcept = default;
raw_peer& raw_peer::operator=(raw_peer&&) noexcept = default;
raw_peer::~raw_peer() = default;

asio::awaitable<void> raw_peer::connect(tcp::endpoint to) {
  auto& stream = impl_->stream;
  co_await stream.next_layer().async_connect(to, asio::use_awaitable);
  auto decorate = [](websocket::request_type& r) { r.set(http::field::sec_websocket_protocol, "tautline.v1"); };
  stream.set_option(websocket::stream_base::decorator(std::move(decorate)));
  websocket::response_type response;
  const std::string host = "localhost";
  const std::string target = "/";
  co_await stream.async_handshake(response, host, target, asio::use_awaitable);
  if (response[http::field::sec_websocket_protocol] != "tautline.v1") throw std::runtime_error("not chosen");
}

asio::awaitable<json::object> raw_peer::attach(tcp::endpoint to, hello_words h) {
  co_await connect(to);
  co_await say(h.text());
  const auto answer = co_await next();
  auto words = json::parse(answer).as_object();
  if (words.at("type").as_string() != "welcome") throw std::runtime_error(answer);
  co_return words;
}

asio::awaitable<void> raw_peer::say(std::string text) {
  impl_->stream.text(true);
  co_await impl_->stream.async_write(asio::buffer(text), as_tuple);
}

asio::awaitable<void> raw_peer::send(std::string bytes) {
  impl_->stream.binary(true);
  co_await impl_->stream.async_write(asio::buffer(bytes), as_tuple);
}

asio::awaitable<std::string> raw_peer::next() {
  co_await impl_->stream.async_read(impl_->buffer, asio::use_awaitable);
  auto whole = beast::buffers_to_string(impl_->buffer.data());
  impl_->buffer.consume(impl_->buffer.size());
  co_return whole;
}

bool raw_peer::last_was_text() const { return impl_->stream.got_text(); }

asio::awaitable<json::object> raw_peer::next_control(std::string type) {
  for (;;) {
    const auto text = co_await next();
    if (!last_was_text()) continue;
    auto words = json::parse(text).as_object();
    if (words.at("type").as_string() == type) co_return words;
  }
}

asio::awaitable<raw_peer::data_message> raw_peer::next_data() {
  for (;;) {
    const auto bytes = co_await next();
    if (last_was_text()) continue;
    data_message d;
    std::size_t at = 1;
    d.seq = read_varint(bytes, at);
    if ((static_cast<unsigned char>(bytes.at(0)) & 2U) != 0) (void)read_varint(bytes, at);
    d.payload = bytes.substr(at);
    co_return d;
  }
}

asio::awaitable<raw_peer::ending> raw_peer::until_closed() {
  ending e;
  for (;;) {
    const auto result = co_await impl_->stream.async_read(impl_->buffer, as_tuple);
    const auto ec = std::get<0>(result);
    const auto whole = beast::buffers_to_string(impl_->buffer.data());
    impl_->buffer.consume(impl_->buffer.size());
    if (ec) {
      // The close frame may be read, and its answer then meet a socket that is closed already.
      const std::uint16_t code = impl_->stream.reason().code;
      e.close = code != websocket::close_code::none ? code : std::uint16_t{1006};
      co_return e;
    }
    if (!last_was_text()) continue;
    auto words = json::parse(whole).as_object();
    if (words.at("type").as_string() != "error") continue;
    e.error = words.at("code").as_string().c_str();
    e.words = std::move(words);
  }
}

}  // namespace session_sockets
