// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "ends.hpp"

#include "transport/random_bytes.hpp"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <exception>
#include <sstream>
#include <stdexcept>

namespace conformance {

void run(const std::function<asio::awaitable<void>(asio::io_context&)>& test) {
  asio::io_context io(1);
  std::exception_ptr thrown;
  bool ended = false;
  asio::co_spawn(io, test(io), [&](std::exception_ptr e) {
    thrown = e;
    ended = true;
    io.stop();
  });
  io.run_for(std::chrono::seconds(20));
  if (!ended) throw std::runtime_error("the case hangs");
  if (thrown) std::rethrow_exception(thrown);
}

asio::awaitable<void> eventually(std::function<bool()> condition) {
  while (!condition()) co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}

asio::awaitable<void> write(tcp::socket& to, std::string text) {
  // Who has gone reads nothing.
  (void)co_await asio::async_write(to, asio::buffer(text), as_tuple);
}

asio::awaitable<std::string> read_head(tcp::socket& from) {
  std::string head;
  // Not a byte of what stands behind it.
  while (!head.ends_with("\r\n\r\n")) {
    char next = 0;
    const auto got = co_await from.async_read_some(asio::buffer(&next, 1), as_tuple);
    if (std::get<0>(got)) break;
    head += next;
  }
  co_return head;
}

std::string field_of(const std::string& head, const std::string& name) {
  std::istringstream lines(head);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    if (boost::algorithm::to_lower_copy(line.substr(0, colon)) != boost::algorithm::to_lower_copy(name)) continue;
    return boost::algorithm::trim_copy(line.substr(colon + 1));
  }
  return {};
}

std::string upgrade_request_with(const std::string& more_headers) {
  return "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 13\r\n" +
         more_headers + "\r\n";
}

std::string upgrade_answer_to(const std::string& request, const std::string& more_headers) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         tautline::transport::websocket_accept(field_of(request, "Sec-WebSocket-Key")) + "\r\n" + more_headers + "\r\n";
}

tautline::options client_options(const tcp::endpoint& to) {
  tautline::options o("ws://127.0.0.1:" + std::to_string(to.port()));
  o.session = tautline::session_use::off;
  o.heartbeat.kind = tautline::heartbeat_kind::none;
  o.classify = [](const tautline::cause&) { return tautline::verdict::fatal; };
  return o;
}

tautline::server_options server_options() {
  tautline::server_options o;
  o.session = false;
  o.link.heartbeat.kind = tautline::heartbeat_kind::none;
  return o;
}

}  // namespace conformance
