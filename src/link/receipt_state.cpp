// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/receipt_state.hpp"

#include "delivery/entry.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace tautline {

std::string_view to_string(stage s) noexcept {
  switch (s) {
    case stage::queued: return "queued";
    case stage::written: return "written";
    case stage::delivered: return "delivered";
  }
  return "unknown stage";
}

std::string_view to_string(outcome o) noexcept {
  switch (o) {
    case outcome::pending: return "pending";
    case outcome::delivered: return "delivered";
    case outcome::not_sent: return "not sent";
    case outcome::unknown: return "unknown";
  }
  return "unknown outcome";
}

receipt::receipt() noexcept = default;
receipt::receipt(std::shared_ptr<detail::receipt_state> state) noexcept : state_(std::move(state)) {}

tautline::stage receipt::stage() const noexcept { return state_ ? state_->stage() : tautline::stage::queued; }
tautline::outcome receipt::outcome() const noexcept { return state_ ? state_->outcome() : tautline::outcome::not_sent; }
error_code receipt::error() const noexcept { return state_ ? state_->error() : error_code(); }
unsigned receipt::attempts() const noexcept { return state_ ? state_->attempts() : 0; }

namespace detail {

std::uint64_t next_operation_id() noexcept {
  static std::atomic<std::uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

asio::any_io_executor receipt_executor(const receipt_state& s) { return s.executor(); }

void start_receipt_wait(const std::shared_ptr<receipt_state>& s, stage until,
                        operation_ptr<void(error_code, outcome)> op) {
  op->id = next_operation_id();
  op->on_cancel([weak = std::weak_ptr<receipt_state>(s), id = op->id](asio::cancellation_type) {
    if (auto state = weak.lock()) state->cancel_wait(id);
  });
  s->wait(until, std::move(op));
}

void receipt_watch::add(const std::shared_ptr<receipt_state>& state) {
  const std::lock_guard lock(mutex_);
  if (states_.size() >= sweep_at_) {
    std::erase_if(states_, [](const auto& s) { return s.expired(); });
    sweep_at_ = std::max<std::size_t>(64, 2 * states_.size());
  }
  states_.push_back(state);
}

std::vector<std::shared_ptr<receipt_state>> receipt_watch::take() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<receipt_state>> alive;
  for (const auto& weak : states_)
    if (auto s = weak.lock()) alive.push_back(std::move(s));
  states_.clear();
  return alive;
}

void receipt_watch::fail_waits(error_code why) {
  for (const auto& s : take()) s->fail_waits(why);
}

void receipt_watch::abandon() noexcept {
  for (const auto& s : take()) s->abandon();
}

receipt_state::receipt_state(asio::any_io_executor executor, std::shared_ptr<receipt_watch> watch)
    : executor_(std::move(executor)), watch_(std::move(watch)) {}

tautline::stage receipt_state::stage() const {
  const std::lock_guard lock(mutex_);
  return stage_;
}

tautline::outcome receipt_state::outcome() const {
  const std::lock_guard lock(mutex_);
  return outcome_;
}

error_code receipt_state::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

unsigned receipt_state::attempts() const {
  const std::lock_guard lock(mutex_);
  return attempts_;
}

void receipt_state::written(unsigned attempts) {
  std::vector<waiter> reached_now;
  {
    const std::lock_guard lock(mutex_);
    if (outcome_ != tautline::outcome::pending) return;
    attempts_ = attempts;
    stage_ = tautline::stage::written;
    reached_now = take_reached();
  }
  for (auto& w : reached_now) finish(std::move(w), error_code());
}

void receipt_state::end(error_code why, unsigned attempts) {
  std::vector<waiter> all;
  std::vector<waiter> satisfied;
  {
    const std::lock_guard lock(mutex_);
    if (outcome_ != tautline::outcome::pending) return;
    attempts_ = attempts;
    error_ = why;
    if (!why) stage_ = tautline::stage::delivered;
    outcome_ = tautline::outcome::unknown;
    if (!why) {
      outcome_ = tautline::outcome::delivered;
    } else if (delivery::certainly_not_delivered(why, attempts)) {
      outcome_ = tautline::outcome::not_sent;
    }
    satisfied = take_reached();
    all.swap(waiters_);
  }
  for (auto& w : satisfied) finish(std::move(w), error_code());
  for (auto& w : all) finish(std::move(w), why);
}

void receipt_state::wait(tautline::stage until, operation_ptr<void(error_code, tautline::outcome)> op) {
  add(waiter{until, std::move(op), nullptr});
}

void receipt_state::wait(tautline::stage until, operation_ptr<void(error_code, receipt)> op) {
  add(waiter{until, nullptr, std::move(op)});
}

void receipt_state::add(waiter w) {
  error_code why;
  {
    const std::lock_guard lock(mutex_);
    if (!reached(w.until) && outcome_ == tautline::outcome::pending) {
      waiters_.push_back(std::move(w));
      if (waiters_.size() == 1) watch_->add(shared_from_this());
      return;
    }
    if (!reached(w.until)) why = error_;
  }
  finish(std::move(w), why);
}

void receipt_state::cancel_wait(std::uint64_t id) {
  std::vector<waiter> found;
  {
    const std::lock_guard lock(mutex_);
    const auto it = std::find_if(waiters_.begin(), waiters_.end(), [id](const waiter& w) { return w.id() == id; });
    if (it == waiters_.end()) return;
    found.push_back(std::move(*it));
    waiters_.erase(it);
  }
  finish(std::move(found.front()), asio::error::operation_aborted);
}

void receipt_state::fail_waits(error_code why) {
  std::vector<waiter> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(waiters_);
  }
  for (auto& w : all) finish(std::move(w), why);
}

void receipt_state::abandon() noexcept {
  std::vector<waiter> all;  // destroyed outside the lock: a handler may own the last receipt
  {
    const std::lock_guard lock(mutex_);
    all.swap(waiters_);
  }
}

void receipt_state::finish(waiter w, error_code why) {
  if (w.plain) return operation<void(error_code, tautline::outcome)>::complete(std::move(w.plain), why, outcome());
  operation<void(error_code, receipt)>::complete(std::move(w.sending), why, receipt(shared_from_this()));
}

bool receipt_state::reached(tautline::stage s) const noexcept { return stage_ >= s; }

std::vector<receipt_state::waiter> receipt_state::take_reached() {
  std::vector<waiter> out, left;
  for (auto& w : waiters_) (reached(w.until) ? out : left).push_back(std::move(w));
  waiters_.swap(left);
  return out;
}

}  // namespace detail
}  // namespace tautline
