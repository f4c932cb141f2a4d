// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Counts asynchronous operations: each completes exactly once, and at once when it is cancelled.
#ifndef TAUTLINE_TEST_SIM_OPERATIONS_HPP
#define TAUTLINE_TEST_SIM_OPERATIONS_HPP

#include "journal.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tautline::sim {

/// Of one application. Lives as long as its handlers may run.
class operations {
 public:
  operations(std::string who, journal& told, testing::virtual_time& time)
      : who_(std::move(who)), told_(told), time_(time) {}
  operations(const operations&) = delete;
  operations& operator=(const operations&) = delete;

  /// A handler that is counted and can be cancelled. `patience`: how long it may take after that.
  template <class Handler>
  [[nodiscard]] auto watch(const char* what, Handler handler, duration patience = duration::zero()) {
    const auto id = begin(what, patience);
    auto counted = [this, id, handler = std::move(handler)](auto... results) mutable {
      end(id);
      handler(std::move(results)...);
    };
    return asio::bind_cancellation_slot(pending_.at(id).signal->slot(), std::move(counted));
  }

  /// Cancels the `nth` of those under way; false if there are none.
  bool cancel(std::size_t nth, asio::cancellation_type how);
  /// The same for all of that kind.
  void cancel_all(std::string_view what);

  /// After every event: what was cancelled has ended in time.
  void check();
  /// When all is over: nothing is left.
  void check_none_left();
  [[nodiscard]] std::size_t under_way() const noexcept { return pending_.size(); }
  [[nodiscard]] std::size_t under_way(std::string_view what) const noexcept;

 private:
  struct pending {
    const char* what = "";
    duration patience{};
    time_point cancelled = time_point::max();
    std::shared_ptr<asio::cancellation_signal> signal = std::make_shared<asio::cancellation_signal>();
  };

  std::size_t begin(const char* what, duration patience);
  void end(std::size_t id);

  std::string who_;
  journal& told_;
  testing::virtual_time& time_;
  std::map<std::size_t, pending> pending_;
  std::size_t last_ = 0;
  std::size_t cancelled_ = 0;
};

}  // namespace tautline::sim

#endif
