// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The way out: asks the peers to leave one after another, and waits until they have.
#ifndef TAUTLINE_SRC_SERVER_DRAIN_HPP
#define TAUTLINE_SRC_SERVER_DRAIN_HPP

#include <tautline/detail/operation.hpp>
#include <tautline/time.hpp>

#include "server/census.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

namespace tautline::detail {

/// Everything happens on `strand`.
class drain : public std::enable_shared_from_this<drain> {
 public:
  drain(asio::any_io_executor strand, std::shared_ptr<time_service> time, std::shared_ptr<census> people);
  ~drain();

  /// The links of this moment leave at even distances within `window`, so that their peers do not
  /// all come back somewhere else at once. What is still there `grace` later is not waited for.
  void start(duration window, duration grace);

  /// Ends with no error, `errc::close_timeout`, or what `end` says.
  void wait(operation_ptr<void(error_code)> op);
  void cancel_wait(std::uint64_t id);
  void end(error_code ec);

 private:
  void step();
  [[nodiscard]] time_point due() const;
  void leave_next();

  asio::any_io_executor strand_;
  std::shared_ptr<time_service> time_;
  std::shared_ptr<census> people_;
  std::unique_ptr<sleeper> sleeper_;
  std::vector<std::weak_ptr<engine>> links_;
  std::size_t asked_ = 0;
  time_point began_{};
  duration window_{};
  duration grace_{};
  std::list<operation_ptr<void(error_code)>> waiters_;
  error_code result_;
  bool ended_ = false;
};

}  // namespace tautline::detail

#endif
