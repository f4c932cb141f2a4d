// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Lets a coroutine wait for something that is not an Asio operation.
#ifndef TAUTLINE_SRC_TRANSPORT_AWAIT_OPERATION_HPP
#define TAUTLINE_SRC_TRANSPORT_AWAIT_OPERATION_HPP

#include <tautline/config.hpp>
#include <tautline/detail/operation.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>

#include <utility>

namespace tautline::transport {

using waiter = detail::operation_ptr<void(error_code)>;

inline void wake(waiter w, error_code ec) { detail::operation<void(error_code)>::complete(std::move(w), ec); }

/// From a handler on the waiter's strand: it goes on inside this call.
inline void wake_now(waiter w) { detail::operation<void(error_code)>::complete_now(std::move(w), error_code()); }

/// How it ended, as a value: an Asio operation that ends with an `error_code` would throw it.
struct ended_with {
  // Implicit: a handler is told an error_code.
  ended_with(error_code why) noexcept : ec(why) {}
  error_code ec;
};

/// An operation with the signature `void(ended_with)`. (An `awaitable` would have a frame of its own.)
template <class Start>
class started_operation {
 public:
  started_operation(const asio::any_io_executor& executor, Start& start) noexcept
      : executor_(&executor), start_(&start) {}

  template <asio::completion_token_for<void(ended_with)> Token>
  auto operator()(Token&& token) const {
    return asio::async_initiate<Token, void(ended_with)>(
        [](auto handler, Start* s, const asio::any_io_executor* ex) {
          (*s)(detail::make_operation<void(error_code)>(std::move(handler), *ex));
        },
        token, start_, executor_);
  }

 private:
  const asio::any_io_executor* executor_;
  Start* start_;
};

/// Suspends, hands `start` the waiter, and goes on when that is woken. Pass `start` as a named
/// variable: GCC 12 destroys lambda temporaries in a `co_await` expression twice.
template <class Start>
asio::awaitable<error_code> await_operation(asio::any_io_executor executor, Start start) {
  started_operation operation(executor, start);
  const ended_with how = co_await std::move(operation);
  co_return how.ec;
}

}  // namespace tautline::transport

#endif
