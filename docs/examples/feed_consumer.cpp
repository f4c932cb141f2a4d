// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Follows a feed of JSON messages: reads them in batches, fails over between endpoints, and renews
// its subscriptions on every new connection. A subscription has a key, so that a newer one takes the
// place of one that still waits in the queue.
// Usage: feed_consumer [URL...]. Without a URL it follows a feed of its own, which breaks once.
// Out: {"subscribe":"EURUSD"}   In: {"symbol":"EURUSD","price":1.5}
#include <tautline/tautline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t wanted = 1000;

// The peer knows nothing of us on a new connection: tell it what we want each time one comes up.
asio::awaitable<void> keep_subscribed(tautline::link& link, const std::vector<std::string>& symbols) {
  for (;;) {
    const tautline::event e = co_await link.async_next_event(asio::use_awaitable);
    if (e.kind == tautline::event_kind::down) std::cout << "down: " << e.why.describe() << '\n';
    if (e.kind != tautline::event_kind::up) continue;
    std::cout << "up: " << e.status.endpoint << '\n';
    for (const auto& symbol : symbols) {
      json::object request;
      request["subscribe"] = symbol;
      tautline::message m = tautline::message::json(request);
      m.key("subscribe " + symbol);
      co_await link.async_send(std::move(m), asio::use_awaitable);
    }
  }
}

asio::awaitable<void> consume(tautline::link& link) {
  std::map<std::string, double> prices;
  for (std::size_t ticks = 0; ticks < wanted;) {
    const std::vector<tautline::message> batch = co_await link.async_receive_batch(256, asio::use_awaitable);
    for (const auto& m : batch) {
      tautline::error_code ec;
      const json::value tick = m.as_json(ec);
      if (ec) continue;  // not JSON: not ours
      prices[json::value_to<std::string>(tick.at("symbol"))] = tick.at("price").to_number<double>();
      ++ticks;
    }
  }
  for (const auto& [symbol, price] : prices) std::cout << symbol << ' ' << price << '\n';
  co_await link.async_close(asio::use_awaitable);
  std::cout << "followed the feed across " << link.metrics().reconnects << " reconnect(s)\n";
}

// The feed. Its first connection breaks after half of what the consumer wants.
asio::awaitable<void> publish(tautline::link peer, std::size_t ticks) {
  peer.async_run(asio::detached);
  std::vector<std::string> symbols;
  while (symbols.size() < 2) {
    const tautline::message request = co_await peer.async_receive(asio::use_awaitable);
    symbols.push_back(json::value_to<std::string>(request.as_json().at("subscribe")));
  }
  for (std::size_t i = 0; i < ticks; ++i) {
    json::object tick;
    tick["symbol"] = symbols[i % 2];
    tick["price"] = 1.0 + 0.5 * static_cast<double>(i % 2);
    const tautline::stage until = i + 1 == ticks ? tautline::stage::delivered : tautline::stage::queued;
    co_await peer.async_send(tautline::message::json(tick), until, asio::use_awaitable);
  }
  peer.cancel();
}

asio::awaitable<void> serve(tautline::server& server) {
  for (std::size_t ticks = wanted / 2;; ticks = 2 * wanted) {
    tautline::link peer = co_await server.async_accept(asio::use_awaitable);
    const auto executor = peer.get_executor();  // before it is moved
    asio::co_spawn(executor, publish(std::move(peer), ticks), asio::detached);
  }
}

int main(int argc, char* argv[]) {
  try {
    asio::io_context io;
    tautline::server server(io.get_executor(), tautline::server_options());
    tautline::options opts;
    opts.endpoints.assign(argv + 1, argv + argc);
    if (argc < 2) {
      if (const auto ec = server.listen()) throw boost::system::system_error(ec);
      asio::co_spawn(io, serve(server), asio::detached);
      opts.endpoints = {"ws://127.0.0.1:1/nobody-listens-here", server.url()};
      opts.backoff.initial = std::chrono::milliseconds(50);
    }
    tautline::link link(io.get_executor(), std::move(opts));
    const std::vector<std::string> symbols = {"EURUSD", "EURCHF"};
    asio::co_spawn(io, keep_subscribed(link, symbols), asio::detached);
    asio::co_spawn(io, consume(link), [&](std::exception_ptr failure) {
      server.cancel();
      if (failure) std::rethrow_exception(failure);
    });
    link.async_run(asio::detached);
    io.run();
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
