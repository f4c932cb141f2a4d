// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Makes one attempt each time the gate opens, publishes the connection, and waits for its end.
#include "link/engine.hpp"

namespace tautline::detail {

namespace {

// A coroutine of its own: what an attempt needs is not kept while its connection is up.
asio::awaitable<void> attempt(engine_ptr e) {
  transport::connect_result made = co_await make_attempt(e, std::string());
  if (e->stopping()) co_return;
  if (made.conn)
    e->publish_up(std::move(made.conn));
  else
    e->publish_down(std::move(made.why));
}

}  // namespace

asio::awaitable<void> connect_loop(engine_ptr e) {
  for (;;) {
    const bool open = co_await e->through_gate();
    if (!open) co_return;
    co_await attempt(e);
    if (!e->now_up.conn) continue;
    co_await stay_up(e);
    e->publish_end();
  }
}

}  // namespace tautline::detail
