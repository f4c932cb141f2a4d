// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Messages per second, one way, from a client's try_send to the receiving application in another
// process, both ends tautline, each message confirmed: by a pong barrier (plain), or by the peer (session).
//   bench_throughput [--who=plain|session] [--size=64] [--rounds=3] [--json]; without: all in turns
#include <tautline/tautline.hpp>

#include "report.hpp"
#include "service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/core.h>

#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

void run_server(int fd) {
  tautline::server_options o;
  o.link.inbox.max_messages = 100'000;
  o.link.inbox.max_bytes = std::size_t{64} * 1024 * 1024;
  bench::run_service(o, fd, bench::sink);
}

// Sends as fast as the queue takes messages; waits for room where it does not.
asio::awaitable<void> pump(tautline::link& l, long total, std::size_t size) {
  const std::string payload(size, 'x');
  for (long sent = 0; sent < total;) {
    int burst = 0;
    for (; burst < 1000 && sent < total; ++burst, ++sent)
      if (l.try_send(tautline::message(payload))) break;
    if (sent == total) break;
    if (burst == 1000) {
      co_await asio::post(asio::use_awaitable);
      continue;
    }
    auto waited = co_await l.async_send(tautline::message(payload), quiet);
    if (std::get<0>(waited)) co_return;
    ++sent;
  }
}

struct result {
  double rate = 0, cpu = 0;  ///< millions a second, seconds a million
};

result measure(std::uint16_t port, bool session, long total, std::size_t size) {
  asio::io_context io(1);
  tautline::options o("ws://127.0.0.1:" + std::to_string(port));
  o.session = session ? tautline::session_use::require : tautline::session_use::off;
  tautline::link l(io.get_executor(), o);
  l.async_run([](error_code) {});
  bool up = false;
  l.async_wait(tautline::link_state::connected, [&](error_code) { up = true; });
  while (!up) io.run_one();
  const auto cpu = bench::cpu_seconds();
  const auto start = bench::clock::now();
  asio::co_spawn(io, pump(l, total, size), asio::detached);
  while (l.metrics().delivered < static_cast<std::uint64_t>(total)) io.run_one();
  const double seconds = bench::seconds_since(start);
  const double used = bench::cpu_seconds() - cpu;
  l.async_close([](error_code) {});
  io.run();
  const auto n = static_cast<double>(total);
  return {n / seconds / 1e6, used / n * 1e6};
}

}  // namespace

int main(int argc, char** argv) {
  const bench::child server(&run_server);
  const auto port = server.read<std::uint16_t>();
  const bench::arguments args(argc, argv);
  const auto only_who = args.value("--who");
  const auto only_size = static_cast<std::size_t>(args.number("--size", 0));
  const auto share = static_cast<double>(args.number("--percent", 100)) / 100;
  const std::pair<std::size_t, long> sizes[] = {{64, 5'000'000}, {1024, 1'000'000}, {16 * 1024, 100'000}};
  for (const auto& [size, total] : sizes) {
    if (only_size != 0 && only_size != size) continue;
    std::vector<double> rates[2], cpu[2];
    for (long round = 0; round < args.number("--rounds", 3); ++round)
      for (const bool session : {false, true}) {
        if (!only_who.empty() && (only_who == "session") != session) continue;
        const auto r = measure(port, session, static_cast<long>(static_cast<double>(total) * share), size);
        rates[session ? 1 : 0].push_back(r.rate);
        cpu[session ? 1 : 0].push_back(r.cpu);
      }
    const auto name = "both ends tautline " + std::to_string(size) + " B";
    for (const bool session : {false, true}) {
      if (rates[session ? 1 : 0].empty()) continue;
      const auto who = session ? "tautline session" : "tautline";
      bench::report(args, name, who, "M/s", rates[session ? 1 : 0]);
      bench::report(args, name + ", CPU", who, "s per M", cpu[session ? 1 : 0]);
    }
  }
}
