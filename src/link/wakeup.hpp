// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How a loop waits: for a wake-up, or until a time. Carries no data, so nothing can be lost with it.
#ifndef TAUTLINE_SRC_LINK_WAKEUP_HPP
#define TAUTLINE_SRC_LINK_WAKEUP_HPP

#include <tautline/time.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>

namespace tautline::detail {

/// An auto-reset event on a strand, for one waiter. A notification that finds nobody waiting is
/// kept for the next wait. Waiters re-check their condition: a wake-up may be spurious.
///
/// A link has seven of these and waits on most of them all the time, so one that waits costs a few
/// words. It holds no work guard: what keeps the context running is the run, not its loops.
class wakeup {
 public:
  /// What becomes of an alarm when a notification comes first. `kept`: it stays set, and the next wait
  /// until the same time finds it so. That spares a busy loop a system call each time, but a pending
  /// alarm keeps the io_context running: whoever leaves the loop calls `silence`.
  enum class alarm_use { anew, kept };

  /// `time` outlives it.
  explicit wakeup(time_service& time, alarm_use use = alarm_use::anew) : time_(time), alarm_use_(use) {}
  ~wakeup();
  wakeup(const wakeup&) = delete;
  wakeup& operator=(const wakeup&) = delete;

  /// For a coroutine that keeps this object alive, on the strand.
  [[nodiscard]] asio::awaitable<void> wait();
  /// Also ends when `when` has come.
  [[nodiscard]] asio::awaitable<void> wait_until(time_point when);
  void notify();
  /// Takes back the alarm.
  void silence();
  /// The same, and the waiter goes on inside this call, if it waits: for the last step of what the
  /// caller does, and only on the strand. Saves the way through the queue.
  void hand_over();
  /// Destroys the waiter without resuming it: its execution context is being destroyed.
  void abandon() noexcept;

 private:
  class waiter {
   public:
    waiter() = default;
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    virtual ~waiter() = default;
    virtual void resume() = 0;      ///< by a post, once
    virtual void resume_now() = 0;  ///< inside this call, if it is on the waiter's executor
    [[nodiscard]] virtual asio::any_io_executor executor() const = 0;
  };
  template <class Handler>
  class waiter_of;
  struct alarm;

  void start(std::unique_ptr<waiter> w, time_point when);
  void set_alarm(time_point when, const waiter& w);
  [[nodiscard]] bool begin_notify();
  void wake();

  time_service& time_;
  const alarm_use alarm_use_;
  std::unique_ptr<waiter> waiter_;
  std::shared_ptr<alarm> alarm_;  // made at the first timed wait
  bool pending_ = false;
};

}  // namespace tautline::detail

#endif
