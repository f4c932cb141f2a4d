// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Beast's client role; the only unit of these tests that pays for it.
#include "raw_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket.hpp>

#include <utility>

namespace server_test {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

std::string upgrade_answer::find(std::string_view name) const {
  for (const auto& h : headers)
    if (beast::iequals({h.name.data(), h.name.size()}, {name.data(), name.size()})) return h.value;
  return {};
}

struct raw_client::impl {
  explicit impl(const asio::any_io_executor& executor) : stream(executor) {}
  websocket::stream<tcp::socket> stream;
  beast::flat_buffer buffer;
};

raw_client::raw_client(const asio::any_io_executor& executor) : impl_(std::make_unique<impl>(executor)) {}
raw_client::raw_client(raw_client&&) noexcept = default;
raw_client& raw_client::operator=(raw_client&&) noexcept = default;
raw_client::~raw_client() = default;

asio::awaitable<upgrade_answer> raw_client::upgrade(tcp::endpoint to, std::vector<tautline::header> headers) {
  auto& stream = impl_->stream;
  co_await stream.next_layer().async_connect(to, asio::use_awaitable);
  auto decorate = [&headers](websocket::request_type& request) {
    for (const auto& h : headers) request.set(h.name, h.value);
  };
  stream.set_option(websocket::stream_base::decorator(std::move(decorate)));
  websocket::response_type response;
  const std::string host = "localhost";
  const std::string target = "/";
  co_await stream.async_handshake(response, host, target, as_tuple);
  upgrade_answer answer;
  answer.status = response.result_int();
  answer.body = response.body();
  for (const auto& f : response) {
    const auto name = f.name_string();
    const auto value = f.value();
    answer.headers.emplace_back(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  co_return answer;
}

asio::awaitable<void> raw_client::send(std::string text) {
  co_await impl_->stream.async_write(asio::buffer(text), asio::use_awaitable);
}

asio::awaitable<std::string> raw_client::receive() {
  co_await impl_->stream.async_read(impl_->buffer, asio::use_awaitable);
  auto text = beast::buffers_to_string(impl_->buffer.data());
  impl_->buffer.consume(impl_->buffer.size());
  co_return text;
}

asio::awaitable<std::uint16_t> raw_client::wait_for_close() {
  for (;;) {
    const auto result = co_await impl_->stream.async_read(impl_->buffer, as_tuple);
    const auto ec = std::get<0>(result);
    impl_->buffer.consume(impl_->buffer.size());
    if (ec == websocket::error::closed) co_return impl_->stream.reason().code;
    if (ec) co_return std::uint16_t{1006};
  }
}

asio::awaitable<void> raw_client::close() {
  const websocket::close_reason reason(websocket::close_code::normal);
  co_await impl_->stream.async_close(reason, asio::use_awaitable);
}

void raw_client::reset() {
  auto& socket = impl_->stream.next_layer();
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace server_test
