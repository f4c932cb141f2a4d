// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Memory of a connected link that has echoed one message and idles, all loops running; and the
// time to connect a thousand of them.
#include <tautline/tautline.hpp>

#include "measure.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/core.h>

#include <malloc.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t links = 1000;

asio::awaitable<void> echo(std::shared_ptr<tautline::link> l) {
  for (;;) {
    auto got = co_await l->async_receive(quiet);
    if (std::get<0>(got)) co_return;
    tautline::message answer = std::move(std::get<1>(got));
    auto sent = co_await l->async_send(std::move(answer), quiet);
    if (std::get<0>(sent)) co_return;
  }
}

asio::awaitable<void> serve(tautline::server& s) {
  for (;;) {
    auto accepted = co_await s.async_accept(quiet);
    if (std::get<0>(accepted)) co_return;
    const auto l = std::make_shared<tautline::link>(std::move(std::get<1>(accepted)));
    l->async_run([l](error_code) {});
    asio::co_spawn(s.get_executor(), echo(l), asio::detached);
  }
}

void run_server(int fd) {
  asio::io_context io(1);
  tautline::server s(io.get_executor(), tautline::server_options());
  if (s.listen()) ::_exit(1);
  bench::tell(fd, s.local_endpoint().port());
  asio::co_spawn(io, serve(s), asio::detached);
  io.run();
}

double heap_kib() { return static_cast<double>(::mallinfo2().uordblks) / 1024; }

double resident_kib() {
  std::FILE* f = std::fopen("/proc/self/statm", "r");
  if (f == nullptr) return 0;
  unsigned long all = 0, resident = 0;
  const int n = std::fscanf(f, "%lu %lu", &all, &resident);
  std::fclose(f);
  return n == 2 ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024 : 0;
}

}  // namespace

int main() {
  const bench::child server(&run_server);
  const auto port = server.read<std::uint16_t>();
  asio::io_context io(1);
  const tautline::options o("ws://127.0.0.1:" + std::to_string(port));

  std::vector<std::unique_ptr<tautline::link>> all;
  all.reserve(links);
  const double heap = heap_kib(), resident = resident_kib();
  const auto start = bench::clock::now();
  std::size_t up = 0, echoed = 0;
  for (std::size_t i = 0; i < links; ++i) {
    all.push_back(std::make_unique<tautline::link>(io.get_executor(), o));
    auto& l = *all.back();
    l.async_run([](error_code) {});
    l.async_wait(tautline::link_state::connected, [&](error_code ec) { up += ec ? 0U : 1U; });
  }
  while (up < links) io.run_one();
  const double ms = bench::seconds_since(start) * 1e3;
  for (auto& l : all) {
    if (l->try_send(tautline::message(std::string(64, 'x')))) return 1;
    l->async_receive([&](error_code ec, const tautline::message&) { echoed += ec ? 0U : 1U; });
  }
  while (echoed < links) io.run_one();
  io.run_for(std::chrono::milliseconds(500));

  const auto n = static_cast<double>(links);
  fmt::print("connecting {} links: {:.0f} ms\n", links, ms);
  fmt::print("memory per idle link: heap {:.1f} KiB, resident {:.1f} KiB (goal: at most 16)\n", (heap_kib() - heap) / n,
             (resident_kib() - resident) / n);
}
