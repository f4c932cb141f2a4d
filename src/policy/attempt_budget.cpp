// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The budget of attempts that links share.
#include <tautline/backoff.hpp>

#include <algorithm>
#include <mutex>
#include <stdexcept>

namespace tautline {

namespace {

constexpr double longest_step = 365.0 * 24 * 3600 * 1e9;

duration step_of(double per_second) {
  if (!(per_second > 0)) throw std::invalid_argument("attempt_budget: per_second must be greater than zero");
  const auto exact = std::chrono::duration<double, std::nano>(std::min(1e9 / per_second, longest_step));
  return std::chrono::duration_cast<duration>(exact);
}

}  // namespace

// The bucket as a time (the generic cell rate algorithm, ITU-T I.371): `full_at` is when it would
// hold `burst` tokens again if nobody took one.
struct attempt_budget::state {
  std::mutex guard;
  duration step{};
  duration depth{};
  time_point full_at{};
  bool used = false;
};

attempt_budget::attempt_budget(double per_second, unsigned burst) : state_(std::make_unique<state>()) {
  if (burst == 0) throw std::invalid_argument("attempt_budget: burst must be at least 1");
  state_->step = step_of(per_second);
  const double depth = static_cast<double>(state_->step.count()) * (burst - 1);
  state_->depth = duration(static_cast<duration::rep>(std::min(depth, longest_step)));
}

attempt_budget::~attempt_budget() = default;

time_point attempt_budget::reserve(time_point now) {
  const std::lock_guard lock(state_->guard);
  state& s = *state_;
  if (!s.used || s.full_at < now) s.full_at = now;
  s.used = true;
  const time_point start = std::max(now, s.full_at - s.depth);
  s.full_at += s.step;
  return start;
}

}  // namespace tautline
