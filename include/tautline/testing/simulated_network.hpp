// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A network of named hosts on virtual time, at the level of WebSocket messages: scripted servers,
// paths with latency, bandwidth and faults, and a cut at any event that a test chooses.
#ifndef TAUTLINE_TESTING_SIMULATED_NETWORK_HPP
#define TAUTLINE_TESTING_SIMULATED_NETWORK_HPP

#include <tautline/config.hpp>
#include <tautline/error.hpp>
#include <tautline/message.hpp>
#include <tautline/options.hpp>
#include <tautline/testing/direction.hpp>
#include <tautline/testing/virtual_time.hpp>
#include <tautline/time.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::testing {

namespace detail {
class network_core;
class host_state;
class wire;
}  // namespace detail

/// What a path does to everything that crosses it.
struct path_options {
  path_options() = default;
  duration latency_up = std::chrono::microseconds(500);    ///< one way
  duration latency_down = std::chrono::microseconds(500);  ///< one way
  duration jitter{};                                       ///< uniform in [0, jitter] on top; never changes the order
  std::uint64_t bytes_per_second = 0;                      ///< each direction of each connection; 0: no limit
  /// What the operating systems hold of one direction: bytes beyond it stay with the sender.
  std::size_t window = 256 * 1024;
};

/// How a host answers an attempt to connect.
class answer {
 public:
  [[nodiscard]] static answer accept();
  /// Nobody listens: `connection_refused`.
  [[nodiscard]] static answer refuse();
  /// The name has no address: `host_not_found`.
  [[nodiscard]] static answer unresolved();
  /// This phase never ends by itself.
  [[nodiscard]] static answer hang(phase where);
  /// The upgrade is refused with this HTTP status.
  [[nodiscard]] static answer http(unsigned status, std::optional<duration> retry_after = std::nullopt);
  [[nodiscard]] static answer redirect(unsigned status, std::string location);
  /// The attempt fails in the cause's phase with that cause.
  [[nodiscard]] static answer fail(cause why);
  /// The upgrade succeeds, and at once a close frame follows (0: one without a code), a reset, or a FIN.
  [[nodiscard]] static answer accept_and_close(std::uint16_t code, std::string reason = {});
  [[nodiscard]] static answer accept_and_reset();
  [[nodiscard]] static answer accept_and_drop();

 private:
  friend class detail::network_core;
  friend class detail::host_state;
  enum class ending : unsigned char { none, close, reset, drop };
  answer() = default;

  std::optional<cause> failure_;
  std::optional<phase> hangs_;
  ending then_ = ending::none;
  std::uint16_t code_ = 0;
  std::string reason_;
};

/// A message or ping that arrived at a host.
struct arrival {
  arrival() = default;
  time_point time;
  std::string payload;
  payload_kind kind = payload_kind::text;
  unsigned connection = 0;  ///< of this host, 1 at the first
};

/// An attempt to connect that reached a host's upgrade, or its phase of failure.
struct attempt_record {
  attempt_record() = default;
  time_point time;     ///< when it began
  std::string client;  ///< as `make_environment` named it
  std::string url;
  std::vector<header> headers;
  std::vector<std::string> subprotocols;
};

/// The server's end of one connection. A cheap handle; what is called on it after the connection
/// ended does nothing.
class simulated_peer {
 public:
  explicit simulated_peer(std::shared_ptr<detail::wire> w) noexcept;

  [[nodiscard]] unsigned number() const noexcept;  ///< of the connection, 1 at its host's first
  [[nodiscard]] bool open() const noexcept;
  void send(const message& m);
  void ping(std::string_view payload);
  /// An answer to a ping, or an unasked-for one.
  void pong(std::string_view payload);
  /// A close frame (0: without a code).
  void close(std::uint16_t code, std::string_view reason = {});
  /// Both ends see `connection_reset`; what is under way is lost.
  void reset();
  /// A FIN without a close frame: the client reads what is under way, then an end of file.
  void drop();
  /// Something that breaks RFC 6455: the client ends with `why` and sends the close code that
  /// belongs to it (1002, 1007 or 1009).
  void misbehave(errc why);

 private:
  std::shared_ptr<detail::wire> wire_;
};

enum class habit : unsigned char { yes, no };

/// One server. By default it accepts, records, answers pings and closes, and sends nothing.
class simulated_host {
 public:
  explicit simulated_host(std::shared_ptr<detail::host_state> state) noexcept;

  /// For every attempt from now on, also in place of what `answers_next` had planned.
  void answers(answer a);
  /// For the next attempt that has no answer yet; several are used up in order.
  void answers_next(answer a);
  void answers_pings(habit h);
  void answers_closes(habit h);
  /// The subprotocol that is chosen whenever a client offers it.
  void speaks(std::string subprotocol);
  /// Sends every message back.
  void echoes();
  void on_open(std::function<void(simulated_peer)> f);
  void on_message(std::function<void(simulated_peer, const arrival&)> f);
  /// The server is no script but a link: for each connection `f` gets the environment whose
  /// connector hands out the server's end of it, once. (A whole `tautline::server` is put here by
  /// `simulated_network::make_server_environment`.)
  void on_link(std::function<void(environment)> f);

