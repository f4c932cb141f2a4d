// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The delay before an attempt, and the count of failures that only stability resets.
#include "policy/backoff.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tautline::policy {

namespace {

// Beyond any use, and far from where `now + delay` would overflow.
constexpr duration longest_delay = std::chrono::hours(24 * 3650);

duration part_of(duration whole, double fraction) {
  return duration(static_cast<duration::rep>(static_cast<double>(whole.count()) * fraction));
}

// In floating point, where too many doublings end in infinity and not in a wrapped number.
duration capped_exponential(const backoff_options& o, unsigned failures) {
  const double factor = std::pow(o.multiplier, static_cast<double>(failures - 1));
  const double exact = static_cast<double>(o.initial.count()) * factor;
  if (!(exact < static_cast<double>(o.max.count()))) return o.max;
  return duration(static_cast<duration::rep>(exact));
}

duration decorrelated(const backoff_options& o, duration previous, double random) {
  const duration last = std::max(previous, o.initial);
  const duration high = last > o.max / 3 ? o.max : std::min(o.max, last * 3);
  return o.initial + part_of(std::max(high - o.initial, duration::zero()), random);
}

}  // namespace

duration backoff_delay(const backoff_options& o, unsigned failures, duration previous, double random) {
  if (o.jitter == jitter::decorrelated) return decorrelated(o, previous, random);
  const duration whole = capped_exponential(o, std::max(failures, 1U));
  if (o.jitter == jitter::full) return part_of(whole, random);
  if (o.jitter == jitter::equal) return whole / 2 + part_of(whole - whole / 2, random);
  return whole;
}

backoff::backoff(const backoff_options& o) : options_(o) {}

backoff::decision backoff::on_end(const cause& why, bool stable, double random) {
  if (stable)
    reset();
  else if (failures_ < std::numeric_limits<unsigned>::max() - 1)
    ++failures_;

  decision d;
  d.attempt = failures_ + 1;
  if (options_.max_attempts != unlimited && failures_ >= options_.max_attempts) {
    d.give_up = true;
    return d;
  }
  d.delay = chosen(why, stable, random);
  if (!stable) previous_ = d.delay;
  if (why.retry_after) d.delay = not_before(*why.retry_after, d.delay, random);
  return d;
}

duration backoff::chosen(const cause& why, bool stable, double random) const {
  if (options_.custom) {
    if (const auto own = asked(why, stable, random)) return std::clamp(*own, duration::zero(), longest_delay);
  }
  if (stable) return part_of(options_.first_retry_spread, random);
  return backoff_delay(options_, failures_, previous_, random);
}

std::optional<duration> backoff::asked(const cause& why, bool stable, double random) const {
  backoff_input in;
  in.failures = failures_;
  in.previous = previous_;
  in.was_stable = stable;
  in.why = why;
  in.random = random;
  try {
    return options_.custom(in);
  } catch (...) { return std::nullopt; }
}

// A server that sends a whole fleet away until the same second must not get it back in one instant.
duration backoff::not_before(duration bound, duration delay, double random) const {
  if (delay >= bound) return delay;
  return std::min(bound, longest_delay) + part_of(options_.first_retry_spread, random);
}

void backoff::reset() noexcept {
  failures_ = 0;
  previous_ = duration::zero();
}

bool proved_stable(const backoff_options& o, duration uptime, bool something_confirmed) noexcept {
  return something_confirmed && uptime >= o.stable_after;
}

}  // namespace tautline::policy
