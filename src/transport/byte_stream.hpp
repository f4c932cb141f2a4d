// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Bytes in order, both ways: what a WebSocket runs on, be it TCP or TLS.
#ifndef TAUTLINE_SRC_TRANSPORT_BYTE_STREAM_HPP
#define TAUTLINE_SRC_TRANSPORT_BYTE_STREAM_HPP

#include <tautline/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace tautline::transport {

struct read_outcome {
  read_outcome() = default;
  read_outcome(error_code e, std::size_t n) : ec(e), bytes(n) {}
  error_code ec;
  std::size_t bytes = 0;
};

/// Where read bytes go. Asked for room as late as possible, so that a connection that waits for
/// its peer holds no buffer; then told what came, before anybody else is.
class read_target {
 public:
  read_target() = default;
  read_target(const read_target&) = delete;
  read_target& operator=(const read_target&) = delete;
  /// For at least so many bytes; `least` > 0.
  virtual std::span<char> room(std::size_t least) = 0;
  /// Returns what the reader is to be told.
  virtual read_outcome took(read_outcome got) = 0;

 protected:
  ~read_target() = default;
};

/// Told what became of a write.
class write_listener {
 public:
  write_listener() = default;
  write_listener(const write_listener&) = delete;
  write_listener& operator=(const write_listener&) = delete;
  virtual ~write_listener() = default;
  virtual void on_written(error_code ec, std::size_t bytes) = 0;
};

/// At most one read and one write at a time. The owner keeps the stream alive until both ended.
class byte_stream {
 public:
  byte_stream() = default;
  byte_stream(const byte_stream&) = delete;
  byte_stream& operator=(const byte_stream&) = delete;
  virtual ~byte_stream() = default;

  /// Reads what is there, at least one byte, into the target's room. While the peer is silent no frame
  /// of a coroutine is kept for it but the one that waits for any operation.
  virtual asio::awaitable<read_outcome> async_read_some(read_target& target) = 0;

  /// Writes what the socket takes at once, and returns how much that was. Not while a write is under way.
  /// Of an error `start_write` tells.
  virtual std::size_t write_now(std::span<const char> /*data*/) { return 0; }

  /// Writes some of `data` and tells `listener`, which it keeps alive meanwhile; never from
  /// inside this function. What the socket takes at once is with the system on return.
  virtual void start_write(std::span<const char> data, std::shared_ptr<write_listener> listener) = 0;

  /// From now on what was started completes on `executor`. Only while nothing is under way.
  virtual void move_to(const asio::any_io_executor& executor) = 0;

  /// Says that nothing more comes from this side (close_notify, FIN).
  virtual asio::awaitable<void> async_shutdown() = 0;

  /// How many written bytes the peer's system has not acknowledged; 0 where this system does not tell.
  [[nodiscard]] virtual std::size_t unacknowledged() const noexcept = 0;

  /// `close()` will throw away what is under way and send a reset.
  virtual void reset_on_close() noexcept = 0;

  /// At once; operations under way end with `operation_aborted`.
  virtual void close() noexcept = 0;
};

[[nodiscard]] std::unique_ptr<byte_stream> make_tcp_stream(asio::ip::tcp::socket socket);

/// Closes without a reset where that can be had: the system answers bytes that nobody read with
/// a reset, which can overtake what this side sent last, so they are read first.
void close_gently(asio::ip::tcp::socket& socket) noexcept;

[[nodiscard]] std::size_t bytes_in_flight(const asio::ip::tcp::socket& socket) noexcept;

/// The reset is the system's: by SO_LINGER with no time.
void make_close_reset(asio::ip::tcp::socket& socket) noexcept;

}  // namespace tautline::transport

#endif
