// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What is wrong with a link's options, field by field.
#include <tautline/options.hpp>

#include "policy/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tautline {

namespace {

using fault = std::optional<std::string>;

// Further ahead lies the end of the clock; nothing waits that long.
constexpr duration longest = std::chrono::hours(24 * 3650);

fault positive(std::string_view name, duration d) {
  if (d <= duration::zero()) return fmt::format("{} must be greater than zero", name);
  if (d > longest) return fmt::format("{} must be at most 10 years", name);
  return std::nullopt;
}

fault not_negative(std::string_view name, duration d) {
  if (d < duration::zero()) return fmt::format("{} must not be negative", name);
  if (d > longest) return fmt::format("{} must be at most 10 years", name);
  return std::nullopt;
}

fault at_least_one(std::string_view name, std::size_t n) {
  if (n < 1) return fmt::format("{} must be at least 1", name);
  return std::nullopt;
}

template <class Enum>
fault known(std::string_view name, Enum value, Enum last) {
  const auto v = static_cast<int>(value);
  if (v < 0 || v > static_cast<int>(last)) return fmt::format("{} must be one of its named values", name);
  return std::nullopt;
}

template <class... Faults>
fault first_of(Faults&&... faults) {
  fault found;
  (void)((found = std::forward<Faults>(faults), found.has_value()) || ...);
  return found;
}

/// RFC 9110, 5.6.2.
bool is_token(std::string_view s) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !s.empty() && std::all_of(s.begin(), s.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_of_the_upgrade(std::string_view name) {
  for (const char* own : {"Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Accept",
                          "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "Content-Length", "Transfer-Encoding"})
    if (same_name(name, own)) return true;
  return false;
}

bool holds_control(std::string_view s) {
  return std::any_of(s.begin(), s.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; });
}

fault check_endpoints(const options& o) {
  if (o.endpoints.empty() && !o.provider) return "endpoints must hold at least one URL, unless there is a provider";
  for (std::size_t i = 0; i < o.endpoints.size(); ++i) {
    policy::url read;
    std::string detail;
    if (policy::parse_url(o.endpoints[i], read, detail))
      return fmt::format("endpoints[{}] must be a ws:// or wss:// URL: {}", i, detail);
  }
  return std::nullopt;
}

fault check_headers(const options& o) {
  for (std::size_t i = 0; i < o.headers.size(); ++i) {
    const header& h = o.headers[i];
    if (!is_token(h.name)) return fmt::format("headers[{}].name must be a token (RFC 9110, 5.6.2)", i);
    if (is_of_the_upgrade(h.name))
      return fmt::format("headers[{}].name must not be {}, which the upgrade sets itself", i, h.name);
    if (holds_control(h.value))
      return fmt::format("headers[{}].value must not hold line breaks or other control characters", i);
  }
  return std::nullopt;
}

fault check_subprotocols(const options& o) {
  for (std::size_t i = 0; i < o.subprotocols.size(); ++i) {
    if (!is_token(o.subprotocols[i])) return fmt::format("subprotocols[{}] must be a token (RFC 6455, 4.1)", i);
    if (std::find(o.subprotocols.begin(), o.subprotocols.begin() + static_cast<std::ptrdiff_t>(i), o.subprotocols[i]) !=
        o.subprotocols.begin() + static_cast<std::ptrdiff_t>(i))
      return fmt::format("subprotocols[{}] must not be named twice", i);
  }
  return std::nullopt;
}

fault check_connection(const options& o) {
  return first_of(at_least_one("max_message_bytes", o.max_message_bytes),
                  positive("connect_timeout", o.connect_timeout), positive("close_timeout", o.close_timeout),
                  not_negative("drain_timeout", o.drain_timeout), known("session", o.session, session_use::off),
                  at_least_one("max_queued_events", o.max_queued_events));
}

fault check_tls(const tls_options& t) {
  if (!t.certificate_file.empty() && t.private_key_file.empty())
    return "tls.private_key_file must be set with tls.certificate_file";
  if (t.certificate_file.empty() && !t.private_key_file.empty())
    return "tls.certificate_file must be set with tls.private_key_file";
  const bool plain =
      std::all_of(t.server_name.begin(), t.server_name.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!plain) return "tls.server_name must be a host name without spaces";
  return std::nullopt;
}

fault check_backoff(const backoff_options& b) {
  if (auto f = first_of(positive("backoff.initial", b.initial), positive("backoff.max", b.max))) return f;
  if (b.max < b.initial) return "backoff.max must not be less than backoff.initial";
  if (!std::isfinite(b.multiplier) || b.multiplier < 1) return "backoff.multiplier must be at least 1, and finite";
  return first_of(known("backoff.jitter", b.jitter, jitter::decorrelated),
                  not_negative("backoff.stable_after", b.stable_after),
                  not_negative("backoff.first_retry_spread", b.first_retry_spread));
}

fault check_heartbeat(const heartbeat_options& h) {
  if (auto f = first_of(known("heartbeat.kind", h.kind, heartbeat_kind::custom),
                        positive("heartbeat.interval", h.interval), positive("heartbeat.timeout", h.timeout)))
    return f;
  if (h.kind != heartbeat_kind::custom) return std::nullopt;
  if (!h.codec.make_ping) return "heartbeat.codec.make_ping must be set for heartbeat_kind::custom";
  if (!h.codec.read_pong) return "heartbeat.codec.read_pong must be set for heartbeat_kind::custom";
  return std::nullopt;
}

fault check_queues(const options& o) {
  return first_of(
      at_least_one("queue.max_messages", o.queue.max_messages), at_least_one("queue.max_bytes", o.queue.max_bytes),
      known("queue.overflow", o.queue.overflow, overflow::drop_newest),
      not_negative("queue.time_to_live", o.queue.time_to_live),
      at_least_one("inbox.max_messages", o.inbox.max_messages), at_least_one("inbox.max_bytes", o.inbox.max_bytes),
      known("delivery.mode", o.delivery.mode, delivery_mode::at_most_once),
      known("delivery.responsibility", o.delivery.responsibility, responsibility::manual),
      known("delivery.resume", o.delivery.resume, resume_use::required),
      not_negative("delivery.barrier_interval", o.delivery.barrier_interval));
}

fault check_log(const log_options& l) {
  if (auto f = known("log.level", l.level, log_level::off)) return f;
  if (l.level != log_level::off && !l.sink) return "log.sink must be set, unless log.level is off";
  return std::nullopt;
}

}  // namespace

options::options() = default;

options::options(std::string url) { endpoints.push_back(std::move(url)); }

std::optional<std::string> options::validate() const {
  return first_of(check_endpoints(*this), check_headers(*this), check_subprotocols(*this), check_connection(*this),
                  check_tls(tls), check_backoff(backoff), check_heartbeat(heartbeat), check_queues(*this),
                  check_log(log));
}

}  // namespace tautline
