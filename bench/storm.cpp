// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The storm: many links, and their server is killed and comes back a second later. Attempts and links
// that are up, over time.
//   bench_storm [--who=defaults|budget|none] [--links=2000] [--json]
#include <tautline/tautline.hpp>

#include "neutral.hpp"
#include "report.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace {

namespace asio = boost::asio;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
constexpr auto step = std::chrono::milliseconds(50);

asio::awaitable<void> serve(tautline::server& s, std::vector<std::unique_ptr<tautline::link>>& all) {
  for (;;) {
    auto accepted = co_await s.async_accept(quiet);
    if (std::get<0>(accepted)) co_return;
    all.push_back(std::make_unique<tautline::link>(std::move(std::get<1>(accepted))));
    all.back()->async_run([](error_code) {});
  }
}

void run_server(std::uint16_t port, int fd) {
  asio::io_context io(1);
  tautline::server_options o;
  o.port = port;
  o.session = false;
  o.max_connections = 20'000;
  tautline::server s(io.get_executor(), o);
  if (s.listen()) ::_exit(1);
  bench::tell(fd, s.local_endpoint().port());
  std::vector<std::unique_ptr<tautline::link>> all;
  asio::co_spawn(io, serve(s, all), asio::detached);
  io.run();
}

// "none": what a loop without backoff does.
tautline::options policy_of(const std::string& who, std::uint16_t port) {
  tautline::options o("ws://127.0.0.1:" + std::to_string(port));
  o.session = tautline::session_use::off;
  o.backoff.stable_after = std::chrono::milliseconds(100);
  o.backoff.max_attempts = tautline::unlimited;
  if (who == "budget") o.backoff.budget = std::make_shared<tautline::attempt_budget>(500, 100);
  if (who != "none") return o;
  o.backoff.initial = o.backoff.max = std::chrono::milliseconds(10);
  o.backoff.jitter = tautline::jitter::none;
  o.backoff.first_retry_spread = {};
  return o;
}

struct point {
  double seconds = 0, attempts = 0, up = 0;
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
  [[nodiscard]] point look() const {
    point p;
    for (const auto& l : links_) {
      p.attempts += static_cast<double>(l->metrics().attempts);
      p.up += l->status().state == tautline::link_state::connected ? 1 : 0;
    }
    return p;
  }
  void run_until_up() {
    while (look().up < static_cast<double>(links_.size())) io_.run_for(step);
  }

 private:
  asio::io_context& io_;
  std::vector<std::unique_ptr<tautline::link>> links_;
};

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  const auto who = args.value("--who", "defaults");
  const auto links = args.number("--links", 2000);
  std::optional<bench::child> server(std::in_place, [](int fd) { run_server(0, fd); });
  const auto port = server->read<std::uint16_t>();
  asio::io_context io(1);
  fleet all(io, policy_of(who, port), static_cast<std::size_t>(links));
  all.run_until_up();
  io.run_for(std::chrono::milliseconds(300));

  const auto before = all.look();
  server.reset();
  const auto start = bench::clock::now();
  std::vector<point> points;
  double back = 0;
  while (back == 0 && bench::seconds_since(start) < 30) {
    io.run_for(step);
    const double now = bench::seconds_since(start);
    if (!server && now > 1) {
      server.emplace([port](int fd) { run_server(port, fd); });
      (void)server->read<std::uint16_t>();
    }
    auto p = all.look();
    p.seconds = now;
    p.attempts -= before.attempts;
    points.push_back(p);
    if (server && p.up == static_cast<double>(links)) back = now - 1;
  }
  std::vector<double> seconds, attempts, up;
  for (const auto& p : points) {
    seconds.push_back(p.seconds);
    attempts.push_back(p.attempts);
    up.push_back(p.up);
  }
  bench::report(args, "storm: until all are back", who, "s", {back});
  bench::report(args, "storm: attempts per link", who, "", {attempts.back() / static_cast<double>(links)});
  if (!args.has("--json")) return 0;
  bench::report(args, "storm, time", who, "s", seconds);
  bench::report(args, "storm, attempts", who, "", attempts);
  bench::report(args, "storm, up", who, "", up);
}
