// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Make before break: a server that goes down asks its clients to be somewhere else first.
#include "link/engine.hpp"
#include "link/session_conversation.hpp"
#include "policy/url.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace tautline::detail {
namespace {

constexpr auto next_try = std::chrono::seconds(1);

// The loops still wait on the old connection, which is kept until the new one is attached. So the
// welcome is read here.
asio::awaitable<void> read_until_attached(engine_ptr e, std::uint64_t generation) {
  const auto conn = e->now_up.conn;
  (void)co_await conn->async_flush(0);
  while (e->is_up(generation) && !e->talk->attached()) {
    std::vector<message> batch;
    const error_code ec = co_await conn->async_read(batch, 1);
    if (e->now_up.generation != generation) co_return;
    e->take_in(std::move(batch));
    if (ec) e->end_connection(generation, read_cause(ec, *conn));
  }
  if (e->now_up.generation != generation) co_return;
  e->now_up.welcome_is_read = true;
  e->room.notify();
}

asio::awaitable<void> make_move(engine_ptr e) {
  const std::string url = e->move->url;
  transport::connect_result made = co_await make_attempt(e, url);
  if (e->stopping()) co_return;
  if (!made.conn || made.conn->info().subprotocol != delivery::session_subprotocol) {
    e->postpone_move();
    co_return;
  }
  const auto old = e->publish_move(std::move(made.conn));
  e->now_up.welcome_is_read = false;
  const auto generation = e->now_up.generation;
  asio::co_spawn(e->strand, read_until_attached(e, generation), asio::detached);
  while (e->is_up(generation) && !e->talk->attached() && e->time->now() < e->now_up.attach_by)
    co_await e->ending.wait_until(e->now_up.attach_by);
  old->abort();
}

}  // namespace

asio::awaitable<void> stay_up(engine_ptr e) {
  for (;;) {
    co_await e->until_ended();
    const bool ended = e->stopping() || e->now_up.ended || e->now_up.write_failed;
    if (ended || !e->move_due()) co_return;
    co_await make_move(e);
  }
}

void engine::postpone_move() {
  if (!move) return;
  const auto now = time->now();
  if (move->url.empty()) endpoints.on_end(false, verdict::retry, now, duration::zero());
  move->url.clear();  // if nobody is there either, the link's own list is left
  move->when = endpoints.next_is_fresh() ? now : now + next_try;
}

// What was written and is unacknowledged is written again; the session knows it by its numbers.
std::shared_ptr<transport::connection> engine::publish_move(std::shared_ptr<transport::connection> conn) {
  move.reset();
  now_up.conn->observe(nullptr);
  talk->on_moved();
  outbox.connection_lost(delivery_mode::at_least_once);
  auto old = std::move(now_up.conn);
  publish_up(std::move(conn));
  return old;
}

void engine::asked_to_move(const delivery::session_drain& d) {
  if (!connector->reconnects() || leaving() || move) return;
  const auto least = std::min(d.min_ms, d.max_ms);
  const auto spread = std::max(d.min_ms, d.max_ms) - least;
  const auto wait = least + (spread > 0 ? random->next() % (spread + 1) : 0);
  move_order order;
  order.when = time->now() + duration_of_ms(wait);
  // The same rules as for a redirect: not from wss to ws.
  if (!d.url.empty() && policy::resolve_redirect(attempted_, d.url, order.url)) {
    log.write(log_level::warning, "the server wants us to move to where we may not go: by our own list, then");
    order.url.clear();
  }
  move = std::move(order);
  log.write(log_level::info, "the server is going down: moving in {} ms", wait);
  ending.notify();
}

}  // namespace tautline::detail
