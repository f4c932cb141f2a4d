// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A worker that reports results and, on SIGTERM or SIGINT, ends without losing one: it takes no more
// work, waits until all that it sent is delivered, and closes.
// Usage: worker [URL]. Without a URL it reports to a server of its own and sends itself a SIGTERM.
#include <tautline/tautline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace asio = boost::asio;

asio::awaitable<void> work(tautline::link& link, int stop_after) {
  asio::steady_timer pause(link.get_executor());
  for (int n = 1;; ++n) {
    tautline::error_code ec;
    co_await link.async_send("result " + std::to_string(n), asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;  // errc::closing: `shut_down` has begun
    if (n == 1) std::cout << "working" << std::endl;
    if (n == stop_after) std::raise(SIGTERM);
    pause.expires_after(std::chrono::milliseconds(5));
    co_await pause.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> shut_down(tautline::link& link, bool& clean) {
  asio::signal_set signals(link.get_executor(), SIGTERM, SIGINT);
  co_await signals.async_wait(asio::use_awaitable);
  std::cout << "draining" << std::endl;

  // From here on sends end with errc::closing; what was taken has `drain_timeout` to be delivered.
  tautline::error_code ec;
  co_await link.async_close(asio::redirect_error(asio::use_awaitable, ec));

  // If that was not long enough, the rest is handed back: a real worker would put it on disk.
  const std::vector<tautline::message> rest = link.take_undelivered();
  for (const auto& m : rest) std::cerr << "not delivered: " << m.payload() << '\n';
  std::cout << "delivered " << link.metrics().delivered << " of " << link.metrics().sent << '\n';
  clean = !ec && rest.empty();
}

// The other end: takes everything in.
asio::awaitable<void> take_from_one(tautline::server& server) {
  tautline::link peer = co_await server.async_accept(asio::use_awaitable);
  server.cancel();
  peer.async_run(asio::detached);
  for (;;) (void)co_await peer.async_receive_batch(100, asio::use_awaitable);
}

int main(int argc, char* argv[]) {
  try {
    asio::io_context io;
    tautline::server server(io.get_executor(), tautline::server_options());
    tautline::options opts;
    if (argc > 1) {
      opts.endpoints.emplace_back(argv[1]);
      opts.backoff.max_attempts = tautline::unlimited;
    } else {
      if (const auto ec = server.listen()) throw boost::system::system_error(ec);
      asio::co_spawn(io, take_from_one(server), asio::detached);
      opts.endpoints.push_back(server.url());
    }
    opts.drain_timeout = std::chrono::seconds(10);

    tautline::link link(io.get_executor(), std::move(opts));
    bool clean = false;
    asio::co_spawn(io, work(link, argc > 1 ? 0 : 50), asio::detached);
    asio::co_spawn(io, shut_down(link, clean), asio::detached);
    link.async_run([&](tautline::error_code ec) {
      if (!ec) return;
      std::cerr << "the link ended: " << link.status().why.describe() << '\n';
      io.stop();
    });
    io.run();
    return clean ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
