// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Which of several endpoints is tried next.
#include "policy/endpoint_list.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tautline::policy {

endpoint_list::endpoint_list(std::vector<std::string> urls) : urls_(std::move(urls)), health_(urls_.size()) {}

const std::string& endpoint_list::current() const {
  static const std::string none;
  return urls_.empty() ? none : urls_[current_];
}

void endpoint_list::on_end(bool stable, verdict v, time_point now, duration retry_after) {
  if (urls_.empty()) return;
  last_end_ = now;
  if (stable)
    for (health& h : health_) h.failures = 0;

  health& mine = health_[current_];
  mine.not_before = now + retry_after;
  if (v == verdict::fatal) {
    mine.fatal = true;
    mine.failures += 1;
  } else if (!stable) {
    mine.failures += 1;
  }
  if (stable && v == verdict::retry) return;  // it worked: it is asked first
  move_on(now);
}

// Those that asked to be left alone for a while come last.
void endpoint_list::move_on(time_point now) {
  const auto rank = [&](std::size_t i) {
    return std::tuple(health_[i].fatal, std::max(health_[i].not_before, now), health_[i].failures, i);
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < urls_.size(); ++i)
    if (rank(i) < rank(best)) best = i;
  current_ = best;
}

bool endpoint_list::all_fatal() const noexcept {
  return !health_.empty() && std::all_of(health_.begin(), health_.end(), [](const health& h) { return h.fatal; });
}

bool endpoint_list::next_is_fresh() const noexcept {
  return !health_.empty() && health_[current_].failures == 0 && !health_[current_].fatal;
}

duration endpoint_list::rest() const noexcept {
  return health_.empty() ? duration::zero() : std::max(health_[current_].not_before - last_end_, duration::zero());
}

std::size_t endpoint_list::size() const noexcept { return urls_.size(); }

void endpoint_list::reset() noexcept {
  std::fill(health_.begin(), health_.end(), health());
  current_ = 0;
}

}  // namespace tautline::policy
