// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Session mode when the worst happens: the server books an order and dies before it has acknowledged
// it. The client is told by `session_reset` that the outcome of one message is uncertain, and sends it
// again; the server recognises it by its id.
#include <tautline/tautline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <set>
#include <string>
#include <utility>

namespace asio = boost::asio;

// What a crash does not take: in a real program a table, with a unique index over both columns.
using ledger = std::set<std::pair<std::string, std::uint64_t>>;

// Returns when the link has ended, or where this "process" is killed.
asio::awaitable<void> book_orders(tautline::link& peer, ledger& booked) {
  for (;;) {
    tautline::error_code ec;
    const tautline::message order = co_await peer.async_receive(asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    const tautline::message_id id = order.id();
    const bool is_new = booked.emplace(id.origin, id.seq).second;
    std::cout << (is_new ? "booked " : "not booked again: ") << order.payload() << '\n';
    if (is_new && order.payload() == "order 2") co_return;  // kill -9
    order.acknowledge();                                    // now the sender may forget it
  }
}

// One life of the server. The sessions are in its memory and end with it.
asio::awaitable<void> live(std::uint16_t& port, ledger& booked) {
  tautline::server_options opts;
  opts.link.delivery.responsibility = tautline::responsibility::manual;
  tautline::server server(co_await asio::this_coro::executor, std::move(opts));
  if (const auto ec = server.listen()) throw boost::system::system_error(ec);
  port = server.local_endpoint().port();
  tautline::link peer = co_await server.async_accept(asio::use_awaitable);
  peer.async_run(asio::detached);
  co_await book_orders(peer, booked);
}

asio::awaitable<void> run_server(std::uint16_t& port, ledger& booked) {
  co_await live(port, booked);
  std::cout << "the server starts again\n";
  co_await live(port, booked);
}

// Asked before every attempt, because the server comes back on another port.
asio::awaitable<tautline::target> where_to(const std::uint16_t& port) {
  co_return tautline::target("ws://127.0.0.1:" + std::to_string(port) + "/");
}

asio::awaitable<void> place_orders(tautline::link& link) {
  for (int n = 1; n <= 3; ++n)
    co_await link.async_send("order " + std::to_string(n), tautline::stage::delivered, asio::use_awaitable);
  co_await link.async_close(asio::use_awaitable);
}

asio::awaitable<void> watch(tautline::link& link) {
  for (;;) {
    tautline::error_code ec;
    const tautline::event e = co_await link.async_next_event(asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    if (e.kind != tautline::event_kind::session_reset) continue;
    std::cout << "session reset: " << e.certain << " certain, " << e.uncertain << " uncertain, "
              << (e.lost ? std::to_string(*e.lost) : "an unknown number") << " lost on the way here\n";
  }
}

int main() {
  try {
    asio::io_context io;
    std::uint16_t port = 0;
    ledger booked;
    const auto rethrow = [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    };
    asio::co_spawn(io, run_server(port, booked), rethrow);
    io.poll();  // it listens

    tautline::options opts;
    opts.provider = [&port](const tautline::attempt_info&) { return where_to(port); };
    opts.session = tautline::session_use::require;  // without ids this program makes no sense
    opts.backoff.initial = std::chrono::milliseconds(50);
    tautline::link link(io.get_executor(), std::move(opts));
    link.async_run([&](tautline::error_code ec) {
      if (ec) std::cerr << "the link ended: " << link.status().why.describe() << '\n';
    });
    asio::co_spawn(io, watch(link), rethrow);
    asio::co_spawn(io, place_orders(link), rethrow);
    io.run();
    std::cout << "delivered " << link.metrics().delivered << ", booked " << booked.size() << '\n';
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
