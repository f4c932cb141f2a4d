// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The course of the demo, and its verdict.
#include "demo.hpp"

#include "commands.hpp"
#include "quantities.hpp"
#include "rethrow.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

namespace tautline::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto demo_row_interval = milliseconds(50);

server_options of_receiver(demo_mode mode) {
  server_options o;
  o.session = mode == demo_mode::session;
  o.link.heartbeat.interval = seconds(2);
  return o;
}

// Everything is faster than by default, so that many cuts fit into a few seconds.
options of_client(const asio::ip::tcp::endpoint& proxy, demo_mode mode) {
  options o(fmt::format("ws://127.0.0.1:{}/", proxy.port()));
  o.session = mode == demo_mode::session ? session_use::require : session_use::off;
  o.backoff.initial = milliseconds(50);
  o.backoff.max = milliseconds(200);
  o.backoff.max_attempts = unlimited;
  o.backoff.stable_after = milliseconds(80);
  o.connect_timeout = seconds(2);
  o.heartbeat.interval = milliseconds(200);
  o.heartbeat.timeout = seconds(1);
  o.delivery.barrier_interval = milliseconds(50);
  return o;
}

bool on_a_terminal() noexcept { return ::isatty(STDERR_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1; }

}  // namespace

demo_command::demo_command(const demo_settings& settings)
    : settings_(settings),
      io_(1),
      schedule_(draw_schedule(settings.seed, settings.cuts)),
      tally_(settings.messages),
      printer_(io_.get_executor(), on_a_terminal() ? status_mode::line : status_mode::plain, placement::in_place),
      signals_(io_, SIGINT, SIGTERM),
      row_timer_(io_),
      changed_(io_.get_executor()),
      server_(io_.get_executor(), of_receiver(settings.mode)) {}

int demo_command::run() {
  if (const error_code ec = server_.listen()) {
    fmt::print(stderr, "tautline demo: cannot listen on 127.0.0.1: {}\n", ec.message());
    return exit_failure;
  }
  const asio::ip::tcp::endpoint any_port(asio::ip::address_v4::loopback(), 0);
  proxy_.emplace(io_.get_executor(), any_port, server_.local_endpoint());
  client_.emplace(io_.get_executor(), of_client(proxy_->local_endpoint(), settings_.mode));
  started_ = clock::now();
  printer_.say(fmt::format("seed {}: {} messages, {} cuts", settings_.seed, settings_.messages, settings_.cuts));
  signals_.async_wait([this](error_code ec, int) {
    if (!ec) io_.stop();
  });
  asio::co_spawn(io_, accept_peers(), rethrow);
  asio::co_spawn(io_, watch_events(), rethrow);
  asio::co_spawn(io_, keep_row_fresh(), rethrow);
  asio::co_spawn(io_, run_client(), rethrow);
  asio::co_spawn(io_, direct(), rethrow);
  io_.run();
  printer_.leave();
  return over_ ? verdict() : exit_failure;
}

asio::awaitable<void> demo_command::direct() {
  asio::co_spawn(io_, break_things(), rethrow);
  co_await send_messages();
  std::function<bool()> quiet = [this] { return faults_ended_ || client_ended_; };
  co_await changed_.until(std::move(quiet));
  co_await client_->async_close(asio::as_tuple(asio::use_awaitable));
  std::function<bool()> sender_gone = [this] { return client_ended_ && events_ended_ && faults_ended_; };
  co_await changed_.until(std::move(sender_gone));
  co_await server_.async_drain(duration::zero(), asio::as_tuple(asio::use_awaitable));
  // What had arrived is counted even if its connection has ended.
  std::function<bool()> counted = [this] { return peers_ == 0; };
  co_await changed_.until(std::move(counted));
  co_await proxy_->async_close(asio::use_awaitable);
  over_ = true;
  signals_.cancel();
  row_timer_.cancel();
}

asio::awaitable<void> demo_command::run_client() {
  co_await client_->async_run(asio::as_tuple(asio::use_awaitable));
  client_ended_ = true;
  changed_.notify();
}

asio::awaitable<void> demo_command::watch_events() {
  for (;;) {
    auto result = co_await client_->async_next_event(asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(result)) break;
    const event& e = std::get<1>(result);
    if (e.kind == event_kind::up) ++ups_;
    printer_.on_event(e);
    printer_.refresh(client_->status(), progress());
    changed_.notify();
  }
  events_ended_ = true;
  changed_.notify();
}

asio::awaitable<void> demo_command::keep_row_fresh() {
  while (!over_) {
    printer_.refresh(client_->status(), progress());
    row_timer_.expires_after(demo_row_interval);
    co_await row_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

asio::awaitable<void> demo_command::sleep(duration d) {
  asio::steady_timer timer(io_, d);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

std::string demo_command::progress() const {
  std::string text = fmt::format("{} of {}", tally_.delivered(), settings_.messages);
  if (!inflicted_.empty())
    text += fmt::format("  cut {} of {}: {}", inflicted_.size(), settings_.cuts, to_string(inflicted_.back().kind));
  return text;
}

int demo_command::verdict() {
  const auto m = client_->metrics();
  fmt::print("cuts: {}; written again after a cut: {}\n", cuts_by_kind(inflicted_), m.resent);
  fmt::print("verdict: sent {}, delivered {}, lost {}, repeated {}, out of order {}, reconnects {}, {:.1f} s\n",
             next_ - 1, tally_.delivered(), tally_.lost(), tally_.repeated(), tally_.out_of_order(), m.reconnects,
             in_milliseconds(clock::now() - started_) / 1000);
  const bool complete = tally_.lost() == 0 && tally_.foreign() == 0 && next_ - 1 == settings_.messages &&
                        inflicted_.size() == settings_.cuts;
  const bool exact = settings_.mode == demo_mode::plain || (tally_.repeated() == 0 && tally_.out_of_order() == 0);
  return complete && exact ? exit_success : exit_failure;
}

int run_demo(const demo_settings& settings) {
  demo_command both_ends(settings);
  return both_ends.run();
}

}  // namespace tautline::cli
