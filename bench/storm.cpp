// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The storm: many links, and their server is killed and comes back a second later; or it is replaced by
// the next one and drains meanwhile. Attempts and links that are back, over time.
//   bench_storm [--who=defaults|budget|none|drain] [--links=2000] [--json]
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

#include <memory>
#include <optional>
#include <utility>

namespace {

namespace asio = boost::asio;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
constexpr auto step = std::chrono::milliseconds(50);
constexpr auto drain_window = std::chrono::seconds(2);
constexpr double most_seconds = 30;

// One that drains holds the port for a moment.
tautline::server listening(asio::io_context& io, std::uint16_t port) {
  tautline::server_options o;
  o.port = port;
  o.session = false;
  o.max_connections = 1'000'000;
  for (int tries = 0; tries < 1000; ++tries) {
    tautline::server s(io.get_executor(), o);
    if (!s.listen()) return s;
    ::usleep(1000);
  }
  ::_exit(1);
}

// The sockets of the links, which a server that is started later would keep open.
void close_inherited(int but) {
  ::close_range(3, static_cast<unsigned>(but) - 1, 0);
  ::close_range(static_cast<unsigned>(but) + 1, ~0U, 0);
}

void run_server(std::uint16_t port, int fd) {
  close_inherited(fd);
  asio::io_context io(1);
  auto s = listening(io, port);
  bench::tell(fd, s.local_endpoint().port());
  std::vector<bench::link_ptr> all;
  const auto keep = [&](const bench::link_ptr& l) { all.push_back(l); };
  asio::co_spawn(io, bench::take_links(s, keep), asio::detached);
  asio::signal_set asked(io, SIGTERM);
  asked.async_wait([&](error_code, int) { s.async_drain(drain_window, [](error_code) {}); });
  io.run();
}

// "none": what a loop without backoff does.
tautline::options policy_of(const std::string& who, std::uint16_t port, std::size_t links) {
  tautline::options o("ws://127.0.0.1:" + std::to_string(port));
  o.session = tautline::session_use::off;
  o.backoff.stable_after = std::chrono::milliseconds(100);
  o.backoff.max_attempts = tautline::unlimited;
  const double per_second = static_cast<double>(links) / 4;
  if (who == "budget") o.backoff.budget = std::make_shared<tautline::attempt_budget>(per_second, 100);
  if (who != "none") return o;
  o.backoff.initial = o.backoff.max = std::chrono::milliseconds(10);
  o.backoff.jitter = tautline::jitter::none;
  o.backoff.first_retry_spread = {};
  return o;
}

struct point {
  double seconds = 0, attempts = 0, ever_up = 0, back = 0;
};

class fleet {
 public:
  fleet(asio::io_context& io, const tautline::options& o, std::size_t size) : io_(io) {
    const auto shared = std::make_shared<const tautline::options>(o);
    for (std::size_t i = 0; i < size; ++i) {
      links_.push_back(std::make_unique<tautline::link>(io.get_executor(), shared));
      links_.back()->async_run([](error_code) {});
    }
  }
  // By counters alone: a whole status of each link would take longer than the storm.
  [[nodiscard]] point look() const {
    point p;
    for (const auto& l : links_) {
      const auto m = l->metrics();
      p.attempts += static_cast<double>(m.attempts);
      p.ever_up += m.connections > 0 ? 1 : 0;
      p.back += m.reconnects > 0 ? 1 : 0;
    }
    return p;
  }
  void run_until_up() {
    while (look().ever_up < static_cast<double>(links_.size())) io_.run_for(step);
  }

 private:
  asio::io_context& io_;
  std::vector<std::unique_ptr<tautline::link>> links_;
};

// The next server takes the port over; the old one, if it is still there, goes on draining.
void replace(std::optional<bench::child>& server, std::optional<bench::child>& old, std::uint16_t port) {
  if (server) old.emplace(std::move(*server));
  server.emplace([port](int fd) { run_server(port, fd); });
  (void)server->read<std::uint16_t>();
}

// From the moment that the server ends, or is asked to, until every link is up at the next one.
std::vector<point> play(asio::io_context& io, const fleet& all, std::optional<bench::child>& server, bool drains,
                        std::uint16_t port, double links) {
  const auto before = all.look();
  const double restart_at = drains ? 0 : 1;
  std::optional<bench::child> old;
  if (drains) {
    server->signal(SIGTERM);
  } else {
    server.reset();
  }
  const auto start = bench::clock::now();
  bool restarted = false;
  std::vector<point> points;
  do {
    if (!restarted && bench::seconds_since(start) >= restart_at) {
      replace(server, old, port);
      restarted = true;
    }
    io.run_for(step);
    auto p = all.look();
    p.seconds = bench::seconds_since(start);
    p.attempts -= before.attempts;
    points.push_back(p);
  } while (points.back().back < links && points.back().seconds < most_seconds);
  return points;
}

void report_points(const bench::arguments& args, const std::string& who, const std::vector<point>& points) {
  std::vector<double> seconds, attempts, back;
  for (const auto& p : points) {
    seconds.push_back(p.seconds);
    attempts.push_back(p.attempts);
    back.push_back(p.back);
  }
  bench::report(args, "storm, time", who, "s", seconds);
  bench::report(args, "storm, attempts", who, "", attempts);
  bench::report(args, "storm, back", who, "", back);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  const auto who = args.value("--who", "defaults");
  const bool drains = who == "drain";
  const auto links = static_cast<std::size_t>(args.number("--links", 2000));
  if (!bench::make_room_for(links)) {
    std::fprintf(stderr, "this process may not open files for %zu links\n", links);
    return 1;
  }
  std::optional<bench::child> server(std::in_place, [](int fd) { run_server(0, fd); });
  const auto port = server->read<std::uint16_t>();
  asio::io_context io(1);
  fleet all(io, policy_of(who, port, links), links);
  all.run_until_up();
  io.run_for(std::chrono::milliseconds(300));

  const auto n = static_cast<double>(links);
  const auto points = play(io, all, server, drains, port, n);
  if (points.back().back < n)
    std::fprintf(stderr, "storm, %s: %.0f of %.0f links were back after %.0f s\n", who.c_str(), points.back().back, n,
                 points.back().seconds);
  bench::report(args, "storm: until all are back", who, "s", {points.back().seconds - (drains ? 0 : 1)});
  bench::report(args, "storm: attempts per link", who, "", {points.back().attempts / n});
  if (args.has("--json")) report_points(args, who, points);
}
