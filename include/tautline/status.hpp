// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a link says about itself: a snapshot, events, counters.
#ifndef TAUTLINE_STATUS_HPP
#define TAUTLINE_STATUS_HPP

#include <tautline/config.hpp>
#include <tautline/error.hpp>
#include <tautline/message.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tautline {

enum class link_state : unsigned char {
  disconnected,  ///< red: not running, or ended
  reconnecting,  ///< yellow: an attempt is under way or waits for its time
  connected,     ///< green
};
[[nodiscard]] std::string_view to_string(link_state) noexcept;

enum class session_state : unsigned char { none, fresh, resumed };
[[nodiscard]] std::string_view to_string(session_state) noexcept;  ///< "none", "new", "resumed"

/// A snapshot. Holds no secret.
struct status {
  status();
  link_state state = link_state::disconnected;
  bool degraded = false;                    ///< connected, and a pong is late
  cause why;                                ///< of the last change
  unsigned attempt = 0;                     ///< the one under way or planned; 1 at the first
  unsigned max_attempts = 0;                ///< 0: unlimited
  std::optional<duration> next_attempt_in;  ///< while one is planned
  std::string endpoint;                     ///< without user info and query
  std::string subprotocol;                  ///< that was agreed on
  session_state session = session_state::none;
  std::optional<duration> round_trip;                           ///< smoothed (RFC 6298)
  std::size_t queued_messages = 0, queued_bytes = 0;            ///< not yet written
  std::size_t unconfirmed_messages = 0, unconfirmed_bytes = 0;  ///< written
  duration uptime{};                                            ///< of the present connection
  std::uint64_t reconnects = 0;                                 ///< connections after the first
};

enum class event_kind : unsigned char {
  up,             ///< connected
  down,           ///< the connection, or an attempt at one, ended: `why`
  retry_in,       ///< the next attempt starts after `delay`
  degraded,       ///< a pong is late
  recovered,      ///< and then it came
  resumed,        ///< the session went on on a new connection
  session_reset,  ///< it did not: `certain`, `uncertain`, `lost`
  overflow,       ///< the queue was full: `policy`, `message`
  expired,        ///< a message outlived its time: `message`
  unconfirmed,    ///< the peer answers no pings; `written` is taken for `delivered` from now on
  drained,        ///< nothing is queued or unconfirmed any more
  gave_up,        ///< the link ended by itself: `why`
};
[[nodiscard]] std::string_view to_string(event_kind) noexcept;

struct event {
  event();
  explicit event(event_kind k);
  event_kind kind = event_kind::up;
  tautline::status status;  ///< at that moment
  cause why;
  duration delay{};
  /// overflow, expired: the message that was dropped, rejected or expired (its first 1 KiB).
  std::string message;
  std::string policy;
  std::uint64_t certain = 0, uncertain = 0;
  std::optional<std::uint64_t> lost;
};

/// Counters since construction. `sent == delivered + unknown + not_sent + pending`.
struct metrics {
  metrics();
  std::uint64_t sent = 0;  ///< messages that a send accepted, or ended in a receipt
  std::uint64_t delivered = 0, unknown = 0, not_sent = 0;
  std::uint64_t pending = 0;  ///< queued or unconfirmed now
  std::uint64_t dropped = 0, rejected = 0, expired = 0, superseded = 0, withdrawn = 0;
  std::uint64_t resent = 0;                          ///< writes after a message's first
  std::uint64_t received = 0;                        ///< messages handed to the inbox
  std::uint64_t bytes_sent = 0, bytes_received = 0;  ///< of payload
  std::uint64_t attempts = 0, connections = 0, reconnects = 0;
  std::uint64_t pings = 0, pongs = 0, barriers = 0;
  std::uint64_t events_dropped = 0;
};

/// The dot and the word of the indicator: "\x1b[32m●\x1b[0m connected". Without colour: "connected".
[[nodiscard]] std::string indicator(const status&, bool colour);

/// The counters in the Prometheus text exposition format 0.0.4, names `tautline_link_...`.
[[nodiscard]] std::string prometheus_text(const metrics&);

}  // namespace tautline

#endif