  /// The application stops reading: windows fill, nothing is recorded or answered.
  void pause_reading();
  void resume_reading();
  /// The application of a script reads no faster than this, on each connection; 0: no limit.
  void reads_at_most(std::uint64_t bytes_per_second);

  /// For open and later connections.
  void path(path_options o);
  /// Nothing arrives in that direction, nobody is told; attempts to connect hang.
  void black_hole(direction d);
  /// What TCP has kept is sent again and arrives.
  void heal();
  /// The machine goes down: every connection is reset, attempts are refused until `start`. What
  /// lives in the server's process is not touched: a restart that forgets is one in which a script
  /// or a `tautline::server` is replaced meanwhile.
  void stop();
  void start();
  void reset_all();
  void drop_all();
  void close_all(std::uint16_t code, std::string_view reason = {});
  void send_all(const message& m);

  /// In the order of arrival, over all connections.
  [[nodiscard]] const std::vector<arrival>& received() const noexcept;
  [[nodiscard]] const std::vector<arrival>& pings() const noexcept;
  [[nodiscard]] const std::vector<attempt_record>& attempts() const noexcept;
  /// Connections that were established: ever, and now.
  [[nodiscard]] unsigned connections() const noexcept;
  [[nodiscard]] unsigned open_connections() const;
  /// The close code that the client of the last closed connection sent; 0: none.
  [[nodiscard]] std::uint16_t last_close_code() const noexcept;

 private:
  std::shared_ptr<detail::host_state> state_;
};

/// What can be cut.
enum class step : unsigned char {
  resolve,
  connect,
  tls,
  upgrade,
  flush,  ///< framed bytes are about to be handed to the operating system
  data,   ///< frames are about to arrive
  ping,
  pong,
  close,
};
[[nodiscard]] std::string_view to_string(step) noexcept;

struct network_event {
  network_event() = default;
  std::uint64_t number = 0;  ///< over the whole network, 1 at the first
  step what = step::resolve;
  direction way = direction::up;
  std::string host;
  unsigned connection = 0;  ///< 0 before there is one
  std::string client;       ///< as `make_environment` named it
};

/// What a test does to an event.
enum class interference : unsigned char {
  none,
  reset,    ///< the event does not happen; the connection (or the attempt) is reset
  silence,  ///< from this event on nothing arrives on this connection, either way
  /// The sender's end is reset, and what it had sent, this included, arrives up to ten seconds later, as
  /// from a proxy that lost one side. An attempt to connect hangs.
  orphan,
};

/// Hosts and the paths to them. Everything happens on the thread that drives the virtual time.
/// The same calls and the same seed give the same trace. Lifetime: not longer than the io_context
/// of its time, unless nothing but the destructor is called.
class simulated_network {
 public:
  simulated_network(std::shared_ptr<virtual_time> time, std::uint64_t seed);
  ~simulated_network();
  simulated_network(const simulated_network&) = delete;
  simulated_network& operator=(const simulated_network&) = delete;

  /// What a link needs to live here: the time, random numbers of its own, a connector of its own.
  /// `client` names the machine that it runs on, for `partition` and the records.
  [[nodiscard]] environment make_environment(std::string_view client = "client");
  /// What a `tautline::server` needs: its `listen()` then takes the connections of that host. The host
  /// answers as it was told to; without a server that listens, attempts are refused. There is no
  /// HTTP request here: of `server_options` only what concerns connections and sessions has an effect
  /// (not `tls`, `origins`, `authorize`, `serve_page`).
  [[nodiscard]] environment make_server_environment(std::string_view authority);

  /// The host of "name" or "name:port" (ws: 80, wss: 443 if the URL gives none). It is made when
  /// it is first named; a name that nobody named does not resolve.
  [[nodiscard]] simulated_host host(std::string_view authority);

  /// From now on attempts to reach `name` arrive at the host `to` (the same name: as before).
  void resolves(std::string_view name, std::string_view to);
  /// The name has no address until `resolves` gives it one.
  void does_not_resolve(std::string_view name);

  /// Between these two nothing arrives in that direction, and nobody is told.
  void partition(std::string_view client, std::string_view authority, direction d = direction::both);
  /// What TCP has kept is sent again and arrives.
  void heal(std::string_view client, std::string_view authority);

  /// Asked at every event, before it takes effect.
  void on_event(std::function<interference(const network_event&)> f);
  /// The `number`-th event is interfered with. Takes the place of `on_event`.
  void cut_at(std::uint64_t number, interference how = interference::reset);
  /// How many there were.
  [[nodiscard]] std::uint64_t events() const noexcept;
  /// Of all events: time, kind, direction, connection and payload (FNV-1a).
  [[nodiscard]] std::uint64_t trace_hash() const noexcept;

 private:
  std::shared_ptr<detail::network_core> core_;
};

}  // namespace tautline::testing

#endif
