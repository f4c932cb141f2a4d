// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/wakeup.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace tautline::detail {

struct wakeup::state {
  state(const asio::any_io_executor& s, time_service& t) : strand(s), time(t) {}

  asio::any_io_executor strand;
  time_service& time;
  operation_ptr<void()> waiter;
  std::unique_ptr<sleeper> timer;  // made at the first timed wait
  std::uint64_t wait = 0;          // numbers the waits, so that an old timer wakes no new one
  bool timed = false;
  bool pending = false;

  void start(operation_ptr<void()> op, const std::shared_ptr<state>& self, time_point when) {
    if (std::exchange(pending, false)) return operation<void()>::complete(std::move(op));
    waiter = std::move(op);
    timed = when != time_point::max();
    ++wait;
    if (!timed) return;
    if (!timer) timer = time.make_sleeper(strand);
    timer->wait_until(when, [weak = std::weak_ptr<state>(self), n = wait](bool due) {
      auto s = weak.lock();
      if (s && due && s->wait == n) s->wake();
    });
  }

  void wake() {
    if (waiter) operation<void()>::complete(std::move(waiter));
  }

  // False: nobody waits, and the next one will not have to.
  bool begin_notify() {
    if (!waiter) {
      pending = true;
      return false;
    }
    if (timed) timer->cancel();
    return true;
  }
};

wakeup::wakeup(const asio::any_io_executor& strand, time_service& time)
    : state_(std::make_shared<state>(strand, time)) {}

wakeup::~wakeup() { abandon(); }

asio::awaitable<void> wakeup::wait() { return wait_until(time_point::max()); }

asio::awaitable<void> wakeup::wait_until(time_point when) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [](auto handler, std::shared_ptr<state> s, time_point t) {
        auto op = make_operation<void()>(std::move(handler), s->strand);
        s->start(std::move(op), s, t);
      },
      asio::use_awaitable, state_, when);
}

void wakeup::notify() {
  if (state_->begin_notify()) state_->wake();
}

void wakeup::hand_over() {
  const auto s = state_;
  if (s->begin_notify()) operation<void()>::complete_now(std::move(s->waiter));
}

// The waiter's coroutine may own what owns this: it goes last.
void wakeup::abandon() noexcept {
  const auto s = state_;
  const auto waiter = std::move(s->waiter);
  s->timer.reset();
  s->strand = asio::any_io_executor();
}

}  // namespace tautline::detail
