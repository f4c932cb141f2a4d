// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A fleet with all options at their defaults, whose connections had been stable and are ended at once while
// the server stays: how long each link is down. It should be short, and spread evenly.
//   bench_defaults [--links=500] [--json]
#include <tautline/tautline.hpp>

#include "links.hpp"
#include "report.hpp"
#include "service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <list>
#include <vector>

namespace {

namespace asio = boost::asio;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

void run_server(int fd) {
  asio::io_context io(1);
  tautline::server_options o;
  o.session = false;
  tautline::server s(io.get_executor(), o);
  if (s.listen()) ::_exit(1);
  bench::tell(fd, s.local_endpoint().port());
  std::vector<bench::link_ptr> all;
  const auto keep = [&](const bench::link_ptr& l) { all.push_back(l); };
  asio::co_spawn(io, bench::take_links(s, keep), asio::detached);
  asio::signal_set asked(io, SIGTERM);
  asked.async_wait([&](error_code, int) {
    for (auto& l : all) l->cancel();
  });
  io.run();
}

// Notes when the link goes down and when it is up again.
asio::awaitable<void> watch(tautline::link& l, std::vector<double>& ms) {
  bench::clock::time_point down;
  for (;;) {
    auto next = co_await l.async_next_event(quiet);
    if (std::get<0>(next)) co_return;
    const auto kind = std::get<1>(next).kind;
    if (kind == tautline::event_kind::down && down == bench::clock::time_point()) down = bench::clock::now();
    if (kind == tautline::event_kind::up && down != bench::clock::time_point()) {
      ms.push_back(bench::seconds_since(down) * 1e3);
      co_return;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  const auto links = static_cast<std::size_t>(args.number("--links", 500));
  if (!bench::make_room_for(links)) return 1;
  const bench::child server(&run_server);
  asio::io_context io(1);
  const tautline::options defaults("ws://127.0.0.1:" + std::to_string(server.read<std::uint16_t>()));
  std::list<tautline::link> fleet;
  std::vector<double> ms;
  for (std::size_t i = 0; i < links; ++i) {
    auto& l = fleet.emplace_back(io.get_executor(), defaults);
    l.async_run([](error_code) {});
    if (l.try_send(tautline::message("hello"))) return 1;  // stable is who was up so long, and had an answer
    asio::co_spawn(io, watch(l, ms), asio::detached);
  }
  const auto up = [](const tautline::link& l) { return l.status().state == tautline::link_state::connected; };
  while (!std::all_of(fleet.begin(), fleet.end(), up)) io.run_for(std::chrono::milliseconds(20));
  io.run_for(defaults.backoff.stable_after + std::chrono::milliseconds(500));
  server.signal(SIGTERM);
  const auto start = bench::clock::now();
  while (ms.size() < links && bench::seconds_since(start) < 20) io.run_for(std::chrono::milliseconds(20));
  bench::report(args, "defaults: how long a link is down", "tautline", "ms", ms);
}
