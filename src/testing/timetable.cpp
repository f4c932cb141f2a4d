// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What waits for virtual time. Callbacks are destroyed outside the lock: they may own anything.
#include "testing/timetable.hpp"

#include <algorithm>

namespace tautline::testing::detail {

time_point timetable::now() const noexcept {
  const std::lock_guard lock(mutex_);
  return now_;
}

void timetable::advance_to(time_point t) noexcept {
  const std::lock_guard lock(mutex_);
  now_ = std::max(now_, t);
}

std::uint64_t timetable::add(time_point when, callback f) {
  const std::lock_guard lock(mutex_);
  if (gone_) return 0;
  const auto number = ++last_number_;
  entries_.emplace(place(when, number), std::move(f));
  times_.emplace(number, when);
  return number;
}

timetable::callback timetable::take_back(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  const auto time = times_.find(number);
  if (time == times_.end()) return {};
  const auto entry = entries_.find(place(time->second, number));
  auto f = std::move(entry->second);
  entries_.erase(entry);
  times_.erase(time);
  return f;
}

std::optional<timetable::callback> timetable::pop(time_point until) {
  const std::lock_guard lock(mutex_);
  const auto first = entries_.begin();
  if (first == entries_.end() || first->first.first > until || first->first.first == time_point::max())
    return std::nullopt;
  now_ = std::max(now_, first->first.first);
  auto f = std::move(first->second);
  times_.erase(first->first.second);
  entries_.erase(first);
  return f;
}

bool timetable::has_future() const noexcept {
  const std::lock_guard lock(mutex_);
  return !entries_.empty() && entries_.begin()->first.first != time_point::max();
}

std::size_t timetable::size() const noexcept {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void timetable::shut_down() {
  std::map<place, callback> entries;
  {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    entries.swap(entries_);
    times_.clear();
  }
}

}  // namespace tautline::testing::detail
