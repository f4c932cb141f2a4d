// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Beast's server role.
#include "raw_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>

#include <string_view>
#include <utility>

namespace session_sockets {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

raw_server::raw_server(asio::io_context& io, habit h)
    : io_(io), habit_(h), acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  asio::co_spawn(io, accept_all(), asio::detached);
}

std::string raw_server::url() const { return "ws://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

asio::awaitable<void> raw_server::accept_all() {
  for (;;) {
    auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
    ++connections;
    asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> raw_server::serve(tcp::socket socket) {
  beast::flat_buffer buffer;
  http::request<http::string_body> request;
  co_await http::async_read(socket, buffer, request, asio::use_awaitable);
  const std::string_view offered(request[http::field::sec_websocket_protocol].data(),
                                 request[http::field::sec_websocket_protocol].size());
  const bool chosen = offered.starts_with("tautline.v1");
  websocket::stream<tcp::socket> stream(std::move(socket));
  if (chosen) {
    auto decorate = [](websocket::response_type& r) { r.set(http::field::sec_websocket_protocol, "tautline.v1"); };
    stream.set_option(websocket::stream_base::decorator(std::move(decorate)));
  }
  co_await stream.async_accept(request, asio::use_awaitable);
  for (;;) {
    const auto result = co_await stream.async_read(buffer, as_tuple);
    if (std::get<0>(result)) co_return;
    const auto whole = beast::buffers_to_string(buffer.data());
    buffer.consume(buffer.size());
    (chosen ? spoken_to : plain).push_back(whole);
    if (habit_ == habit::silent) continue;
    stream.text(stream.got_text());
    co_await stream.async_write(asio::buffer(whole), as_tuple);
  }
}

}  // namespace session_sockets
