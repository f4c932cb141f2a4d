// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Standard input, output and error without blocking the loop and without changing them for others.
#ifndef TAUTLINE_CLI_STANDARD_STREAM_HPP
#define TAUTLINE_CLI_STANDARD_STREAM_HPP

#include <tautline/config.hpp>

#include "wakeup.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tautline::cli {

/// Closed descriptors 0 to 2 become /dev/null, so that no socket takes their numbers; SIGPIPE is
/// ignored, so that a reader who left is an error of a write.
void secure_standard_streams() noexcept;

/// A descriptor that can be waited for, with an open file description of its own if the system
/// gives one: O_NONBLOCK is a flag of the description, and a shell or a neighbour in a pipeline
/// may hold the same one. Where it has to be shared the flag is put back in the end.
class pollable {
 public:
  /// `access`: O_RDONLY or O_WRONLY.
  pollable(const asio::any_io_executor& executor, int fd, int access);
  pollable(const pollable&) = delete;
  pollable& operator=(const pollable&) = delete;
  ~pollable();

  /// False for files and devices that epoll does not take; they are read and written directly.
  [[nodiscard]] static bool suits(int fd) noexcept;

  [[nodiscard]] asio::posix::stream_descriptor& stream() noexcept { return stream_; }

 private:
  asio::posix::stream_descriptor stream_;
  int shared_ = -1;
  int flags_ = 0;
};

/// Writes what it is given at once as far as that is possible without waiting, and the rest as
/// the reader takes it. For one thread.
class output_stream {
 public:
  output_stream(const asio::any_io_executor& executor, int fd);

  void write(std::string_view text);
  /// Waits until at most `leave` bytes are pending. Errors: those of the descriptor, once and for all.
  [[nodiscard]] asio::awaitable<error_code> async_drain(std::size_t leave);
  /// Drops what is pending; nothing is written any more.
  void abandon();

  [[nodiscard]] error_code error() const noexcept { return error_; }
  [[nodiscard]] std::size_t pending() const noexcept { return waiting_.size() + writing_.size(); }

 private:
  [[nodiscard]] std::string_view write_now(std::string_view text);
  void start();
  void on_written(error_code ec);

  int fd_;
  std::optional<pollable> pollable_;
  std::string waiting_, writing_;
  error_code error_;
  wakeup progress_;
};

}  // namespace tautline::cli

#endif
