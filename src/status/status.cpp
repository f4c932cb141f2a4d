// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The status room: snapshots and counters, and the text they are shown as.
#include <tautline/status.hpp>

#include <fmt/format.h>

namespace tautline {

namespace {

const char* colour_of(link_state s) noexcept {
  switch (s) {
    case link_state::connected: return "32";
    case link_state::reconnecting: return "33";
    case link_state::disconnected: break;
  }
  return "31";
}

}  // namespace

std::string_view to_string(link_state s) noexcept {
  switch (s) {
    case link_state::disconnected: return "disconnected";
    case link_state::reconnecting: return "reconnecting";
    case link_state::connected: return "connected";
  }
  return "unknown";
}

std::string_view to_string(session_state s) noexcept {
  switch (s) {
    case session_state::none: return "none";
    case session_state::fresh: return "new";
    case session_state::resumed: return "resumed";
  }
  return "unknown";
}

std::string_view to_string(event_kind k) noexcept {
  switch (k) {
    case event_kind::up: return "up";
    case event_kind::down: return "down";
    case event_kind::retry_in: return "retry_in";
    case event_kind::degraded: return "degraded";
    case event_kind::recovered: return "recovered";
    case event_kind::resumed: return "resumed";
    case event_kind::session_reset: return "session_reset";
    case event_kind::overflow: return "overflow";
    case event_kind::expired: return "expired";
    case event_kind::unconfirmed: return "unconfirmed";
    case event_kind::drained: return "drained";
    case event_kind::gave_up: return "gave_up";
  }
  return "unknown";
}

status::status() = default;
event::event() = default;
event::event(event_kind k) : kind(k) {}
metrics::metrics() = default;

std::string indicator(const status& s, bool colour) {
  if (!colour) return std::string(to_string(s.state));
  return fmt::format("\x1b[{}m\u25cf\x1b[0m {}", colour_of(s.state), to_string(s.state));
}

}  // namespace tautline
