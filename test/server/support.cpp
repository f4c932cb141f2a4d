// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The tests' common tools.
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace server_test {

namespace {

constexpr auto watchdog = std::chrono::seconds(60);
constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

void run(const body& b, unsigned threads) {
  asio::io_context io;
  std::atomic<bool> done{false};
  std::exception_ptr failure;
  asio::co_spawn(io, b(io), [&](std::exception_ptr e) {
    failure = e;
    done = true;
    io.stop();
  });
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back([&io] { io.run_for(watchdog); });
  io.run_for(watchdog);
  for (auto& t : others) t.join();
  if (!done) throw std::runtime_error("the test hangs");
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> eventually(std::function<bool()> condition) {
  while (!condition()) co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}

void pump(asio::io_context& io, const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + watchdog;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("the test hangs");
    if (io.stopped()) io.restart();
    io.poll();
  }
}

asio::awaitable<void> echo(tautline::link peer) {
  peer.async_run(asio::detached);
  for (;;) {
    auto result = co_await peer.async_receive(as_tuple);
    if (std::get<0>(result)) co_return;
    auto sent = co_await peer.async_send(std::move(std::get<1>(result)), as_tuple);
    if (std::get<0>(sent)) co_return;
  }
}

asio::awaitable<void> serve_echo(tautline::server& s) {
  for (;;) {
    auto result = co_await s.async_accept(as_tuple);
    if (std::get<0>(result)) co_return;
    asio::co_spawn(s.get_executor(), echo(std::move(std::get<1>(result))), asio::detached);
  }
}

asio::awaitable<tautline::link> accepted(tautline::server& s) {
  auto peer = co_await s.async_accept(asio::use_awaitable);
  co_return peer;
}

tautline::options client_options(std::string url) {
  tautline::options o(std::move(url));
  o.backoff.initial = std::chrono::milliseconds(1);
  o.backoff.max = std::chrono::milliseconds(1);
  o.backoff.first_retry_spread = tautline::duration::zero();
  o.session = tautline::session_use::off;
  return o;
}

asio::awaitable<std::string> ask(tautline::link& client, std::string text) {
  tautline::message question(std::move(text));
  co_await client.async_send(std::move(question), asio::use_awaitable);
  auto answer = co_await client.async_receive(asio::use_awaitable);
  co_return answer.take_payload();
}

asio::awaitable<std::string> exchange(tcp::endpoint to, std::string request) {
  auto socket = co_await connected(to);
  co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
  auto answer = co_await read_all(socket);
  co_return answer;
}

asio::awaitable<std::string> read_all(tcp::socket& socket) {
  std::string all;
  co_await asio::async_read(socket, asio::dynamic_buffer(all), as_tuple);
  co_return all;
}

asio::awaitable<tcp::socket> connected(tcp::endpoint to) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(to, asio::use_awaitable);
  co_return socket;
}

std::string upgrade_text(std::string_view more_headers, std::string_view target) {
  std::string text = "GET ";
  text += target;
  text +=
      " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  text += more_headers;
  return text + "\r\n";
}

void reset(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace server_test
