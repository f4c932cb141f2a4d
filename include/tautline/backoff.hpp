// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// When the next attempt may start.
#ifndef TAUTLINE_BACKOFF_HPP
#define TAUTLINE_BACKOFF_HPP

#include <tautline/config.hpp>
#include <tautline/error.hpp>

#include <cstdint>
#include <functional>
#include <memory>

namespace tautline {

/// How a delay is spread, so that a fleet does not come back in one moment. Applied after the
/// cap. Names and formulas: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
enum class jitter {
  none,          ///< d
  full,          ///< uniform in [0, d]
  equal,         ///< d/2 + uniform in [0, d/2]
  decorrelated,  ///< uniform in [initial, min(max, 3 x previous delay)]
};

/// What a user's own backoff is told.
struct backoff_input {
  backoff_input() = default;

  unsigned failures = 0;    ///< failed attempts in a row, 1 at the first
  duration previous{};      ///< the last delay that was chosen, zero at the first
  bool was_stable = false;  ///< the connection that ended had proved stable
  cause why;                ///< why it ended
  double random = 0;        ///< uniform in [0, 1), drawn for this call
};

/// Limits the attempts per second of everything that shares it (a whole process, say), with a
/// token bucket. Thread-safe; share it with `std::shared_ptr`.
class attempt_budget {
 public:
  /// `per_second` > 0; `burst` >= 1 attempts may start at once after a rest. Throws
  /// `std::invalid_argument` for anything else.
  explicit attempt_budget(double per_second, unsigned burst = 1);
  ~attempt_budget();
  attempt_budget(const attempt_budget&) = delete;
  attempt_budget& operator=(const attempt_budget&) = delete;

  /// Reserves one attempt and says when it may start: `now`, or later. Reservations are handed
  /// out in the order of the calls.
  [[nodiscard]] time_point reserve(time_point now);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The number of attempts that never ends.
inline constexpr unsigned unlimited = 0;

/// The defaults: 1 s, doubling, at most 30 s, full jitter, 10 attempts in a row.
struct backoff_options {
  backoff_options() = default;

  duration initial = std::chrono::seconds(1);  ///< before the second attempt; > 0
  duration max = std::chrono::seconds(30);     ///< cap of a delay before jitter; >= initial
  double multiplier = 2.0;                     ///< >= 1
  tautline::jitter jitter = tautline::jitter::full;
  /// Failed attempts in a row after which the link gives up; `unlimited` for never.
  unsigned max_attempts = 10;
  /// A connection that was up this long, with one confirmed message or pong, counts as stable:
  /// only then the count of failures returns to zero.
  duration stable_after = std::chrono::seconds(5);
  /// A connection that had been stable is retried first after a random time up to this.
  duration first_retry_spread = std::chrono::milliseconds(100);
  /// Takes the place of the formula. What it returns is bounded below by zero and by what the
  /// peer asked for (Retry-After). If it throws, the formula is used.
  std::function<duration(const backoff_input&)> custom;
  std::shared_ptr<attempt_budget> budget;  ///< none: unlimited
};

}  // namespace tautline

#endif
