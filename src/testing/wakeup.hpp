// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A coroutine's wait for a time or for a notice, kept in the timetable: so it is destroyed with
// the execution context, and a notice carries no data that could be lost.
#ifndef TAUTLINE_SRC_TESTING_WAKEUP_HPP
#define TAUTLINE_SRC_TESTING_WAKEUP_HPP

#include <tautline/config.hpp>
#include <tautline/detail/operation.hpp>
#include <tautline/testing/virtual_time.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace tautline::testing::detail {

enum class woken : unsigned char {
  due,        ///< or noticed
  cancelled,  ///< through the waiter's cancellation slot
};

class wakeup {
 public:
  explicit wakeup(std::shared_ptr<virtual_time> time) : time_(std::move(time)) {}
  wakeup(const wakeup&) = delete;
  wakeup& operator=(const wakeup&) = delete;
  ~wakeup() { notify(); }

  /// Ends at `until`, at `notify()`, or when its slot is cancelled;
  /// always through the caller's executor. One wait at a time.
  asio::awaitable<woken> wait(time_point until = time_point::max()) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(error_code, woken)>(
        [this, until](auto handler) { start(until, std::move(handler)); }, asio::use_awaitable);
  }

  void notify() { end(time_, waiter_.lock(), woken::due); }

 private:
  struct waiter {
    tautline::detail::operation_ptr<void(error_code, woken)> op;
    std::uint64_t number = 0;
    woken result = woken::due;
  };

  template <class Handler>
  void start(time_point until, Handler handler) {
    const asio::any_io_executor io = asio::get_associated_executor(handler);
    const auto w = std::make_shared<waiter>();
    w->op = tautline::detail::make_operation<void(error_code, woken)>(std::move(handler), io);
    w->op->on_cancel([time = time_, weak = std::weak_ptr<waiter>(w)](asio::cancellation_type) {
      end(time, weak.lock(), woken::cancelled);
    });
    waiter_ = w;
    w->number = time_->call_at(until, [w] { w->op->complete(std::move(w->op), error_code(), w->result); });
  }

  static void end(const std::shared_ptr<virtual_time>& time, const std::shared_ptr<waiter>& w, woken result) {
    if (!w) return;
    w->result = result;
    if (const auto f = time->take_back(w->number)) f();
  }

  std::shared_ptr<virtual_time> time_;
  std::weak_ptr<waiter> waiter_;
};

}  // namespace tautline::testing::detail

#endif
