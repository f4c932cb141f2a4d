// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// When to ask the peer whether it lives, and when to stop believing it.
#include "policy/heartbeat.hpp"

#include <algorithm>

namespace tautline::policy {

namespace {

constexpr duration least_limit = std::chrono::milliseconds(50);

}  // namespace

void round_trip::sample(duration rtt) noexcept {
  if (rtt < duration::zero()) return;
  if (!any_) {
    any_ = true;
    srtt_ = rtt;
    rttvar_ = rtt / 2;
    return;
  }
  const duration off = srtt_ > rtt ? srtt_ - rtt : rtt - srtt_;
  rttvar_ += (off - rttvar_) / 4;  // before SRTT, with its old value: RFC 6298, 2.3
  srtt_ += (rtt - srtt_) / 8;
}

std::optional<duration> round_trip::smoothed() const noexcept {
  if (!any_) return std::nullopt;
  return srtt_;
}

std::optional<duration> round_trip::limit() const noexcept {
  if (!any_) return std::nullopt;
  return std::max(srtt_ + 4 * rttvar_, least_limit);
}

heartbeat_monitor::heartbeat_monitor(const heartbeat_options& o, time_point now)
    : kind_(o.kind), interval_(o.interval), timeout_(o.timeout), last_life_(now) {}

void heartbeat_monitor::limit_interval(duration d) noexcept { interval_ = std::min(interval_, d); }

void heartbeat_monitor::on_bytes(time_point now) noexcept {
  last_life_ = now;
  asked_.reset();
}

void heartbeat_monitor::on_ping_sent(time_point now) noexcept {
  if (!asked_) asked_ = now;
}

void heartbeat_monitor::on_pong(time_point now) noexcept {
  on_bytes(now);
  framed_to_.reset();
}

void heartbeat_monitor::on_ping_framed(std::uint64_t end) noexcept {
  if (!framed_to_) framed_to_ = end;
}

void heartbeat_monitor::on_backlog_moved(time_point now) noexcept {
  if (asked_) asked_ = now;
  if (write_stuck_) write_stuck_ = now;
}

bool heartbeat_monitor::on_write_state(std::size_t unflushed, std::uint64_t flushed, time_point now) noexcept {
  const bool progress = flushed != flushed_;
  flushed_ = flushed;
  if (unflushed == 0)
    write_stuck_.reset();
  else if (progress || !write_stuck_)
    write_stuck_ = now;
  if (!framed_to_ || flushed < *framed_to_) return false;
  framed_to_.reset();
  on_bytes(now);  // what it waited behind was no silence
  on_ping_sent(now);
  return true;
}

bool heartbeat_monitor::was_suspended(time_point now) const noexcept {
  return expected_ && now > *expected_ && now - *expected_ > timeout_ / 2;
}

// The clocks ran while nobody looked: whether bytes came, or could go, is not known yet.
void heartbeat_monitor::start_anew(time_point now) noexcept {
  last_life_ = now;
  asked_.reset();
  if (write_stuck_) write_stuck_ = now;
}

std::optional<errc> heartbeat_monitor::cause_of_death(time_point now) const noexcept {
  const bool stuck = write_stuck_ && now - *write_stuck_ >= timeout_;
  const bool unanswered = asks() && asked_ && now - *asked_ >= timeout_;
  // What has not gone out cannot be answered.
  if (stuck && (!unanswered || *write_stuck_ <= *asked_)) return errc::write_timeout;
  if (unanswered) return errc::heartbeat_timeout;
  return std::nullopt;
}

heartbeat_action heartbeat_monitor::decide(time_point now, const round_trip& rtt) {
  heartbeat_action a;
  const bool suspended = was_suspended(now);
  if (suspended) start_anew(now);
  a.dead = cause_of_death(now);
  if (a.dead) return a;

  const bool silent = now - last_life_ >= interval_;
  if (asks() && !asked_ && (silent || suspended)) {
    a.ping = true;
    asked_ = now;
  }

  a.next = now + timeout_;
  // While asked, too, it looks once an interval: nobody wakes it when the answer comes.
  if (asks())
    a.next = std::min(a.next, asked_ ? std::min(*asked_ + timeout_, now + interval_) : last_life_ + interval_);
  if (write_stuck_) a.next = std::min(a.next, *write_stuck_ + timeout_);
  if (const auto limit = rtt.limit(); asked_ && limit) {
    a.degraded = now - *asked_ >= *limit;
    if (!a.degraded) a.next = std::min(a.next, *asked_ + *limit);
  }
  expected_ = a.next;
  return a;
}

}  // namespace tautline::policy
