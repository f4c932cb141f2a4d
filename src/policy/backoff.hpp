// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The delay before an attempt, and the count of failures that only stability resets.
#ifndef TAUTLINE_SRC_POLICY_BACKOFF_HPP
#define TAUTLINE_SRC_POLICY_BACKOFF_HPP

#include <tautline/backoff.hpp>

#include <optional>

namespace tautline::policy {

/// `random` in [0, 1). Delay before the attempt that follows `failures` >= 1 failures:
/// min(max, initial x multiplier^(failures-1)), then jitter. Never overflows, whatever `failures`.
[[nodiscard]] duration backoff_delay(const backoff_options& o, unsigned failures, duration previous, double random);

/// The state of one link's backoff.
class backoff {
 public:
  explicit backoff(const backoff_options& o);

  struct decision {
    decision() = default;
    bool give_up = false;  ///< `max_attempts` are used up
    unsigned attempt = 1;  ///< number of the next attempt; 1 after a stable connection
    duration delay{};
  };
  /// A connection or attempt ended and the verdict is to retry. `was_up`: it had been
  /// established; `stable`: it had been up for `stable_after` with something confirmed.
  /// A stable connection's end resets the count and is retried first within
  /// `first_retry_spread`; anything else counts one failure. `why.retry_after` bounds the
  /// delay below; what it lengthens is spread over another `first_retry_spread`.
  [[nodiscard]] decision on_end(const cause& why, bool stable, double random);
  /// Failed attempts in a row; asking to retry now does not change it.
  [[nodiscard]] unsigned failures() const noexcept { return failures_; }
  void reset() noexcept;

 private:
  [[nodiscard]] duration chosen(const cause& why, bool stable, double random) const;
  [[nodiscard]] std::optional<duration> asked(const cause& why, bool stable, double random) const;
  [[nodiscard]] duration not_before(duration bound, duration delay, double random) const;

  backoff_options options_;
  unsigned failures_ = 0;
  duration previous_{};
};

/// Is a connection that lived from `up` to `now` stable?
[[nodiscard]] bool proved_stable(const backoff_options& o, duration uptime, bool something_confirmed) noexcept;

}  // namespace tautline::policy

#endif
