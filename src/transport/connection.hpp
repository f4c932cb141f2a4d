// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The transport room: one WebSocket connection, and how one is made. Nothing here reconnects,
// queues or confirms; nothing above here knows Beast, OpenSSL or sockets.
#ifndef TAUTLINE_SRC_TRANSPORT_CONNECTION_HPP
#define TAUTLINE_SRC_TRANSPORT_CONNECTION_HPP

#include <tautline/config.hpp>
#include <tautline/error.hpp>
#include <tautline/message.hpp>
#include <tautline/options.hpp>
#include <tautline/time.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::transport {

/// Told on the connection's strand, from inside its reads; must not call back into the connection
/// except its write functions.
class connection_observer {
 public:
  connection_observer() = default;
  connection_observer(const connection_observer&) = delete;
  connection_observer& operator=(const connection_observer&) = delete;
  virtual void on_bytes() = 0;                         ///< any byte arrived
  virtual void on_pong(std::string_view payload) = 0;  ///< a pong frame
 protected:
  ~connection_observer() = default;
};

/// How long each phase took (for the benchmark harness and the log).
struct connect_timings {
  connect_timings() = default;
  duration resolve{}, tcp{}, tls{}, upgrade{};
};

struct connection_info {
  connection_info() = default;
  std::string subprotocol;  ///< that the server chose; empty: none
  std::string peer;         ///< "127.0.0.1:9001"
  bool tls = false;
  bool tls_resumed = false;
  bool compressed = false;  ///< permessage-deflate was agreed on
  connect_timings timings;
};

/// One established WebSocket connection, either role. Everything happens on its executor, a
/// strand. At most one `async_read` at a time; the write functions may be
/// called at any time in between: they frame into memory and do no I/O.
///
/// Pings of the peer are answered inside, also while no one reads the answer's flush.
/// A connection is single-use: whatever fails, `abort()` it and drop it.
class connection {
 public:
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  virtual ~connection() = default;  ///< aborts

  /// Set once, before the first read; outlives the connection or is reset to nullptr.
  virtual void observe(connection_observer* observer) noexcept = 0;

  /// Appends at least one and at most `max` messages to `out`, or returns why the connection
  /// ended: `asio::error::eof` / `connection_reset` / ... (no close frame came),
  /// `errc::closed` (a close frame came: see `close_code()`), `errc::protocol_error`,
  /// `errc::invalid_utf8`, `errc::message_too_large` (a close frame 1002, 1007, 1009 was sent),
  /// `operation_aborted` after `abort()`. Messages that came before the end are handed out first.
  virtual asio::awaitable<error_code> async_read(std::vector<message>& out, std::size_t max) = 0;

  /// Frames into memory. They fail only on a connection that has ended.
  virtual error_code write(std::string_view payload, payload_kind kind) = 0;
  /// One message of two parts.
  virtual error_code write(std::string_view head, std::string_view payload, payload_kind kind) = 0;
  virtual error_code write_ping(std::string_view payload) = 0;

  /// Ends when all but at most `leave` of the bytes that were framed are with the operating
  /// system, or with the error of the socket. (With `leave` > 0 the caller frames the next batch
  /// while the last one is still being written.)
  virtual asio::awaitable<error_code> async_flush(std::size_t leave) = 0;

  [[nodiscard]] virtual std::size_t unflushed() const noexcept = 0;        ///< framed bytes not yet with the OS
  [[nodiscard]] virtual std::uint64_t bytes_flushed() const noexcept = 0;  ///< rises with every write's progress
  [[nodiscard]] virtual std::uint64_t bytes_read() const noexcept = 0;

  /// Sends a close frame (once; later calls do nothing) and flushes it. The answer arrives in the
  /// read under way. Never waits for the peer.
  virtual asio::awaitable<error_code> async_send_close(std::uint16_t code, std::string_view reason) = 0;

  /// Of the peer's close frame: 0 none came, 1005 one without a code.
  [[nodiscard]] virtual std::uint16_t close_code() const noexcept = 0;
  [[nodiscard]] virtual const std::string& close_reason() const noexcept = 0;

  /// From now on everything happens on another strand. Only while nothing is pending.
  virtual void move_to(const asio::any_io_executor& strand) = 0;

  /// How many of the flushed bytes the peer's system has not acknowledged yet; 0 where this system does not tell.
  [[nodiscard]] virtual std::size_t unacknowledged() const noexcept { return 0; }
  /// The peer is held for dead: `abort()` throws away what is under way and sends a reset, so that the peer, if it only
  /// cannot be heard, learns of the end, and nothing of this connection arrives behind the next one.
  virtual void reset_on_abort() noexcept {}
  /// Closes the socket at once; pending operations end with `operation_aborted`.
  virtual void abort() noexcept = 0;

  [[nodiscard]] virtual const connection_info& info() const noexcept = 0;
};

/// What one attempt needs. Kept alive by the caller until the attempt has ended.
struct connect_request {
  connect_request() = default;
  std::string url;
  std::vector<header> headers;
  std::vector<std::string> subprotocols;
  const options* opts = nullptr;  ///< TLS, limits, deflate, TCP options
  time_point deadline;
  std::shared_ptr<time_service> time;
  std::shared_ptr<random_source> random;
};

struct connect_result {
  connect_result() = default;
  std::shared_ptr<connection> conn;  ///< null if it failed
  cause why;                         ///< if it failed: phase, code, http_status, retry_after, location, detail
};

/// Makes connections; one per link (it keeps TLS tickets and addresses between attempts).
/// Runs on the strand that it is given.
class connector {
 public:
  connector() = default;
  connector(const connector&) = delete;
  connector& operator=(const connector&) = delete;
  virtual ~connector() = default;

  /// One attempt: resolve, TCP, TLS, upgrade, under `request.deadline`. Never throws for what a
  /// peer or a network does. One at a time.
  virtual asio::awaitable<connect_result> async_connect(const asio::any_io_executor& strand,
                                                        const connect_request& request) = 0;
  /// Ends the attempt under way with `operation_aborted`.
  virtual void cancel() noexcept = 0;
  /// False if no further connection will ever come from here (a server's end, once its one
  /// connection was handed out): the link then ends with its connection.
  [[nodiscard]] virtual bool reconnects() const noexcept { return true; }
  /// True at a server's end of a session: connections come when the peer makes them, and an end is
  /// no reason to wait before the next.
  [[nodiscard]] virtual bool passive() const noexcept { return false; }
};

/// Where a server's connections come from, if not from a socket that listens: upgraded already.
class acceptor {
 public:
  using taker = std::function<void(std::shared_ptr<connection>)>;

  acceptor() = default;
  acceptor(const acceptor&) = delete;
  acceptor& operator=(const acceptor&) = delete;
  virtual ~acceptor() = default;

  /// From now on `take` gets every connection, with the first of `subprotocols` that its client offered.
  [[nodiscard]] virtual error_code open(std::vector<std::string> subprotocols, taker take) = 0;
  /// No more of them.
  virtual void close() noexcept = 0;
  [[nodiscard]] virtual std::string url() const = 0;
};

/// Beast over TCP or TLS. TLS contexts are made at first use.
[[nodiscard]] std::shared_ptr<connector> make_connector();

}  // namespace tautline::transport

#endif
