// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Messages per second, one way, from a client's try_send to the receiving application in another
// process, each confirmed by a pong barrier. With an argument: messages of that size only.
#include <tautline/tautline.hpp>

#include "measure.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/core.h>

#include <ctime>
#include <memory>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> sink(std::shared_ptr<tautline::link> l) {
  for (;;) {
    auto got = co_await l->async_receive_batch(4096, quiet);
    if (std::get<0>(got)) co_return;
  }
}

asio::awaitable<void> serve(tautline::server& s) {
  for (;;) {
    auto accepted = co_await s.async_accept(quiet);
    if (std::get<0>(accepted)) co_return;
    const auto l = std::make_shared<tautline::link>(std::move(std::get<1>(accepted)));
    l->async_run([l](error_code) {});
    asio::co_spawn(s.get_executor(), sink(l), asio::detached);
  }
}

void run_server(int fd) {
  asio::io_context io(1);
  tautline::server_options o;
  o.link.inbox.max_messages = 100'000;
  tautline::server s(io.get_executor(), o);
  if (s.listen()) ::_exit(1);
  bench::tell(fd, s.local_endpoint().port());
  asio::co_spawn(io, serve(s), asio::detached);
  io.run();
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

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void measure(std::uint16_t port, long total, std::size_t size) {
  asio::io_context io(1);
  tautline::link l(io.get_executor(), tautline::options("ws://127.0.0.1:" + std::to_string(port)));
  l.async_run([](error_code) {});
  bool up = false;
  l.async_wait(tautline::link_state::connected, [&](error_code) { up = true; });
  while (!up) io.run_one();
  const auto cpu = cpu_seconds();
  const auto start = bench::clock::now();
  asio::co_spawn(io, pump(l, total, size), asio::detached);
  while (l.metrics().delivered < static_cast<std::uint64_t>(total)) io.run_one();
  const double seconds = bench::seconds_since(start);
  const double used = cpu_seconds() - cpu;
  const auto n = static_cast<double>(total);
  fmt::print("one way out, {:>5} B: {:7.3f} M messages/s, {:7.3f} s of CPU per million, delivered {}\n", size,
             n / seconds / 1e6, used / n * 1e6, l.metrics().delivered);
  l.async_close([](error_code) {});
  io.run();
}

}  // namespace

int main(int argc, char** argv) {
  const bench::child server(&run_server);
  const auto port = server.read<std::uint16_t>();
  const std::string only = argc > 1 ? argv[1] : "";
  const std::pair<std::size_t, long> sizes[] = {{64, 5'000'000}, {1024, 1'000'000}, {16 * 1024, 100'000}};
  for (int round = 0; round < 3; ++round)
    for (const auto& [size, total] : sizes)
      if (only.empty() || only == std::to_string(size)) measure(port, total, size);
}
