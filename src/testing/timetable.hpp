// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What waits for virtual time, in the order in which it is due.
#ifndef TAUTLINE_SRC_TESTING_TIMETABLE_HPP
#define TAUTLINE_SRC_TESTING_TIMETABLE_HPP

#include <tautline/config.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace tautline::testing::detail {

class timetable {
 public:
  using callback = std::function<void()>;

  [[nodiscard]] time_point now() const noexcept;
  /// Never backwards.
  void advance_to(time_point t) noexcept;

  /// 0 once the execution context is gone: `f` is dropped.
  std::uint64_t add(time_point when, callback f);
  [[nodiscard]] callback take_back(std::uint64_t number);

  /// The first entry that is due at or before `until`, with the clock advanced to it.
  [[nodiscard]] std::optional<callback> pop(time_point until);
  /// Does anything wait for a time that will come?
  [[nodiscard]] bool has_future() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;

  /// The execution context goes: destroys what waits, takes nothing more.
  void shut_down();

 private:
  using place = std::pair<time_point, std::uint64_t>;

  mutable std::mutex mutex_;
  time_point now_{std::chrono::seconds(1'000'000)};
  std::uint64_t last_number_ = 0;
  bool gone_ = false;
  std::map<place, callback> entries_;
  std::unordered_map<std::uint64_t, time_point> times_;
};

}  // namespace tautline::testing::detail

#endif
