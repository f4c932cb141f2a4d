// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// When to ask the peer whether it lives, and when to stop believing it.
#ifndef TAUTLINE_SRC_POLICY_HEARTBEAT_HPP
#define TAUTLINE_SRC_POLICY_HEARTBEAT_HPP

#include <tautline/options.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace tautline::policy {

/// Smoothed round trip (RFC 6298, section 2: alpha 1/8, beta 1/4; limit = SRTT + 4 x RTTVAR).
class round_trip {
 public:
  void sample(duration rtt) noexcept;
  [[nodiscard]] std::optional<duration> smoothed() const noexcept;
  /// A pong later than this is late; at least 50 ms. nullopt before the first sample.
  [[nodiscard]] std::optional<duration> limit() const noexcept;

 private:
  bool any_ = false;
  duration srtt_{}, rttvar_{};
};

/// What the heartbeat loop has to do now.
struct heartbeat_action {
  heartbeat_action() = default;
  bool ping = false;
  bool degraded = false;                ///< the state to show
  std::optional<errc> dead;             ///< heartbeat_timeout or write_timeout
  time_point next = time_point::max();  ///< when to ask again, at the latest
};

/// The watch of one connection. Time comes in with each call. Ask it to decide again by `next`,
/// and after `on_ping_sent` and when writing begins to wait: these bring `next` nearer. Whoever
/// only keeps to `next` still learns of everything, up to one timeout late.
class heartbeat_monitor {
 public:
  heartbeat_monitor(const heartbeat_options& o, time_point now);

  /// A ping is out, and nothing has come since.
  [[nodiscard]] bool asking() const noexcept { return asked_.has_value(); }
  /// Asks after this much silence if that is less than the options say.
  void limit_interval(duration d) noexcept;
  void on_bytes(time_point now) noexcept;      ///< any byte is life
  void on_ping_sent(time_point now) noexcept;  ///< also a barrier's
  void on_pong(time_point now) noexcept;
  /// A ping stands at the end of what is to be written, which is byte `end` of all: it is sent when `on_write_state`
  /// hears of that many. A pong may be quicker than the news that its ping went out, and then nothing is waited for.
  void on_ping_framed(std::uint64_t end) noexcept;
  [[nodiscard]] bool ping_waits() const noexcept { return framed_to_.has_value(); }
  /// The question, or what could not be written yet, waits behind bytes that get on: its timeout starts anew.
  void on_backlog_moved(time_point now) noexcept;
  /// Progress of writing: `unflushed` bytes wait, `flushed` have gone in all. True: a ping has just gone out.
  bool on_write_state(std::size_t unflushed, std::uint64_t flushed, time_point now) noexcept;

  /// Decides. If `now` is later than the `next` of the last decision by more than half the
  /// timeout, the process was suspended (or starved): the clocks of silence start anew and a
  /// ping goes out at once; nothing is declared dead before it had its timeout.
  [[nodiscard]] heartbeat_action decide(time_point now, const round_trip& rtt);

 private:
  [[nodiscard]] bool was_suspended(time_point now) const noexcept;
  void start_anew(time_point now) noexcept;
  [[nodiscard]] std::optional<errc> cause_of_death(time_point now) const noexcept;
  [[nodiscard]] bool asks() const noexcept { return kind_ != heartbeat_kind::none; }

  heartbeat_kind kind_;
  duration interval_, timeout_;
  time_point last_life_;
  std::optional<time_point> asked_;         // the first ping since the last byte that came
  std::optional<std::uint64_t> framed_to_;  // where the bytes of a ping end that is not out yet
  std::optional<time_point> write_stuck_;   // since when bytes wait without any of them going
  std::uint64_t flushed_ = 0;
  std::optional<time_point> expected_;  // `next` of the last decision
};

}  // namespace tautline::policy

#endif
