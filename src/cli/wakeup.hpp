// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How the coroutines of one thread tell each other that something has changed.
#ifndef TAUTLINE_CLI_WAKEUP_HPP
#define TAUTLINE_CLI_WAKEUP_HPP

#include <tautline/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>

namespace tautline::cli {

/// Carries no data: who waits looks at the state after every notification. For one thread.
class wakeup {
 public:
  explicit wakeup(const asio::any_io_executor& executor) : timer_(executor, time_point::max()) {}

  void notify() { timer_.cancel(); }

  [[nodiscard]] asio::awaitable<void> until(std::function<bool()> done) {
    while (!done()) co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }

 private:
  asio::steady_timer timer_;
};

}  // namespace tautline::cli

#endif
