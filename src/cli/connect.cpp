// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The course of `tautline connect`: start, signals, draining, the end.
#include "connect.hpp"

#include "commands.hpp"
#include "rethrow.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <csignal>
#include <utility>

namespace tautline::cli {
namespace {

using std::chrono::milliseconds;

constexpr auto row_interval = milliseconds(100);
// The link's own limit comes first; this one is for what has not reached the link.
constexpr auto drain_grace = milliseconds(250);

// A message that came is this program's own only once standard output has it.
options with_responsibility(options o) {
  o.delivery.responsibility = responsibility::manual;
  return o;
}

}  // namespace

connect_command::connect_command(const connect_settings& settings)
    : settings_(settings),
      io_(1),
      link_(io_.get_executor(), with_responsibility(settings.link)),
      input_(io_.get_executor(), STDIN_FILENO, settings.link.max_message_bytes),
      output_(io_.get_executor(), STDOUT_FILENO),
      printer_(io_.get_executor(), settings.status, beside_standard_input()),
      spill_(settings.spill),
      signals_(io_, SIGINT, SIGTERM, SIGHUP),
      drain_guard_(io_),
      row_timer_(io_),
      changed_(io_.get_executor()) {}

int connect_command::run() {
  if (!spill_.error().empty()) {
    printer_.leave();
    fmt::print(stderr, "tautline connect: --spill: {}\n", spill_.error());
    return exit_usage;
  }
  asio::co_spawn(io_, watch_signals(), rethrow);
  asio::co_spawn(io_, watch_events(), rethrow);
  asio::co_spawn(io_, run_link(), rethrow);
  asio::co_spawn(io_, pump_output(), rethrow);
  asio::co_spawn(io_, pump_input(), rethrow);
  if (settings_.status == status_mode::line) asio::co_spawn(io_, keep_row_fresh(), rethrow);
  asio::co_spawn(io_, direct(), rethrow);
  io_.run();
  return exit_code(count());
}

asio::awaitable<void> connect_command::run_link() {
  auto result = co_await link_.async_run(asio::as_tuple(asio::use_awaitable));
  run_error_ = std::get<0>(result);
  run_ended_ = true;
  input_.cancel();
  changed_.notify();
}

asio::awaitable<void> connect_command::watch_events() {
  for (;;) {
    auto result = co_await link_.async_next_event(asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(result)) break;
    const event& e = std::get<1>(result);
    if (e.kind == event_kind::up) was_connected_ = true;
    if (e.why) last_cause_ = e.why.describe();
    printer_.on_event(e);
    printer_.refresh(link_.status());
    changed_.notify();
  }
  events_ended_ = true;
  changed_.notify();
}

asio::awaitable<void> connect_command::keep_row_fresh() {
  for (;;) {
    printer_.refresh(link_.status());
    row_timer_.expires_after(row_interval);
    auto result = co_await row_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(result)) co_return;
  }
}

asio::awaitable<void> connect_command::watch_signals() {
  for (;;) {
    auto result = co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(result)) co_return;
    on_signal(std::get<1>(result));
  }
}

void connect_command::on_signal(int number) {
  if (number == SIGHUP) return link_.retry_now();
  if (number == SIGTERM || !stop_asked_) return request_stop();
  output_.abandon();
  link_.cancel();
}

void connect_command::request_stop() {
  stop_asked_ = true;
  input_.cancel();
  changed_.notify();
}

asio::awaitable<void> connect_command::direct() {
  std::function<bool()> over = [this] { return run_ended_ || stop_asked_ || (input_ended_ && !settings_.keep_open); };
  co_await changed_.until(std::move(over));
  if (!run_ended_) co_await drain();
  std::function<bool()> all_ended = [this] { return run_ended_ && input_ended_ && output_ended_ && events_ended_; };
  co_await changed_.until(std::move(all_ended));
  co_await output_.async_drain(0);
  finish();
}

asio::awaitable<void> connect_command::drain() {
  drain_guard_.expires_after(settings_.link.drain_timeout + drain_grace);
  drain_guard_.async_wait([this](error_code ec) {
    if (!ec) give_up_draining();
  });
  // Without input a connection is still worth trying: it says whether the peer can be reached.
  std::function<bool()> queued = [this] { return run_ended_ || (input_ended_ && (was_connected_ || stop_asked_)); };
  co_await changed_.until(std::move(queued));
  if (settings_.linger > duration::zero() && !stop_asked_) co_await linger();
  if (run_ended_) co_return;
  co_await link_.async_close(asio::as_tuple(asio::use_awaitable));
  drain_guard_.cancel();
}

asio::awaitable<void> connect_command::linger() {
  std::function<bool()> delivered = [this] { return run_ended_ || stop_asked_ || !undelivered(); };
  co_await changed_.until(std::move(delivered));
  if (run_ended_ || stop_asked_) co_return;
  drain_guard_.cancel();
  bool over = false;
  asio::steady_timer timer(io_, settings_.linger);
  timer.async_wait([this, &over](error_code ec) {
    if (ec) return;
    over = true;
    changed_.notify();
  });
  std::function<bool()> done = [this, &over] { return run_ended_ || stop_asked_ || over; };
  co_await changed_.until(std::move(done));
}

void connect_command::give_up_draining() {
  if (undelivered() || !input_ended_ || !was_connected_) link_.cancel();
}

bool connect_command::undelivered() const {
  const auto s = link_.status();
  return s.queued_messages + s.unconfirmed_messages != 0;
}

void connect_command::finish() {
  static_cast<void>(link_.take_undelivered());
  if (auto problem = spill_.finish(); !problem.empty()) local_failure_ = std::move(problem);
  const auto t = count();
  if (const auto why = failure(t); !why.empty()) printer_.say("tautline connect: " + why);
  printer_.finish(t);
  drain_guard_.cancel();
  row_timer_.cancel();
  signals_.cancel();
}

totals connect_command::count() const {
  const auto m = link_.metrics();
  totals t;
  t.sent = lines_;
  t.delivered = m.delivered;
  t.unknown = m.unknown;
  // Everything else that was read: refused, dropped, expired, taken back, too long.
  t.not_sent = t.sent - t.delivered - t.unknown;
  t.received = received_;
  t.resent = m.resent;
  t.reconnects = m.reconnects;
  t.took = clock::now() - started_;
  return t;
}

std::string connect_command::failure(const totals& t) const {
  if (!local_failure_.empty()) return local_failure_;
  if (run_error_ && run_error_ != asio::error::operation_aborted)
    return fmt::format("{}{}", run_error_.message(), last_cause_.empty() ? "" : ": " + last_cause_);
  if (t.delivered != t.sent) return fmt::format("{} of {} messages were not delivered", t.sent - t.delivered, t.sent);
  if (!was_connected_ && !stop_asked_)
    return fmt::format("never connected{}", last_cause_.empty() ? "" : ": " + last_cause_);
  return {};
}

int connect_command::exit_code(const totals& t) const { return failure(t).empty() ? exit_success : exit_failure; }

int run_connect(const connect_settings& settings) {
  connect_command pipe(settings);
  return pipe.run();
}

}  // namespace tautline::cli
