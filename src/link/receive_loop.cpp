// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// While up: reads, and hands messages to the inbox; stops reading while that is full.
#include "link/engine.hpp"

#include <algorithm>

namespace tautline::detail {
namespace {

// Whoever closes need not receive any more: the pongs and the peer's close stand behind what would
// not fit, so from then on reading goes on regardless.
// A session's peer is held back by its window instead, because acknowledgements share the way. But each
// session that takes the place of one that was lost has a window of its own, and what came in the former
// ones may lie here still: twice as much as one may bring is the most.
bool must_wait(const engine& e) {
  if (e.leaving()) return false;
  if (!e.talk->is_session()) return e.inbox.full();
  const auto& window = e.opts.inbox;
  const auto bytes = std::max<std::size_t>(window.max_bytes, e.opts.max_message_bytes);
  return e.inbox.size() > 2 * window.max_messages || e.inbox.bytes() > 2 * bytes;
}

// Ends when there is room again, and more than a little; the peer's silence meanwhile is our own doing.
asio::awaitable<void> until_room(engine_ptr e, std::uint64_t generation) {
  e->now_up.reading_paused = true;
  while (e->is_up(generation) && !e->may_read_on()) co_await e->room.wait();
  if (!e->is_up(generation)) co_return;
  e->now_up.reading_paused = false;
  e->now_up.reading_since = e->time->now();
  e->now_up.watch->on_bytes(e->now_up.reading_since);
}

}  // namespace

// Of an application that takes its messages one by one this loop would else go round for each.
bool engine::may_read_on() const { return !must_wait(*this) && (talk->is_session() || leaving() || inbox.roomy()); }

cause read_cause(error_code ec, const transport::connection& conn) {
  auto c = make_cause(phase::open, ec);
  if (conn.close_code() == 0) return c;
  c.close_code = conn.close_code();
  c.close_reason = conn.close_reason();
  if (ec == errc::closed) c.code = error_code(conn.close_code(), close_category());
  return c;
}

asio::awaitable<void> receive_loop(engine_ptr e) {
  std::uint64_t seen = 0;
  while ((seen = co_await e->until_up(e->room, seen)) != 0) {
    const auto conn = e->now_up.conn;
    while (e->is_up(seen) && !e->now_up.welcome_is_read) co_await e->room.wait();
    while (e->is_up(seen)) {
      if (must_wait(*e)) co_await until_room(e, seen);
      if (!e->is_up(seen)) break;
      std::vector<message> batch;
      const error_code ec = co_await conn->async_read(batch, std::max<std::size_t>(e->inbox.room(), 1));
      if (e->now_up.generation != seen) break;  // what came on a connection that was left does not count
      e->take_in(std::move(batch));
      if (ec) e->end_connection(seen, read_cause(ec, *conn));
    }
  }
}

}  // namespace tautline::detail
