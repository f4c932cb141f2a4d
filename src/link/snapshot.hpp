// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the status and the events are made from: small, because each event that waits to be read
// holds one. Words that rarely change are shared.
#ifndef TAUTLINE_SRC_LINK_SNAPSHOT_HPP
#define TAUTLINE_SRC_LINK_SNAPSHOT_HPP

#include <tautline/status.hpp>

#include "delivery/outbox.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace tautline::detail {

using cause_ptr = std::shared_ptr<const cause>;       ///< null: nothing happened
using text_ptr = std::shared_ptr<const std::string>;  ///< null: empty

/// Keeps the old words if they are the same.
void set_text(text_ptr& to, const std::string& text);

struct snapshot {
  snapshot() = default;
  link_state state = link_state::disconnected;
  session_state session = session_state::none;
  bool degraded = false;
  unsigned attempt = 0, max_attempts = 0;
  cause_ptr why;
  text_ptr endpoint, subprotocol;
  std::optional<duration> next_attempt_in, round_trip;
  delivery::outbox_size size;
  duration uptime{};
  std::uint64_t reconnects = 0;

  [[nodiscard]] tautline::status whole() const;
};

/// An event that waits to be read.
class queued_event {
 public:
  queued_event() = default;
  queued_event(event_kind kind, cause_ptr why, duration delay) : kind_(kind), why_(std::move(why)), delay_(delay) {}
  /// Of one with words of its own, or one that comes back unread.
  explicit queued_event(event whole) : kind_(whole.kind), whole_(std::make_unique<event>(std::move(whole))) {}

  void happened(snapshot at) { at_ = std::make_unique<snapshot>(std::move(at)); }
  explicit operator event() &&;

 private:
  event_kind kind_ = event_kind::up;
  cause_ptr why_;
  duration delay_{};
  std::unique_ptr<snapshot> at_;  ///< null: `whole_` has it
  std::unique_ptr<event> whole_;
};

}  // namespace tautline::detail

#endif
