// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a resume costs where both ends are tautline: the connection is reset under the server, and the
// clock runs until the application there has the first message of the next one. A session that resumes
// and plain mode, where each connection is a new link, take turns.
//   bench_resume [--rounds=500] [--json]
#include <tautline/tautline.hpp>

#include "report.hpp"
#include "resettable.hpp"
#include "restless.hpp"
#include "service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/core.h>

#include <array>
#include <string>
#include <thread>
#include <utility>

namespace {

namespace asio = boost::asio;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

constexpr int warm_up = 50;
constexpr auto rest = std::chrono::milliseconds(3);

tautline::server_options options_of(bool session) {
  tautline::server_options o;
  o.session = session;
  return o;
}

/// One end of the measure.
struct end {
  end(asio::io_context& io, bool session) : peers(io, options_of(session)), arrived(io) {
    arrived.expires_at(asio::steady_timer::time_point::max());
  }
  bench::resettable_server peers;
  asio::steady_timer arrived;  ///< cancelled when a message has come
  bench::clock::time_point when;
  bool came = false;
};

asio::awaitable<void> receive(end& e, bench::link_ptr l) {
  for (;;) {
    auto next = co_await l->async_receive(quiet);
    if (std::get<0>(next)) co_return;
    e.when = bench::clock::now();
    e.came = true;
    e.arrived.cancel();
  }
}

// It may have come while the other end was waited for.
asio::awaitable<void> until_arrival(end& e) {
  while (!std::exchange(e.came, false)) co_await e.arrived.async_wait(quiet);
}

asio::awaitable<void> run_rounds(std::array<end*, 2> ends, long rounds, int fd) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (auto* e : ends) co_await until_arrival(*e);
  for (long round = 0; round < warm_up + rounds; ++round)
    for (auto* e : ends) {
      timer.expires_after(rest);
      co_await timer.async_wait(asio::use_awaitable);
      const auto start = bench::clock::now();
      e->peers.reset();
      co_await until_arrival(*e);
      const double us = std::chrono::duration<double, std::micro>(e->when - start).count();
      if (round >= warm_up) bench::tell(fd, us);
    }
}

void run_server(long rounds, int fd) {
  asio::io_context io(1);
  end plain(io, false), session(io, true);
  for (auto* e : {&plain, &session}) {
    bench::tell(fd, e->peers.port());
    asio::co_spawn(io, e->peers.take_sockets([] {}), asio::detached);
    const auto use = [&io, e](const bench::link_ptr& l) { asio::co_spawn(io, receive(*e, l), asio::detached); };
    asio::co_spawn(io, bench::take_links(e->peers.server(), use), asio::detached);
  }
  const std::array<end*, 2> ends = {&plain, &session};
  asio::co_spawn(io, run_rounds(ends, rounds, fd), asio::detached);
  io.run();
}

std::string url_of(std::uint16_t port) { return "ws://127.0.0.1:" + std::to_string(port); }

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  const long rounds = args.number("--rounds", 500);
  const bench::child server([rounds](int fd) { run_server(rounds, fd); });
  const auto plain_port = server.read<std::uint16_t>();
  const auto session_port = server.read<std::uint16_t>();

  asio::io_context io(1);
  tautline::link plain(io.get_executor(), bench::restless(url_of(plain_port), tautline::session_use::off));
  tautline::link session(io.get_executor(), bench::restless(url_of(session_port), tautline::session_use::require));
  const std::string hello = "hello";
  for (auto* l : {&plain, &session}) {
    l->async_run([](error_code) {});
    asio::co_spawn(io, bench::talk_when_down(*l, hello, 1), asio::detached);
  }
  std::thread clients([&] { io.run(); });

  std::array<std::vector<double>, 2> us;
  for (long i = 0; i < rounds; ++i)
    for (auto& of : us) of.push_back(server.read<double>());
  io.stop();
  clients.join();

  bench::report(args, "reconnect, both ends tautline", "tautline", "us", us[0]);
  bench::report(args, "reconnect, both ends tautline", "tautline session", "us", us[1]);
  if (args.has("--json")) return 0;
  fmt::print("with resume, to without: {:.2f} (goal: at most 1.1)\n",
             bench::spread_of(us[1]).median / bench::spread_of(us[0]).median);
}
