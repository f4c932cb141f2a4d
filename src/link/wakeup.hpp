// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How a loop waits: for a wake-up, or until a time. Carries no data, so nothing can be lost with it.
#ifndef TAUTLINE_SRC_LINK_WAKEUP_HPP
#define TAUTLINE_SRC_LINK_WAKEUP_HPP

#include <tautline/time.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <cstdint>
#include <memory>
#include <utility>

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

  class waiting;
  /// For a coroutine that keeps this object alive, on the strand: an operation that it awaits at once.
  [[nodiscard]] waiting wait() noexcept;
  /// Also ends when `when` has come.
  [[nodiscard]] waiting wait_until(time_point when) noexcept;
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
  class waiter_of final : public waiter {
   public:
    explicit waiter_of(Handler handler) : handler_(std::move(handler)) {}
    void resume() override { asio::post(std::move(handler_)); }
    void resume_now() override { asio::dispatch(std::move(handler_)); }
    asio::any_io_executor executor() const override { return asio::get_associated_executor(handler_); }

   private:
    Handler handler_;
  };
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

/// An operation with the signature `void()`. (An `awaitable` would have a frame of its own for each wait.)
class wakeup::waiting {
 public:
  waiting(wakeup& on, time_point until) noexcept : on_(&on), until_(until) {}

  template <asio::completion_token_for<void()> Token>
  auto operator()(Token&& token) const {
    return asio::async_initiate<Token, void()>(
        [](auto handler, wakeup* on, time_point until) {
          on->start(std::make_unique<waiter_of<decltype(handler)>>(std::move(handler)), until);
        },
        token, on_, until_);
  }

 private:
  wakeup* on_;
  time_point until_;
};

inline wakeup::waiting wakeup::wait_until(time_point when) noexcept { return {*this, when}; }
inline wakeup::waiting wakeup::wait() noexcept { return wait_until(time_point::max()); }

}  // namespace tautline::detail

#endif
