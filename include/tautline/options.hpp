// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Everything that can be set on a link. A value: fill it, `validate()` it, hand it over.
#ifndef TAUTLINE_OPTIONS_HPP
#define TAUTLINE_OPTIONS_HPP

#include <tautline/backoff.hpp>
#include <tautline/config.hpp>
#include <tautline/error.hpp>
#include <tautline/message.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tautline {

/// One HTTP header of the upgrade request.
struct header {
  header() = default;
  header(std::string n, std::string v) : name(std::move(n)), value(std::move(v)) {}
  std::string name;
  std::string value;
};

/// Where to connect, and with what.
struct target {
  target() = default;
  explicit target(std::string u) : url(std::move(u)) {}
  std::string url;                        ///< ws://host[:port]/path?query or wss://...
  std::vector<header> headers;            ///< after those of `options::headers`; same name: replaces them
  std::vector<std::string> subprotocols;  ///< if not empty, in place of `options::subprotocols`
};

/// What an endpoint provider is told.
struct attempt_info {
  attempt_info() = default;
  unsigned attempt = 1;  ///< 1 at the first after a stable connection
  cause last;            ///< how the last connection or attempt ended
};

/// Called on the link's strand before every attempt; the place for a token that must be fresh.
/// What it throws counts as a failed attempt (`phase::provider`) and never ends the link by
/// itself. Runs under the attempt's deadline.
using endpoint_provider = std::function<asio::awaitable<target>(attempt_info)>;

struct tls_options {
  tls_options() = default;
  bool verify = true;            ///< peer certificate and host name; switch off for tests only
  std::string ca_file;           ///< PEM; empty: the system's roots
  std::string ca_pem;            ///< the same, given as text; both are added up
  std::string certificate_file;  ///< PEM chain of this side
  std::string private_key_file;  ///< PEM; needed with `certificate_file`
  std::string server_name;       ///< for SNI and the host name check; empty: the URL's host
  bool session_tickets = true;   ///< resume TLS sessions on reconnect
};

/// How the peer is asked whether it lives. In session mode the protocol has its own ping, whatever the kind
/// (`none` asks never).
enum class heartbeat_kind {
  websocket,  ///< a ping frame, answered by a pong frame (RFC 6455, 5.5.2)
  json,       ///< a text message {"type":"ping"}, answered by {"type":"pong",...}
  both,
  none,    ///< never asked; TCP alone notices a dead path. Pong barriers still ask.
  custom,  ///< `heartbeat_options::codec`
};

/// A user's own heartbeat messages.
struct heartbeat_codec {
  heartbeat_codec() = default;
  std::function<message(std::uint64_t id)> make_ping;
  /// The id of the ping that this message answers (or 0 if it does not say); nullopt if it is
  /// no pong. A pong is not handed to the application.
  std::function<std::optional<std::uint64_t>(const message&)> read_pong;
};

struct heartbeat_options {
  heartbeat_options() = default;
  heartbeat_kind kind = heartbeat_kind::websocket;
  duration interval = std::chrono::seconds(30);  ///< silence after which the peer is asked; > 0
  duration timeout = std::chrono::seconds(10);   ///< without any byte after asking: dead; > 0
  heartbeat_codec codec;
  /// Answer {"type":"ping"} with {"type":"pong","timestamp":<ms>} and keep both from the
  /// application. Links of a `server` have it on.
  bool answer_json = false;
};

/// What happens to a message that finds the queue full.
enum class overflow {
  wait,         ///< `async_send` waits for room; `try_send` fails with `errc::queue_full`
  reject,       ///< `errc::queue_full`
  drop_oldest,  ///< the oldest queued, unsent message goes (urgent ones last, and only for an urgent one):
                ///< its receipt says `errc::dropped`
  drop_newest,  ///< the new one goes: its receipt says `errc::dropped`
};

/// The outbox: what is queued and what is written and unconfirmed count together.
struct queue_options {
  queue_options() = default;
  std::size_t max_messages = 100'000;                     ///< >= 1
  std::size_t max_bytes = std::size_t{64} * 1024 * 1024;  ///< of payload; >= 1
  tautline::overflow overflow = tautline::overflow::wait;
  duration time_to_live{};  ///< for messages that set none; zero: for ever
};

