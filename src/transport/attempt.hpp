// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The limits of one attempt to connect or to shake hands: its deadline, and whoever calls it off.
#ifndef TAUTLINE_SRC_TRANSPORT_ATTEMPT_HPP
#define TAUTLINE_SRC_TRANSPORT_ATTEMPT_HPP

#include <tautline/config.hpp>
#include <tautline/time.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace tautline::transport {

/// Whatever an attempt waits for registers here how it is ended. Runs on one strand; always held
/// by a shared_ptr.
class attempt_limits : public std::enable_shared_from_this<attempt_limits> {
 public:
  attempt_limits(const asio::any_io_executor& strand, time_service& time) : timer_(time.make_sleeper(strand)) {}

  void start(time_point deadline) {
    timer_->wait_until(deadline, [weak = weak_from_this()](bool due) {
      const auto self = weak.lock();
      if (due && self) self->stop(reason::deadline);
    });
  }

  /// The present wait is ended by `f`; it replaces the last one. Called at once if the attempt
  /// has been stopped.
  void stop_with(std::function<void()> f) {
    stop_ = std::move(f);
    if (why_ != reason::none && stop_) stop_();
  }

  void cancel() { stop(reason::cancelled); }
  /// It has ended by itself: nothing is stopped any more.
  void done() {
    stop_ = nullptr;
    timer_->cancel();
  }

  [[nodiscard]] bool stopped() const noexcept { return why_ != reason::none; }
  [[nodiscard]] bool timed_out() const noexcept { return why_ == reason::deadline; }

 private:
  enum class reason { none, deadline, cancelled };

  void stop(reason why) {
    if (why_ != reason::none) return;
    why_ = why;
    const auto f = stop_;
    if (f) f();
  }

  std::unique_ptr<sleeper> timer_;
  std::function<void()> stop_;
  reason why_ = reason::none;
};

}  // namespace tautline::transport

#endif
