// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/wakeup.hpp"

#include <utility>

namespace tautline::detail {

// A timer that has fired calls back later, perhaps when the wakeup is gone: it finds this one
// expired then, or another wait's number in it.
struct wakeup::alarm {
  alarm(wakeup& w, std::unique_ptr<sleeper> t) : owner(w), timer(std::move(t)) {}
  wakeup& owner;
  std::unique_ptr<sleeper> timer;
  std::uint64_t wait = 0;
  time_point when = time_point::max();  ///< max: not set
};

wakeup::~wakeup() { abandon(); }

void wakeup::start(std::unique_ptr<waiter> w, time_point when) {
  if (std::exchange(pending_, false)) return w->resume();
  set_alarm(when, *w);
  waiter_ = std::move(w);
}

// Who is notified often waits until the same time again: the alarm is left as it was set till then.
void wakeup::set_alarm(time_point when, const waiter& w) {
  if (alarm_ && alarm_->when == when) return;
  if (when == time_point::max()) return silence();
  if (!alarm_) alarm_ = std::make_shared<alarm>(*this, time_.make_sleeper(w.executor()));
  alarm_->when = when;
  alarm_->timer->wait_until(when, [weak = std::weak_ptr<alarm>(alarm_), n = ++alarm_->wait](bool due) {
    const auto a = weak.lock();
    if (!due || !a || a->wait != n) return;
    a->when = time_point::max();
    a->owner.wake();
  });
}

void wakeup::silence() {
  if (!alarm_ || alarm_->when == time_point::max()) return;
  ++alarm_->wait;
  alarm_->when = time_point::max();
  alarm_->timer->cancel();
}

void wakeup::wake() {
  if (const auto w = std::move(waiter_)) w->resume();
}

// False: nobody waits, and the next one will not have to.
bool wakeup::begin_notify() {
  if (!waiter_) {
    pending_ = true;
    return false;
  }
  if (alarm_use_ == alarm_use::anew) silence();
  return true;
}

void wakeup::notify() {
  if (begin_notify()) wake();
}

void wakeup::hand_over() {
  if (!begin_notify()) return;
  const auto w = std::move(waiter_);
  w->resume_now();
}

// The waiter's coroutine may own what owns this: it goes last.
void wakeup::abandon() noexcept {
  const auto w = std::move(waiter_);
  alarm_.reset();
}

}  // namespace tautline::detail
