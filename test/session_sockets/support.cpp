// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The tests' common tools.
#include "support.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace session_test {
namespace {

constexpr auto watchdog = std::chrono::minutes(5);

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

options client_options(std::string url) {
  options o(std::move(url));
  o.backoff.initial = 1ms;
  o.backoff.max = 2ms;
  o.backoff.first_retry_spread = duration::zero();
  o.backoff.max_attempts = unlimited;
  o.max_queued_events = 100'000;
  return o;
}

server_options quick_server() {
  server_options o;
  o.link.max_queued_events = 100'000;
  return o;
}

std::string url_of(const tcp::endpoint& e, const char* scheme) {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(e.port());
}

std::unique_ptr<server> listening(asio::io_context& io, server_options o) {
  auto s = std::make_unique<server>(io.get_executor(), std::move(o));
  if (const auto ec = s->listen()) throw boost::system::system_error(ec);
  return s;
}

std::unique_ptr<testing::fault_proxy> proxy_to(asio::io_context& io, const tcp::endpoint& target) {
  const tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
  return std::make_unique<testing::fault_proxy>(io.get_executor(), any, target);
}

running::running(asio::io_context& io, options o) : it(io.get_executor(), std::move(o)) { start(); }
running::running(link accepted) : it(std::move(accepted)) { start(); }

void running::start() {
  it.async_run([end = end](error_code ec) { *end = ec; });
}

asio::awaitable<std::unique_ptr<running>> accepted(server& s) {
  link peer = co_await s.async_accept(asio::use_awaitable);
  co_return std::make_unique<running>(std::move(peer));
}

asio::awaitable<void> echo(std::unique_ptr<running> peer) {
  for (;;) {
    auto got = co_await peer->it.async_receive(as_tuple);
    if (std::get<0>(got)) co_return;
    message back(std::get<1>(got).kind(), std::get<1>(got).take_payload());
    const auto sent = co_await peer->it.async_send(std::move(back), as_tuple);
    if (std::get<0>(sent)) co_return;
  }
}

asio::awaitable<void> serve_echo(server& s) {
  for (;;) {
    auto result = co_await s.async_accept(as_tuple);
    if (std::get<0>(result)) co_return;
    asio::co_spawn(s.get_executor(), echo(std::make_unique<running>(std::move(std::get<1>(result)))), asio::detached);
  }
}

asio::awaitable<void> connected(running& r) { co_await r.it.async_wait(link_state::connected, asio::use_awaitable); }

asio::awaitable<event> next(running& r, event_kind kind) {
  auto all = co_await events_until(r, kind);
  co_return all.back();
}

asio::awaitable<std::vector<event>> events_until(running& r, event_kind kind) {
  std::vector<event> all;
  for (;;) {
    event e = co_await r.it.async_next_event(asio::use_awaitable);
    all.push_back(std::move(e));
    if (all.back().kind == kind) co_return all;
  }
}

asio::awaitable<void> send(running& r, std::string text) {
  message m(std::move(text));
  (void)co_await r.it.async_send(std::move(m), asio::use_awaitable);
}

asio::awaitable<std::string> receive(running& r) {
  message m = co_await r.it.async_receive(asio::use_awaitable);
  co_return m.take_payload();
}

asio::awaitable<void> send_numbers(running& r, int first, int last) {
  for (int i = first; i <= last; ++i) co_await send(r, std::to_string(i));
}

asio::awaitable<bool> receives_numbers(running& r, int first, int last) {
  for (int i = first; i <= last; ++i) {
    const auto text = co_await receive(r);
    if (text != std::to_string(i)) co_return false;
  }
  co_return true;
}

asio::awaitable<std::string> ask(running& r, std::string text) {
  co_await send(r, std::move(text));
  auto answer = co_await receive(r);
  co_return answer;
}

}  // namespace session_test
