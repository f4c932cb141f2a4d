// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A client of tautline's for the measures of a reconnect: it waits for nothing, and always has something to say.
#ifndef TAUTLINE_BENCH_RESTLESS_HPP
#define TAUTLINE_BENCH_RESTLESS_HPP

#include <tautline/tautline.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace bench {

/// As a loop by hand, which waits for nothing.
inline tautline::options restless(std::string url, tautline::session_use session) {
  tautline::options o(std::move(url));
  o.session = session;
  o.backoff.initial = std::chrono::nanoseconds(1);
  o.backoff.max = std::chrono::nanoseconds(1);
  o.backoff.stable_after = {};
  o.backoff.jitter = tautline::jitter::none;
  o.backoff.first_retry_spread = {};
  o.backoff.max_attempts = tautline::unlimited;
  return o;
}

/// As an application would: what it has to say while the link is down is queued. `text` has to outlive it.
inline boost::asio::awaitable<void> talk_when_down(tautline::link& l, const std::string& text, long messages) {
  using tautline::link_state;
  constexpr auto quiet = boost::asio::as_tuple(boost::asio::use_awaitable);
  for (;;) {
    for (long i = 0; i < messages; ++i)
      if (l.try_send(tautline::message(text))) co_return;
    for (const auto next : {link_state::connected, link_state::reconnecting}) {
      auto changed = co_await l.async_wait(next, quiet);
      if (std::get<0>(changed)) co_return;
    }
  }
}

}  // namespace bench

#endif
