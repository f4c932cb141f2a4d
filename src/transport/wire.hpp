// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The memory between a byte stream and whoever speaks a protocol over it: output collects here
// and leaves in large writes, input waits here until it is understood.
#ifndef TAUTLINE_SRC_TRANSPORT_WIRE_HPP
#define TAUTLINE_SRC_TRANSPORT_WIRE_HPP

#include <tautline/config.hpp>

#include "transport/await_operation.hpp"
#include "transport/byte_buffer.hpp"
#include "transport/byte_stream.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace tautline::transport {

/// Everything on one strand. Always held by a shared_ptr: writes under way keep it alive.
class wire final : private read_target, public std::enable_shared_from_this<wire> {
 public:
  wire(asio::any_io_executor strand, std::unique_ptr<byte_stream> bytes);

  /// Appends to the output without writing it; nothing after `shut_output()` or `abort()`.
  void put(const char* data, std::size_t size);
  /// The same for what the caller fills in; null if the output is shut.
  [[nodiscard]] char* reserve(std::size_t size) {
    if (output_shut_ || output_error_) return nullptr;
    if (size > filling_.spare()) make_room(size);
    char* const to = filling_.prepare(size);
    filling_.commit(size);
    return to;
  }
  /// What is put from here on is dropped.
  void shut_output() noexcept { output_shut_ = true; }
  [[nodiscard]] bool output_shut() const noexcept { return output_shut_; }

  /// Starts to write what was put, unless a write is under way: that one goes on with it.
  void kick();
  /// Writes what was put, as far as the socket takes it at once, unless a write is under way. For what is not
  /// the last: who closes in the same breath may be closed before the peer has read it.
  void write_at_once();
  /// Ends when at most `leave` bytes are not with the system, or with the stream's error.
  [[nodiscard]] static asio::awaitable<error_code> async_flush(std::shared_ptr<wire> self, std::size_t leave);
  [[nodiscard]] std::size_t unflushed() const noexcept { return filling_.size() + writing_.size(); }
  [[nodiscard]] std::uint64_t bytes_flushed() const noexcept { return flushed_; }

  /// What was read and not consumed.
  [[nodiscard]] std::span<char> input() noexcept { return input_.bytes(); }
  void consume(std::size_t n) noexcept { input_.consume(n); }
  /// Takes `n` bytes out of the middle.
  void erase_input(std::size_t offset, std::size_t n) noexcept { input_.erase(offset, n); }
  /// Puts bytes in front of all that will be read (they were read by somebody else).
  void feed(std::string_view bytes) { input_.append(bytes.data(), bytes.size()); }
  /// Reads at least one byte more. The input may be as large as `whole` or the read-ahead's limit,
  /// whichever is more; the caller consumes or fails before that.
  /// Keep the wire alive meanwhile.
  [[nodiscard]] asio::awaitable<read_outcome> async_fill(std::size_t whole);
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return read_; }

  /// FIN or close_notify, behind what was flushed.
  [[nodiscard]] static asio::awaitable<void> async_shutdown(std::shared_ptr<wire> self);
  [[nodiscard]] std::size_t unacknowledged() const noexcept { return bytes_->unacknowledged(); }
  void reset_on_abort() noexcept { bytes_->reset_on_close(); }
  void abort() noexcept;
  [[nodiscard]] bool aborted() const noexcept { return aborted_; }
  [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return strand_; }
  /// Only while nothing is pending.
  void move_to(const asio::any_io_executor& strand);

 private:
  struct flight;

  void on_written(const std::shared_ptr<flight>& under_way, error_code ec, std::size_t bytes);
  std::span<char> room(std::size_t least) override;
  read_outcome took(read_outcome got) override;
  void collect();
  void write_more(std::shared_ptr<flight> under_way);
  void wake_flushers(flight& under_way);
  void go_on(flight& under_way);
  void wait_for_flush(waiter op, std::size_t leave);
  void fail_output(error_code ec);
  void make_room(std::size_t size);

  asio::any_io_executor strand_;
  std::unique_ptr<byte_stream> bytes_;
  byte_buffer filling_, writing_, input_;
  std::weak_ptr<flight> flight_;  ///< of the write under way, if any
  std::size_t output_hint_ = 0;
  std::size_t input_hint_;
  std::size_t whole_ = 0;
  std::uint64_t flushed_ = 0, read_ = 0, next_waiter_ = 1;
  error_code output_error_;
  bool output_shut_ = false;
  bool aborted_ = false;
};

}  // namespace tautline::transport

#endif