/// What has been read and not yet received by the application. In plain mode reading stops while it
/// is full; in session mode it is the window that the peer is told.
struct inbox_options {
  inbox_options() = default;
  std::size_t max_messages = 4'096;
  std::size_t max_bytes = std::size_t{16} * 1024 * 1024;
};

/// Plain mode: what happens to a message that was written and not confirmed when the link broke.
enum class delivery_mode {
  at_least_once,  ///< it is sent again: repeats are possible, and counted
  at_most_once,   ///< it is reported: `errc::outcome_unknown`
};

/// Session mode: when this side becomes responsible for a message that came, so that its sender may
/// forget it.
enum class responsibility {
  received,  ///< once it is in the inbox: it is lost if this process dies before it is consumed
  consumed,  ///< once it was handed to the application
  manual,    ///< once the application has called `message::acknowledge`
};

/// Session mode: what a client wants if its session cannot go on.
enum class resume_use {
  allowed,   ///< a new one, reported by `event_kind::session_reset`; what may be repeated follows
             ///< `delivery_options::mode`
  required,  ///< the link ends with `errc::session_lost`, and what was unacknowledged is `outcome_unknown`
};

struct delivery_options {
  delivery_options() = default;
  /// Plain mode: at every break. Session mode: only for what an ended session may have taken over.
  delivery_mode mode = delivery_mode::at_least_once;
  tautline::responsibility responsibility = tautline::responsibility::consumed;
  resume_use resume = resume_use::allowed;
  /// The least time between two pong barriers while the queue is busy.
  duration barrier_interval = std::chrono::milliseconds(100);
  /// For peers that never answer pings: take `written` for `delivered` (an event says so, once).
  bool written_is_enough = false;
};

/// Whether tautline.v1 is offered (docs/protocol.md).
enum class session_use {
  automatic,  ///< offered; with a peer that does not speak it the link works in plain mode
  require,    ///< a peer that does not speak it is a fatal cause: `errc::session_unavailable`
  off,
};

enum class log_level : unsigned char { trace, debug, info, warning, error, off };

struct log_options {
  log_options() = default;
  log_level level = log_level::off;
  /// Called on the link's strand; must not throw. Nothing is formatted below `level`.
  std::function<void(log_level, std::string_view)> sink;
};

/// The options of one link.
struct options {
  options();
  /// One endpoint, everything else by default.
  explicit options(std::string url);

  std::vector<std::string> endpoints;  ///< tried in turn; used if there is no `provider`
  endpoint_provider provider;

  std::vector<header> headers;
  std::vector<std::string> subprotocols;
  bool compress = false;                                          ///< offer permessage-deflate (RFC 7692)
  std::size_t max_message_bytes = std::size_t{16} * 1024 * 1024;  ///< both directions; >= 1
  duration connect_timeout = std::chrono::seconds(10);            ///< the whole attempt, resolve to upgrade
  duration close_timeout = std::chrono::seconds(5);               ///< the closing handshake
  duration drain_timeout = std::chrono::seconds(30);              ///< `async_close`: until all is delivered
  bool no_delay = true;                                           ///< TCP_NODELAY
  bool tcp_user_timeout = true;  ///< TCP_USER_TIMEOUT on Linux, from the heartbeat's times

  tls_options tls;
  backoff_options backoff;
  heartbeat_options heartbeat;
  queue_options queue;
  inbox_options inbox;
  delivery_options delivery;
  session_use session = session_use::automatic;

  /// May change the verdict on a cause. The default verdict is in `cause::what_follows`.
  std::function<verdict(const cause&)> classify;
  log_options log;
  std::size_t max_queued_events = 1'024;  ///< beyond it the oldest unread events go, counted

  /// The first field that is out of range, by name, with what is allowed
  /// ("heartbeat.interval must be greater than zero"); nullopt if all is well.
  [[nodiscard]] std::optional<std::string> validate() const;
};

}  // namespace tautline

#endif
