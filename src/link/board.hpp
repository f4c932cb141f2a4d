// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Where the loops write what the link is doing, and any thread reads it.
#ifndef TAUTLINE_SRC_LINK_BOARD_HPP
#define TAUTLINE_SRC_LINK_BOARD_HPP

#include <tautline/status.hpp>

#include "link/snapshot.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace tautline::detail {

/// Thread-safe.
class board {
 public:
  /// What a snapshot is made of, with times in place of ages.
  struct facts {
    facts() = default;
    snapshot shown;
    time_point up_since{};
    std::optional<time_point> next_attempt;
  };

  template <class F>
  void update(F change) {
    const std::lock_guard lock(mutex_);
    change(facts_);
  }

  [[nodiscard]] snapshot read(time_point now) const {
    const std::lock_guard lock(mutex_);
    auto s = facts_.shown;
    if (s.state == link_state::connected) s.uptime = now - facts_.up_since;
    if (facts_.next_attempt) s.next_attempt_in = std::max(duration::zero(), *facts_.next_attempt - now);
    return s;
  }

  [[nodiscard]] bool degraded() const {
    const std::lock_guard lock(mutex_);
    return facts_.shown.degraded;
  }

  [[nodiscard]] link_state state() const {
    const std::lock_guard lock(mutex_);
    return facts_.shown.state;
  }

  void add_counters(metrics& m) const noexcept {
    m.received = count.received.load(std::memory_order_relaxed);
    m.bytes_received = count.bytes_received.load(std::memory_order_relaxed);
    m.attempts = count.attempts.load(std::memory_order_relaxed);
    m.connections = count.connections.load(std::memory_order_relaxed);
    m.reconnects = m.connections > 0 ? m.connections - 1 : 0;
    m.pings = count.pings.load(std::memory_order_relaxed);
    m.pongs = count.pongs.load(std::memory_order_relaxed);
    m.barriers = count.barriers.load(std::memory_order_relaxed);
    m.events_dropped = count.events_dropped.load(std::memory_order_relaxed);
  }

  // Counters of the loops; those of the outbox are kept by the intake.
  struct counters {
    std::atomic<std::uint64_t> received{0}, bytes_received{0}, attempts{0}, connections{0}, pings{0}, pongs{0},
        barriers{0}, events_dropped{0};
  };
  counters count;

 private:
  mutable std::mutex mutex_;
  facts facts_;
};

}  // namespace tautline::detail

#endif
