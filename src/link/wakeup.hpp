// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How a loop waits: for a wake-up, or until a time. Carries no data, so nothing can be lost with it.
#ifndef TAUTLINE_SRC_LINK_WAKEUP_HPP
#define TAUTLINE_SRC_LINK_WAKEUP_HPP

#include <tautline/detail/operation.hpp>
#include <tautline/time.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace tautline::detail {

/// An auto-reset event on a strand, for one waiter. A notification that finds nobody waiting is
/// kept for the next wait. Waiters re-check their condition: a wake-up may be spurious.
class wakeup {
 public:
  wakeup(const asio::any_io_executor& strand, time_service& time);
  ~wakeup();
  wakeup(const wakeup&) = delete;
  wakeup& operator=(const wakeup&) = delete;

  [[nodiscard]] asio::awaitable<void> wait();
  /// Also ends when `when` has come.
  [[nodiscard]] asio::awaitable<void> wait_until(time_point when);
  void notify();
  /// The same, and the waiter goes on inside this call, if it waits: for the last step of what the
  /// caller does, and only on the strand. Saves the way through the queue.
  void hand_over();
  /// Destroys the waiter without resuming it: its execution context is being destroyed.
  void abandon() noexcept;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace tautline::detail

#endif
