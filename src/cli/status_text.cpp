// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The words, the columns and the members of a status.
#include "status_text.hpp"

#include <tautline/backoff.hpp>

#include "printable.hpp"
#include "quantities.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string_view.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tautline::cli {
namespace {

// "reconnecting" and "disconnected": what follows the state keeps its place.
constexpr std::size_t widest_state = 12;

std::string of_attempts(const status& s) {
  return s.max_attempts == unlimited ? fmt::format("attempt {}", s.attempt)
                                     : fmt::format("attempt {} of {}", s.attempt, s.max_attempts);
}

std::string connected_details(const status& s) {
  std::string text = s.degraded ? "  degraded" : "";
  text += "  " + s.endpoint;
  if (s.session != session_state::none) text += fmt::format("  session {}", to_string(s.session));
  if (s.round_trip) text += "  rtt " + short_time(*s.round_trip);
  return text;
}

std::string reconnecting_details(const status& s) {
  std::string text = "  " + of_attempts(s);
  // Tenths of a second, so that the countdown keeps its width.
  if (s.next_attempt_in) text += fmt::format(" in {:.1f} s", std::max(0.0, in_milliseconds(*s.next_attempt_in) / 1000));
  return text + "  " + s.endpoint;
}

std::string details(const status& s) {
  switch (s.state) {
    case link_state::connected: return connected_details(s);
    case link_state::reconnecting: return reconnecting_details(s);
    case link_state::disconnected: break;
  }
  return s.endpoint.empty() ? std::string() : "  " + s.endpoint;
}

std::string json_string(std::string_view text) {
  const std::string valid = valid_utf8(text);
  return boost::json::serialize(boost::json::string_view(valid.data(), valid.size()));
}

// Boost.JSON writes 0.4 as 4E-1, which people and grep do not expect.
std::string milliseconds(const std::optional<duration>& d) {
  return d ? fmt::format("{}", std::round(in_milliseconds(*d) * 1000) / 1000) : "null";
}

bool is_promised(event_kind k) noexcept { return k != event_kind::recovered && k != event_kind::unconfirmed; }

std::string own_members(const event& e) {
  switch (e.kind) {
    case event_kind::retry_in: return fmt::format(",\"retry_in_ms\":{}", std::llround(in_milliseconds(e.delay)));
    case event_kind::overflow:
      return fmt::format(",\"policy\":{},\"message\":{}", json_string(e.policy), json_string(e.message));
    case event_kind::expired: return fmt::format(",\"message\":{}", json_string(e.message));
    case event_kind::session_reset:
      return fmt::format(",\"certain\":{},\"uncertain\":{},\"lost\":{}", e.certain, e.uncertain,
                         e.lost ? fmt::format("{}", *e.lost) : "null");
    default: return {};
  }
}

// An `up` has no cause, whatever the snapshot remembers of the break before it.
std::string cause_of(const event& e) {
  if (e.why) return e.why.describe();
  const bool bad = e.kind == event_kind::down || e.kind == event_kind::gave_up;
  return bad && e.status.why ? e.status.why.describe() : std::string();
}

std::string lost_text(const event& e) {
  return e.lost ? fmt::format("{} lost", *e.lost) : std::string("an unknown number lost");
}

}  // namespace

std::string status_line(const status& s, const std::string& progress, std::size_t width, colour c) {
  const std::string state(to_string(s.state));
  std::string text(widest_state - std::min(widest_state, state.size()), ' ');
  if (!progress.empty()) text += "  " + progress;
  text += details(s);
  text += fmt::format("  queued {}  unconfirmed {}", s.queued_messages, s.unconfirmed_messages);
  if (s.reconnects != 0) text += fmt::format("  reconnects {}", s.reconnects);
  if (s.state != link_state::connected && s.why) text += "  " + s.why.describe();

  const std::size_t dot = c == colour::on ? 2 : 0;
  if (width < dot + state.size()) return shortened(state, width);
  return indicator(s, c == colour::on) + shortened(printable(text), width - dot - state.size());
}

std::optional<std::string> plain_line(const event& e) {
  const auto& s = e.status;
  const auto text = [&]() -> std::optional<std::string> {
    switch (e.kind) {
      case event_kind::up: return fmt::format("connected to {} ({})", s.endpoint, of_attempts(s));
      case event_kind::down: return fmt::format("down: {}", cause_of(e));
      case event_kind::retry_in: return fmt::format("{} in {}", of_attempts(s), short_time(e.delay));
      case event_kind::degraded: return "degraded: a pong is late";
      case event_kind::recovered: return "recovered: the pong came";
      case event_kind::resumed: return "resumed: the session goes on";
      case event_kind::session_reset:
        return fmt::format("session reset: {} certain, {} uncertain, {}", e.certain, e.uncertain, lost_text(e));
      case event_kind::overflow: return fmt::format("overflow ({}): {}", e.policy, shortened(e.message, 60));
      case event_kind::expired: return fmt::format("expired: {}", shortened(e.message, 60));
      case event_kind::unconfirmed: return "unconfirmed: the peer answers no pings, so written counts as delivered";
      case event_kind::gave_up: return fmt::format("gave up: {}", cause_of(e));
      case event_kind::drained: break;
    }
    return std::nullopt;
  }();
  if (!text) return std::nullopt;
  return printable(*text);
}

std::optional<std::string> json_line(const event& e, std::int64_t ts_ms) {
  if (!is_promised(e.kind)) return std::nullopt;
  const auto& s = e.status;
  return fmt::format(
      "{{\"ts\":{},\"event\":\"{}\",\"status\":\"{}\",\"attempt\":{},\"cause\":{},\"endpoint\":{},"
      "\"rtt_ms\":{},\"queued\":{},\"unconfirmed\":{},\"session\":\"{}\"{}}}",
      ts_ms, to_string(e.kind), to_string(s.state), s.attempt, json_string(cause_of(e)), json_string(s.endpoint),
      milliseconds(s.round_trip), s.queued_messages, s.unconfirmed_messages, to_string(s.session), own_members(e));
}

std::string summary_json(const totals& t) {
  return fmt::format(
      "{{\"event\":\"summary\",\"sent\":{},\"delivered\":{},\"unknown\":{},\"not_sent\":{},"
      "\"received\":{},\"resent\":{},\"reconnects\":{},\"duration_ms\":{}}}",
      t.sent, t.delivered, t.unknown, t.not_sent, t.received, t.resent, t.reconnects,
      std::chrono::duration_cast<std::chrono::milliseconds>(t.took).count());
}

std::string summary_text(const totals& t) {
  return fmt::format("sent {}, delivered {}, unknown {}, not sent {}, received {}, resent {}, reconnects {}, {}",
                     t.sent, t.delivered, t.unknown, t.not_sent, t.received, t.resent, t.reconnects,
                     short_time(t.took));
}

}  // namespace tautline::cli
