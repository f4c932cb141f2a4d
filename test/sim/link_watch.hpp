// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What must hold of one link at every moment: its counters, its bounds, the order of its events, and
// the times of its attempts.
#ifndef TAUTLINE_TEST_SIM_LINK_WATCH_HPP
#define TAUTLINE_TEST_SIM_LINK_WATCH_HPP

#include <tautline/link.hpp>

#include "journal.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace tautline::sim {

/// The policy in a few lines: the least and the most that may lie between an end and the next attempt.
struct delay_bounds {
  delay_bounds() = default;
  duration least{}, most{};
};
[[nodiscard]] delay_bounds bounds_of(const backoff_options& o, unsigned failures, duration retry_after);

/// What is known of an endpoint's failures since the last connection that may have been stable: the delay of one that
/// has none is the spread of a first retry.
enum class health { fresh, failed, uncertain };

/// What is wrong with the counters of either end; empty: nothing. `sessions`: those there were at most; 0: plain mode.
/// Who closes reads on whether there is room or not, since what it waits for stands behind.
[[nodiscard]] std::string fault_of(const metrics& m, const options& o, std::uint64_t sessions, std::uint64_t handed_out,
                                   bool closing);

class link_watch {
 public:
  /// `window`: how many messages its peer takes unacknowledged; 0: it sets none.
  link_watch(std::string who, const options& o, std::size_t window, journal& told, testing::virtual_time& time)
      : who_(std::move(who)), opts_(o), window_(window), told_(told), time_(time) {}

  // From the application.
  void run_began();
  void run_ended(error_code ec);
  void on_event(const event& e);
  void closes() noexcept { closing_ = true; }
  /// While it waits for its next attempt. At any other time it has no effect.
  void asked_to_retry() noexcept { hurried_ = time_.now(); }
  void handed_out(std::size_t messages) noexcept { handed_ += messages; }
  /// The clock jumped: what was due meanwhile comes late.
  void jumped(duration d) noexcept { late_ = std::max(late_, d); }
  // From the network.
  void on_attempt(std::string_view authority, link_state shown);

  /// Between two events.
  void check(const link& l);

  [[nodiscard]] bool running() const noexcept { return running_; }
  [[nodiscard]] std::uint64_t handed() const noexcept { return handed_; }

 private:
  struct attempt {
    time_point when{};
    std::string where;
  };
  struct end {
    time_point when;
    duration said{};  ///< `retry_in`
    unsigned failures = 0;
    bool exact = false;  ///< `failures` are all there were
    duration retry_after{};
    std::set<std::string, std::less<>> failed;  ///< endpoints, since the last connection that may have been stable
    std::map<std::string, time_point, std::less<>> rests;
  };

  void on_down(const event& e);
  void on_retry(const event& e);
  void count_failure(const cause& why);
  void compare_attempts();
  void check_surrender();
  void compare(const end& e, const attempt& next);
  [[nodiscard]] health health_of(const end& e, const std::string& where) const;
  [[nodiscard]] delay_bounds bounds_for(const end& e, const std::string& where) const;
  void violated(std::string what) { told_.violated(who_, std::move(what)); }

  std::string who_;
  const options& opts_;
  const std::size_t window_;
  bool was_in_session_ = false;  ///< at the last event
  journal& told_;
  testing::virtual_time& time_;

  bool running_ = false;
  bool up_ = false, degraded_ = false, gave_up_ = false, exhausted_ = false;
  unsigned failures_ = 0;         ///< certain ones, since the last connection that may have been stable
  std::deque<attempt> attempts_;  ///< of this run, those that no end is matched with yet
  std::deque<end> ends_;
  attempt last_attempt_, attempt_before_;
  bool attempted_ = false;  ///< in this run
  bool exact_ = true;       ///< no connection of this run may have been stable
  /// In this run there was an attempt of a move. It goes where the server says, and its end is not told.
  bool moved_ = false;
  std::map<std::string, time_point, std::less<>> not_before_;
  std::set<std::string, std::less<>> failed_;
  std::optional<cause> last_down_;
  std::optional<time_point> hurried_;
  bool closing_ = false;
  duration late_{};
  std::uint64_t handed_ = 0;
};

}  // namespace tautline::sim

#endif
