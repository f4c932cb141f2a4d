// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Lets a coroutine wait for something that is not an Asio operation.
#ifndef TAUTLINE_SRC_TRANSPORT_AWAIT_OPERATION_HPP
#define TAUTLINE_SRC_TRANSPORT_AWAIT_OPERATION_HPP

#include <tautline/config.hpp>
#include <tautline/detail/operation.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <tuple>
#include <utility>

namespace tautline::transport {

using waiter = detail::operation_ptr<void(error_code)>;

inline void wake(waiter w, error_code ec) { detail::operation<void(error_code)>::complete(std::move(w), ec); }

/// From a handler on the waiter's strand: it goes on inside this call.
inline void wake_now(waiter w) { detail::operation<void(error_code)>::complete_now(std::move(w), error_code()); }

/// Suspends, hands `start` the waiter, and goes on when that is woken. Pass `start` as a named
/// variable: GCC 12 destroys lambda temporaries in a `co_await` expression twice.
template <class Start>
asio::awaitable<error_code> await_operation(asio::any_io_executor executor, Start start) {
  auto initiate = [](auto handler, Start* s, asio::any_io_executor* ex) {
    (*s)(detail::make_operation<void(error_code)>(std::move(handler), *ex));
  };
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  std::tuple<error_code> ended =
      co_await asio::async_initiate<decltype(token), void(error_code)>(std::move(initiate), token, &start, &executor);
  co_return std::get<0>(ended);
}

}  // namespace tautline::transport

#endif
