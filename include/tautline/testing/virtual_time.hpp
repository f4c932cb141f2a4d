// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The test kit: the compiled library on a clock, a network and a chance that a test controls.
// Here: time that passes only when the test says so, and random numbers from a seed.
#ifndef TAUTLINE_TESTING_VIRTUAL_TIME_HPP
#define TAUTLINE_TESTING_VIRTUAL_TIME_HPP

#include <tautline/config.hpp>
#include <tautline/time.hpp>

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tautline::testing {

namespace detail {
class timetable;
}

/// A clock that stands still while handlers run and jumps to the next timer when none is ready,
/// and the driver that does so. It starts at 1,000,000 s; the UTC clock starts at 2026-01-01.
///
/// Reading the clocks and making sleepers is thread-safe; the driver's functions are for one
/// thread, the one that would otherwise call `io.run()`.
/// Lifetime: destroying the io_context destroys what waits here, as it does with Asio's own
/// timers. The driver's functions must not be called after that; everything else may.
class virtual_time final : public time_service {
 public:
  explicit virtual_time(asio::io_context& io);
  ~virtual_time() override;

  [[nodiscard]] time_point now() const noexcept override;
  [[nodiscard]] std::chrono::system_clock::time_point utc_now() const noexcept override;
  [[nodiscard]] std::unique_ptr<sleeper> make_sleeper(const asio::any_io_executor& executor) override;

  /// Runs all handlers that are ready; no time passes. Throws `std::runtime_error` if a million
  /// handlers ran and more are ready: something spins. So does everything that runs timers, if a
  /// hundred thousand of them were due at one moment.
  void settle();
  /// Runs everything that is due within `d`; then `d` has passed. Timers that are due at the
  /// same time fire in the order in which they were set, each followed by all it makes ready.
  void run_for(duration d);
  /// Runs until `done()` holds, at most `limit`. Returns whether it holds.
  [[nodiscard]] bool run_until(const std::function<bool()>& done, duration limit = std::chrono::hours(24));
  /// Runs until nothing waits for a time any more, at most `limit`. Returns whether that is so.
  [[nodiscard]] bool run_until_idle(duration limit = std::chrono::hours(24));
  /// A suspended process: the clocks are `d` later at once; what became due in between fires
  /// only afterwards, at the new time.
  void jump(duration d);

  /// How many timers wait, those that wait for ever included.
  [[nodiscard]] std::size_t waiting() const noexcept;
  /// How many handlers have run: what spins shows in it.
  [[nodiscard]] std::uint64_t handlers() const noexcept { return handlers_; }

  /// For what the kit simulates itself: calls `f` at `when` from the driver. Returns a number
  /// for `take_back`. `time_point::max()`: never by itself.
  std::uint64_t call_at(time_point when, std::function<void()> f);
  /// Withdraws it and returns it; empty if it has been called.
  [[nodiscard]] std::function<void()> take_back(std::uint64_t number);

 private:
  bool fire_next(time_point until);

  asio::io_context& io_;
  std::uint64_t handlers_ = 0;
  std::uint64_t fired_now_ = 0;
  std::shared_ptr<detail::timetable> table_;
};

/// The same numbers for the same seed (splitmix64: S. Vigna, 2015). Thread-safe.
class seeded_random final : public random_source {
 public:
  explicit seeded_random(std::uint64_t seed) noexcept : state_(seed) {}
  [[nodiscard]] std::uint64_t next() noexcept override;
  /// Foreseeable, so that a run with sessions is repeated exactly, too.
  [[nodiscard]] std::string secret(std::size_t bytes) override;

 private:
  std::atomic<std::uint64_t> state_;
};

}  // namespace tautline::testing

#endif
