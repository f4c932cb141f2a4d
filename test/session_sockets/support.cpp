// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

namespace session_sockets {
namespace {

constexpr auto watchdog = std::chrono::seconds(120);
constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> read_events(end_point& e) {
  for (;;) {
    auto result = co_await e.l.async_next_event(as_tuple);
    if (std::get<0>(result)) co_return;
    e.events.push_back(std::move(std::get<1>(result)));
  }
}

asio::awaitable<void> read_messages(end_point& e) {
  while (!e.received) co_await e.take_one();
}

asio::awaitable<void> accept_all(site& here) {
  for (;;) {
    auto result = co_await here.s->async_accept(as_tuple);
    if (std::get<0>(result)) co_return;
    auto& peer = here.peers.emplace_back(std::move(std::get<1>(result)));
    if (here.on_peer) here.on_peer(peer);
    peer.start();
    if (here.consumes) peer.consume();
  }
}

}  // namespace

void run(const body& b) {
  asio::io_context io;
  bool done = false;
  std::exception_ptr failure;
  asio::co_spawn(io, b(io), [&](std::exception_ptr e) {
    failure = e;
    done = true;
    io.stop();
  });
  io.run_for(watchdog);
  if (!done) throw std::runtime_error("the test hangs");
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> eventually(std::function<bool()> condition) {
  while (!condition()) co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}

options client_options(std::string url) {
  options o(std::move(url));
  o.backoff.initial = 1ms;
  o.backoff.max = 5ms;
  o.backoff.first_retry_spread = duration::zero();
  o.backoff.max_attempts = unlimited;
  o.session = session_use::require;
  return o;
}

std::string url_of(const tcp::endpoint& e) { return "ws://127.0.0.1:" + std::to_string(e.port()); }

std::vector<std::string> numbers(int first, int last) {
  std::vector<std::string> all;
  for (int i = first; i <= last; ++i) all.push_back(std::to_string(i));
  return all;
}

void end_point::start() {
  l.async_run([this](error_code ec) { ended = ec; });
  asio::co_spawn(l.get_executor(), read_events(*this), asio::detached);
}

void end_point::consume() { asio::co_spawn(l.get_executor(), read_messages(*this), asio::detached); }

asio::awaitable<void> end_point::take_one() {
  auto result = co_await l.async_receive(as_tuple);
  if (std::get<0>(result)) {
    received = std::get<0>(result);
    co_return;
  }
  message m = std::move(std::get<1>(result));
  if (echoes) {
    message answer(m.kind(), std::string(m.payload()));
    co_await l.async_send(std::move(answer), as_tuple);
  }
  note(std::move(m));
}

void end_point::note(message m) {
  got.emplace_back(m.payload());
  ids.push_back(m.id().seq);
  origins.emplace_back(m.id().origin);
  if (keeps) kept.push_back(std::move(m));
}

receipt end_point::send(const std::string& text) {
  receipt r;
  if (const auto ec = l.try_send(message(text), r)) throw boost::system::system_error(ec);
  return r;
}

void end_point::send_numbers(int first, int last) {
  for (const auto& n : numbers(first, last)) (void)send(n);
}

std::size_t end_point::count(event_kind k) const {
  return static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(), [k](const event& e) { return e.kind == k; }));
}

const event& end_point::last(event_kind k) const {
  const auto found = std::find_if(events.rbegin(), events.rend(), [k](const event& e) { return e.kind == k; });
  if (found == events.rend()) throw std::runtime_error("no such event");
  return *found;
}

site::site(asio::io_context& c, server_options o) : io(c), s(std::in_place, c.get_executor(), std::move(o)) {}

void site::open() {
  if (const auto ec = s->listen()) throw boost::system::system_error(ec);
  asio::co_spawn(io, accept_all(*this), asio::detached);
}

void site::crash() {
  s.reset();
  for (auto& p : peers) p.l = link();
}

std::vector<std::string> site::got() const {
  std::vector<std::string> all;
  for (const auto& p : peers) all.insert(all.end(), p.got.begin(), p.got.end());
  return all;
}

}  // namespace session_sockets
