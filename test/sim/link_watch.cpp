// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link_watch.hpp"

#include "plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace tautline::sim {
namespace {

// What a session is closed with because of the peer's mistakes (docs/protocol.md): nobody here makes any. 4409,
// superseded: nobody else has the session, so who is told this on his newest connection was overtaken by an older one.
// 4413, too large: no message is, so the window was exceeded.
constexpr std::array<std::uint16_t, 6> mistakes = {4400, 4401, 4409, 4410, 4413, 4426};

double in_ms(duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

}  // namespace

delay_bounds bounds_of(const backoff_options& o, unsigned failures, duration retry_after) {
  delay_bounds b;
  b.most = std::max(o.max, o.first_retry_spread);
  if (failures > 0) {
    const auto exact = static_cast<double>(o.initial.count()) * std::pow(o.multiplier, failures - 1);
    const auto whole = std::min(static_cast<double>(o.max.count()), exact);
    const auto delay = duration(static_cast<duration::rep>(whole));
    if (o.jitter != jitter::decorrelated) b.most = delay;
    if (o.jitter == jitter::none) b.least = delay;
    if (o.jitter == jitter::equal) b.least = delay / 2;
    if (o.jitter == jitter::decorrelated) b.least = o.initial;
  }
  b.least = std::max(b.least, retry_after);
  b.most = std::max(b.most, retry_after + o.first_retry_spread);
  return b;
}

void link_watch::run_began() {
  running_ = true;
  up_ = degraded_ = gave_up_ = exhausted_ = false;
  failures_ = 0;
  attempts_.clear();
  ends_.clear();
  attempted_ = false;
  exact_ = true;
  moved_ = false;
  not_before_.clear();
  failed_.clear();
  last_down_.reset();
  hurried_.reset();
}

void link_watch::run_ended(error_code ec) {
  running_ = false;
  exhausted_ = ec == errc::attempts_exhausted;
}

void link_watch::on_event(const event& e) {
  told_.note(who_, to_string(e.kind), static_cast<std::uint64_t>(e.delay.count()));
  const bool of_the_queue = e.kind == event_kind::overflow || e.kind == event_kind::expired;
  if (gave_up_ && !of_the_queue) violated("an event behind gave_up");
  switch (e.kind) {
    case event_kind::up:
      // A session's connection that was lost during a move is replaced without a word in between.
      if (up_ && !was_in_session_) violated("up, and it was up");
      up_ = true;
      break;
    case event_kind::down: on_down(e); break;
    case event_kind::retry_in: on_retry(e); break;
    case event_kind::resumed:
      if (!up_) violated("resumed while it is not up");
      break;
    case event_kind::degraded:
      if (!up_ || degraded_) violated("degraded at the wrong time");
      degraded_ = true;
      break;
    case event_kind::recovered:
      if (!up_ || !degraded_) violated("recovered at the wrong time");
      degraded_ = false;
      break;
    case event_kind::gave_up: gave_up_ = true; break;
    case event_kind::session_reset:
    case event_kind::overflow:
    case event_kind::expired:
    case event_kind::unconfirmed:
    case event_kind::drained: break;
  }
  was_in_session_ = e.status.session != session_state::none;
}

void link_watch::on_down(const event& e) {
  told_.note(who_, "because", static_cast<std::uint64_t>(e.why.code.value()), to_string(e.why.where));
  up_ = degraded_ = false;
  last_down_ = e.why;
  if (std::find(mistakes.begin(), mistakes.end(), e.why.close_code) != mistakes.end())
    violated("a mistake ended its connection: " + e.why.describe());
  count_failure(e.why);
}

// A connection that ended sooner after the beginning of its attempt than stability takes cannot have been stable.
void link_watch::count_failure(const cause& why) {
  // The next one may have begun before anybody was told of the end.
  const auto& ended = attempts_.size() > ends_.size() ? attempt_before_ : last_attempt_;
  not_before_[ended.where] = time_.now() + why.retry_after.value_or(duration::zero());
  if (time_.now() - ended.when < opts_.backoff.stable_after) {
    ++failures_;
    failed_.insert(ended.where);
    return;
  }
  failures_ = 0;
  failed_.clear();
  exact_ = false;
}

void link_watch::on_retry(const event& e) {
  if (up_) violated("retry_in while it is up");
  if (!last_down_) return violated("retry_in without a down");
  end x;
  x.when = time_.now();
  x.said = e.delay;
  x.failures = failures_;
  x.exact = exact_;
  x.retry_after = last_down_->retry_after.value_or(duration::zero());
  x.failed = failed_;
  x.rests = not_before_;
  if (opts_.backoff.max_attempts != unlimited && failures_ >= opts_.backoff.max_attempts)
    violated(fmt::format("another attempt after {} failures", failures_));
  ends_.push_back(x);
  last_down_.reset();
}

void link_watch::on_attempt(std::string_view authority, link_state shown) {
  moved_ = moved_ || shown == link_state::connected;
  if (shown == link_state::connected) return;  // a move
  told_.note(who_, "attempt", 0, authority);
  const auto rest = not_before_.find(authority);
  if (rest != not_before_.end() && time_.now() < rest->second && !hurried_)
    violated(fmt::format("an attempt {} ms before the time that {} asked for", in_ms(rest->second - time_.now()),
                         authority));
  attempt a;
  a.when = time_.now();
  a.where = authority;
  if (std::exchange(attempted_, true)) attempts_.push_back(a);  // the first of a run follows no end
  attempt_before_ = std::exchange(last_attempt_, a);
}

void link_watch::compare_attempts() {
  while (!ends_.empty() && !attempts_.empty()) {
    compare(ends_.front(), attempts_.front());
    ends_.pop_front();
    attempts_.pop_front();
  }
  if (attempts_.size() > 1) violated("attempts without an end in between");
}

void link_watch::compare(const end& e, const attempt& next) {
  const auto waited = next.when - e.when;
  if (const auto asked = std::exchange(hurried_, std::nullopt)) {
    if (next.when > *asked)
      violated(fmt::format("asked to retry, and it did so after {} ms", in_ms(next.when - *asked)));
    return;
  }
  if (waited < e.said) violated(fmt::format("an attempt after {} ms, announced for {}", in_ms(waited), in_ms(e.said)));
  if (waited > e.said + late_)
    violated(fmt::format("an attempt only after {} ms, announced for {}", in_ms(waited), in_ms(e.said)));
  late_ = duration::zero();
  const auto bounds = bounds_for(e, next.where);
  if (waited < bounds.least)
    violated(fmt::format("an attempt after {} ms, the policy says {}", in_ms(waited), in_ms(bounds.least)));
  if (!opts_.backoff.budget && e.said > bounds.most)
    violated(fmt::format("a delay of {} ms, the policy's most is {}", in_ms(e.said), in_ms(bounds.most)));
}

health link_watch::health_of(const end& e, const std::string& where) const {
  if (opts_.endpoints.size() == 1) return health::failed;
  if (moved_) return health::uncertain;
  if (e.failed.contains(where)) return health::failed;
  // Behind a connection that was stable the policy's delay is the spread, too.
  return e.exact ? health::fresh : health::uncertain;
}

// What an endpoint has asked for on an earlier connection holds for its next attempt, too; that no attempt is before it
// is seen when the attempt begins.
delay_bounds link_watch::bounds_for(const end& e, const std::string& where) const {
  const auto spread = opts_.backoff.first_retry_spread;
  const auto state = health_of(e, where);
  auto b = bounds_of(opts_.backoff, e.failures, e.retry_after);
  if (state != health::failed) b.least = duration::zero();
  if (state == health::fresh) b.most = spread;
  if (state == health::uncertain || !e.exact) b.most = std::max(opts_.backoff.max, b.most);
  if (opts_.endpoints.size() == 1) return b;
  const auto rests = e.rests.find(where);
  if (rests != e.rests.end()) b.most = std::max(b.most, rests->second - e.when + spread);
  return b;
}

std::string fault_of(const metrics& m, const options& o, std::uint64_t sessions, std::uint64_t handed_out,
                     bool closing) {
  if (m.sent != m.delivered + m.unknown + m.not_sent + m.pending)
    return fmt::format("{} sent, {} delivered, {} unknown, {} not sent, {} pending", m.sent, m.delivered, m.unknown,
                       m.not_sent, m.pending);
  if (m.pending > o.queue.max_messages)
    return fmt::format("{} messages in a queue for {}", m.pending, o.queue.max_messages);
  // A session's peer may not have heard of the window yet; twice the larger one is where it is cut off.
  // And each session has one: what those before have left in the inbox is not in it.
  const std::uint64_t window =
      std::max<std::uint64_t>(o.inbox.max_messages, sessions > 0 ? window_before_the_welcome : 0);
  const std::uint64_t most = sessions > 0 ? sessions * (2 * window + 1) : window;
  if (closing || m.received <= handed_out + most) return {};
  return fmt::format("{} messages in an inbox for {}", m.received - handed_out, o.inbox.max_messages);
}

// The last event may be read after the end of the run.
void link_watch::check_surrender() {
  if (!gave_up_ || !std::exchange(exhausted_, false)) return;
  if (exact_ && failures_ != opts_.backoff.max_attempts)
    violated(fmt::format("gave up after {} failures of {}", failures_, opts_.backoff.max_attempts));
}

void link_watch::check(const link& l) {
  check_surrender();
  compare_attempts();
  // A session may end in agreement, without a reset: there are as many as connections, at the most.
  const auto m = l.metrics();
  const std::uint64_t sessions = opts_.session == session_use::off ? 0 : std::max<std::uint64_t>(m.connections, 1);
  if (auto wrong = fault_of(m, opts_, sessions, handed_, closing_); !wrong.empty()) violated(std::move(wrong));
  const auto s = l.status();
  const auto bytes = s.queued_bytes + s.unconfirmed_bytes;
  if (bytes > opts_.queue.max_bytes) violated(fmt::format("{} bytes in a queue for {}", bytes, opts_.queue.max_bytes));
  if (window_ > 0 && s.unconfirmed_messages > window_)
    violated(fmt::format("{} messages are unacknowledged, in a window of {}", s.unconfirmed_messages, window_));
  if (running_ == (s.state == link_state::disconnected))
    violated(fmt::format("the status is {} and it {}", to_string(s.state), running_ ? "runs" : "does not run"));
  // While a session's link looks for its next server its connection may be gone without a word.
  const bool moves = up_ && s.state == link_state::reconnecting && s.session != session_state::none;
  if (running_ && up_ != (s.state == link_state::connected) && !moves)
    violated(fmt::format("the status is {} and the events say {}", to_string(s.state), up_ ? "up" : "down"));
}

}  // namespace tautline::sim
