// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Which of several endpoints is tried next.
#ifndef TAUTLINE_SRC_POLICY_ENDPOINT_LIST_HPP
#define TAUTLINE_SRC_POLICY_ENDPOINT_LIST_HPP

#include <tautline/config.hpp>
#include <tautline/error.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace tautline::policy {

/// In turn, each with its own health: an endpoint that fails is passed over for the others; the
/// one that worked last is kept until it fails. With one endpoint it is always that.
/// An endpoint with a fatal cause is out; only when all are out the link ends.
class endpoint_list {
 public:
  explicit endpoint_list(std::vector<std::string> urls);

  [[nodiscard]] const std::string& current() const;
  /// The attempt at, or the connection to, the current one ended. Unstable ends and failures move
  /// on to the healthiest next one (fewest failures in a row, then the order given), past those
  /// whose `retry_after` is not over yet. A stable end keeps the current one, unless it asked for
  /// time, and forgets the failures of all.
  void on_end(bool stable, verdict v, time_point now, duration retry_after);
  /// True when every endpoint had a fatal cause.
  [[nodiscard]] bool all_fatal() const noexcept;
  /// True if the next one has not failed since the last stable connection: it may be tried
  /// without the backoff's delay, after the first-retry spread only.
  [[nodiscard]] bool next_is_fresh() const noexcept;
  /// How long after the last end the next one has asked to be left alone.
  [[nodiscard]] duration rest() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  void reset() noexcept;

 private:
  struct health {
    unsigned failures = 0;
    bool fatal = false;
    time_point not_before{};
  };
  void move_on(time_point now);

  std::vector<std::string> urls_;
  std::vector<health> health_;
  std::size_t current_ = 0;
  time_point last_end_{};
};

}  // namespace tautline::policy

#endif
