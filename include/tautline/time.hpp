// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Time and chance are given to a link, not taken by it: these are the two seams.
#ifndef TAUTLINE_TIME_HPP
#define TAUTLINE_TIME_HPP

#include <tautline/config.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tautline {

/// A timer that is used again and again by one owner. Not thread-safe: use it on one strand.
class sleeper {
 public:
  sleeper() = default;
  sleeper(const sleeper&) = delete;
  sleeper& operator=(const sleeper&) = delete;
  virtual ~sleeper() = default;

  /// Calls `on_due(true)` on the executor at or after `when`, or `on_due(false)` after
  /// `cancel()`. Never calls it from inside this function. One wait at a time: a second one
  /// cancels the first.
  virtual void wait_until(time_point when, std::function<void(bool due)> on_due) = 0;
  /// Ends the wait under way, if any, with `on_due(false)`, posted.
  virtual void cancel() = 0;
};

/// Where a link reads its clocks and gets its timers. Thread-safe.
class time_service {
 public:
  time_service() = default;
  time_service(const time_service&) = delete;
  time_service& operator=(const time_service&) = delete;
  virtual ~time_service() = default;

  [[nodiscard]] virtual time_point now() const noexcept = 0;
  [[nodiscard]] virtual std::chrono::system_clock::time_point utc_now() const noexcept = 0;
  [[nodiscard]] virtual std::unique_ptr<sleeper> make_sleeper(const asio::any_io_executor& executor) = 0;
};

/// Where a link gets its random numbers (jitter, spreads, mask keys excepted). Thread-safe.
class random_source {
 public:
  random_source() = default;
  random_source(const random_source&) = delete;
  random_source& operator=(const random_source&) = delete;
  virtual ~random_source() = default;

  /// 64 uniformly distributed bits.
  [[nodiscard]] virtual std::uint64_t next() noexcept = 0;
  /// So many bytes (32 at most) that nobody can guess, in lower-case hex: what a session is named and
  /// proved by. From the system's cryptographic generator, whatever `next` is made of; only a test
  /// that wants to be repeated exactly has a reason to change that.
  [[nodiscard]] virtual std::string secret(std::size_t bytes);
};

/// steady_clock, system_clock and `asio::steady_timer`; one for the whole process.
[[nodiscard]] std::shared_ptr<time_service> real_time();
/// A generator per call, seeded from the operating system.
[[nodiscard]] std::shared_ptr<random_source> real_random();

namespace transport {
class acceptor;
class connector;
}  // namespace transport

/// What a link or a server takes from its surroundings. An empty member means the real thing.
struct environment {
  environment() = default;

  std::shared_ptr<time_service> time;
  std::shared_ptr<random_source> random;
  std::shared_ptr<transport::connector> connector;  ///< of a link
  std::shared_ptr<transport::acceptor> acceptor;    ///< of a server: in place of a socket that listens
};

}  // namespace tautline

#endif
