// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Makes one attempt each time the gate opens, publishes the connection, and waits for its end.
#include "link/engine.hpp"

namespace tautline::detail {

asio::awaitable<void> connect_loop(engine_ptr e) {
  while (co_await e->through_gate()) {
    transport::connect_result made = co_await make_attempt(e, std::string());
    if (e->stopping()) break;
    if (!made.conn) {
      e->publish_down(std::move(made.why));
      continue;
    }
    e->publish_up(std::move(made.conn));
    cause why = co_await stay_up(e);
    e->publish_down(std::move(why));
  }
}

}  // namespace tautline::detail
