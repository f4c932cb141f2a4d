// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Error codes, and the cause that every end of a connection is turned into.
#ifndef TAUTLINE_ERROR_HPP
#define TAUTLINE_ERROR_HPP

#include <tautline/config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tautline {

/// What the library itself reports. Errors of the network, of TLS and of the resolver keep the
/// codes that Asio gives them.
enum class errc {
  attempts_exhausted = 1,  ///< `max_attempts` failed in a row; everything queued is still there
  already_running,         ///< `async_run` while a run is under way
  closed,                  ///< the link was closed (`async_close`), or its peer ended it for good
  closing,                 ///< a send after `async_close` was called
  queue_full,              ///< `try_send` on a full queue, or policy `reject`; the message was not taken
  dropped,                 ///< an overflow policy dropped the message before it was sent
  expired,                 ///< the message's time to live ran out before it was delivered
  superseded,              ///< a newer message with the same key replaced it in the queue
  withdrawn,               ///< its sender cancelled it, or `take_undelivered` handed it back
  outcome_unknown,         ///< it was written, the link broke, and no confirmation had come
  message_too_large,       ///< larger than `max_message_bytes` or than the whole queue's bytes
  invalid_options,         ///< `options::validate()` found a field out of range
  invalid_url,             ///< not a ws:// or wss:// URL
  invalid_utf8,            ///< a text message whose payload is not UTF-8
  invalid_json,            ///< a received payload is not JSON
  connect_timeout,         ///< the attempt did not end within `connect_timeout`
  resolve_timeout,         ///< the name was not resolved within the attempt's deadline
  heartbeat_timeout,       ///< no byte came within the heartbeat's timeout
  write_timeout,           ///< the socket took no byte for the heartbeat's timeout
  close_timeout,           ///< the close handshake did not end within its limit
  drain_timeout,           ///< `async_close` gave up waiting for confirmations
  provider_failed,         ///< the endpoint provider threw
  too_many_redirects,      ///< more than five
  insecure_redirect,       ///< from wss to ws
  bad_redirect,            ///< without a usable Location
  not_websocket,           ///< the peer answered something else than an upgrade
  bad_upgrade,             ///< an upgrade answer that breaks RFC 6455
  subprotocol_refused,     ///< the server chose a subprotocol that was not offered
  header_too_large,        ///< the upgrade's headers exceed the limit
  handshake_timeout,       ///< server: the peer did not finish its upgrade in time
  overloaded,              ///< server: a limit was reached, the peer was refused
  refused,                 ///< server: `authorize` or the origin check refused the peer
  session_unavailable,     ///< `session: require` and the peer does not speak tautline.v1
  protocol_error,          ///< the peer broke RFC 6455
  session_lost,            ///< `resume: required` and the session is gone
  session_expired,         ///< server: the session ended, because nobody came back or could go on with it
  session_fault,           ///< the peer broke tautline.v1: `cause::detail` says how
  session_timeout,         ///< the peer chose tautline.v1 and did not answer the hello
  callback_failed,         ///< a function that the options hold threw, and the run ended: the log has its words
};

[[nodiscard]] const boost::system::error_category& tautline_category() noexcept;
/// Values are the close codes of RFC 6455, section 7.4, and 4000-4999.
[[nodiscard]] const boost::system::error_category& close_category() noexcept;
/// Values are HTTP status codes of a refused upgrade.
[[nodiscard]] const boost::system::error_category& http_category() noexcept;

[[nodiscard]] inline error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), tautline_category()}; }

/// Where in the life of a connection it ended.
enum class phase {
  none,       ///< nothing happened yet
  provider,   ///< asking the application for an endpoint
  url,        ///< reading the URL
  resolve,    ///< the name
  connect,    ///< TCP
  tls,        ///< the TLS handshake
  upgrade,    ///< the HTTP upgrade
  session,    ///< the hello of tautline.v1
  open,       ///< an established connection
  heartbeat,  ///< an established connection that fell silent
  local,      ///< this side asked for it
};
[[nodiscard]] std::string_view to_string(phase) noexcept;

/// What follows from a cause.
enum class verdict {
  retry,        ///< try again after the backoff's delay
  retry_after,  ///< the same, but not before `cause::retry_after`
  fatal,        ///< trying again cannot help: the link ends
};
[[nodiscard]] std::string_view to_string(verdict) noexcept;

/// Why a connection (or an attempt at one) ended. Holds no secret: URLs in it are without user
/// info and query.
struct cause {
  cause();

  phase where = phase::none;
  error_code code;                      ///< never empty unless `where` is none or the end was asked for
  std::uint16_t close_code = 0;         ///< of the peer's close frame; 1005 if it held none; 0: no close frame
  std::string close_reason;             ///< the peer's words, as sent (untrusted)
  unsigned http_status = 0;             ///< of a refused upgrade; 0: none
  std::optional<duration> retry_after;  ///< what the peer asked for (Retry-After, retry_after_ms)
  std::string location;                 ///< of a redirect
  std::string detail;                   ///< more words, for example which certificate check failed
  verdict what_follows = verdict::retry;

  /// One line for people, for example
  /// "upgrade: the server refused with HTTP 503 Service Unavailable (retry after 5 s)".
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] explicit operator bool() const noexcept { return where != phase::none; }
};

}  // namespace tautline

template <>
struct boost::system::is_error_code_enum<tautline::errc> : std::true_type {};

#endif
