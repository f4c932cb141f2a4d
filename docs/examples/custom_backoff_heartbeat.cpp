// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A backoff and a heartbeat of one's own: the delays follow a formula of the program, and the peer is
// asked in the application's own words because it sits behind a gateway that answers pings itself.
// Usage: custom_backoff_heartbeat. It talks to a server of its own, which refuses two attempts.
#include <tautline/tautline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Linear: 40 ms more with every failure, at most 2 s, each spread over its upper half. After a stable
// connection the next attempt comes soon. `random` is drawn by the link for this call.
tautline::duration my_delay(const tautline::backoff_input& in) {
  if (in.was_stable) return std::chrono::duration_cast<tautline::duration>(in.random * 50ms);
  const auto whole = std::min<tautline::duration>(in.failures * 40ms, 2s);
  return whole / 2 + std::chrono::duration_cast<tautline::duration>(in.random * (whole / 2));
}

tautline::message make_ping(std::uint64_t id) { return "are you there? " + std::to_string(id); }

// The id of the ping that is answered; nothing for a message that is meant for the application.
std::optional<std::uint64_t> read_pong(const tautline::message& m) {
  constexpr std::string_view prefix = "yes ";
  if (!m.payload().starts_with(prefix)) return std::nullopt;
  return std::strtoull(std::string(m.payload().substr(prefix.size())).c_str(), nullptr, 10);
}

tautline::options my_options(const std::string& url) {
  tautline::options opts(url);
  opts.backoff.custom = my_delay;
  opts.session = tautline::session_use::off;  // a session has a heartbeat of its own
  opts.heartbeat.kind = tautline::heartbeat_kind::custom;
  opts.heartbeat.codec.make_ping = make_ping;
  opts.heartbeat.codec.read_pong = read_pong;
  opts.heartbeat.interval = 50ms;  // for the demonstration; seconds in earnest
  opts.heartbeat.timeout = 2s;
  return opts;
}

asio::awaitable<void> print_events(tautline::link& link) {
  for (;;) {
    const tautline::event e = co_await link.async_next_event(asio::use_awaitable);
    if (e.kind == tautline::event_kind::down) std::cout << "down: " << e.why.describe() << '\n';
    if (e.kind == tautline::event_kind::up) std::cout << "up at attempt " << e.status.attempt << '\n';
  }
}

asio::awaitable<void> talk(tautline::link& link, bool& worked) {
  const tautline::message m = co_await link.async_receive(asio::use_awaitable);
  std::cout << "received: " << m.payload() << '\n';
  const tautline::status s = link.status();
  std::cout << "pongs: " << link.metrics().pongs << ", round trip known: " << std::boolalpha << s.round_trip.has_value()
            << '\n';
  worked = s.attempt == 3 && s.round_trip && link.metrics().pongs >= 3;
  co_await link.async_close(asio::use_awaitable);
}

// The other end: answers questions, and after the fourth has something to say.
asio::awaitable<void> answer_one(tautline::server& server) {
  tautline::link peer = co_await server.async_accept(asio::use_awaitable);
  server.cancel();
  peer.async_run(asio::detached);
  for (int asked = 1;; ++asked) {
    const tautline::message question = co_await peer.async_receive(asio::use_awaitable);
    const auto id = question.payload().substr(question.payload().rfind(' ') + 1);
    co_await peer.async_send("yes " + std::string(id), asio::use_awaitable);
    if (asked == 4) co_await peer.async_send("enough questions", asio::use_awaitable);
  }
}

asio::awaitable<tautline::authorization> admit(int& attempts) {
  if (++attempts < 3) co_return tautline::authorization::refuse(500, "not ready\n");
  co_return tautline::authorization::accept();
}

int main() {
  try {
    asio::io_context io;
    int attempts = 0;
    tautline::server_options server_opts;
    server_opts.authorize = [&](const tautline::upgrade_request&) { return admit(attempts); };
    tautline::server server(io.get_executor(), std::move(server_opts));
    if (const auto ec = server.listen()) throw boost::system::system_error(ec);
    asio::co_spawn(io, answer_one(server), asio::detached);

    tautline::link link(io.get_executor(), my_options(server.url()));
    bool worked = false;
    asio::co_spawn(io, print_events(link), asio::detached);
    asio::co_spawn(io, talk(link, worked), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
    link.async_run(asio::detached);
    io.run();
    return worked ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
