// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A proper end: drain, close handshake, stop; each within its limit.
#include "link/engine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <utility>

namespace tautline::detail {
namespace {

// RFC 6455's registry of close codes: the server restarts, the client may reconnect.
constexpr std::uint16_t service_restart = 1012;

asio::awaitable<void> send_close(std::shared_ptr<transport::connection> conn, std::uint16_t code, std::string reason) {
  (void)co_await conn->async_send_close(code, reason);
}

asio::awaitable<void> until_drained(engine_ptr e, time_point limit) {
  while (!e->stopping() && !e->outbox.empty() && e->time->now() < limit) co_await e->drain.wait_until(limit);
}

// The reader sees the peer's answer; the connect loop then publishes the end.
asio::awaitable<void> until_gone(engine_ptr e, std::uint64_t generation, time_point limit) {
  while (e->is_up(generation) && e->time->now() < limit) co_await e->drain.wait_until(limit);
}

// A session ends by agreement: the server closes once both have said bye.
asio::awaitable<void> until_agreed(engine_ptr e) {
  const auto generation = e->now_up.generation;
  if (!e->is_up(generation) || !e->talk->say_bye(*e->now_up.conn)) co_return;
  e->said_bye = true;
  const auto limit = e->time->now() + e->opts.close_timeout / 2;
  const bool closes = e->connector->passive();
  while (e->is_up(generation) && !(closes && e->talk->peer_said_bye()) && e->time->now() < limit)
    co_await e->drain.wait_until(limit);
}

// A server that goes down: a session's peer is asked to be elsewhere before its connection ends.
asio::awaitable<void> until_moved(engine_ptr e) {
  const auto generation = e->now_up.generation;
  const auto grace = e->close_->drain_limit;
  if (!e->is_up(generation)) co_return;
  delivery::session_drain d;
  d.max_ms = 0;
  d.deadline_ms = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(grace).count());
  e->talk->ask_to_move(*e->now_up.conn, d);
  co_await until_gone(e, generation, e->time->now() + grace);
}

asio::awaitable<void> until_settled(engine_ptr e) {
  if (e->close_->moving) {
    co_await until_moved(e);
    e->outbox.shut(errc::closing);
    co_return;
  }
  co_await until_drained(e, e->time->now() + e->close_->drain_limit);
  if (e->stopping()) co_return;
  if (!e->outbox.empty()) e->close_->result = errc::drain_timeout;
  co_await until_agreed(e);
}

}  // namespace

asio::awaitable<void> closing_sequence(engine_ptr e) {
  co_await until_settled(e);
  if (e->stopping()) co_return;
  e->close_frame_sent = true;
  if (e->now_up.conn && !e->now_up.ended) {
    const auto generation = e->now_up.generation;
    asio::co_spawn(e->strand, send_close(e->now_up.conn, e->close_->code, e->close_->reason), asio::detached);
    co_await until_gone(e, generation, e->time->now() + e->opts.close_timeout);
    if (e->is_up(generation) && !e->close_->result) e->close_->result = errc::close_timeout;
  }
  e->stop(error_code());
}

void engine::start_close(operation_ptr<void(error_code)> op, std::uint16_t code, std::string reason,
                         duration drain_limit, bool moving) {
  using done = operation<void(error_code)>;
  if (!running()) {
    closed_for_good_ = true;
    outbox.shut(errc::closed);
    inbox.close(errc::closed);
    events.close(errc::closed);
    const auto left = outbox.empty() ? error_code() : make_error_code(errc::drain_timeout);
    if (op) done::complete(std::move(op), left);
    return;
  }
  if (!close_) {
    close_ = closing();
    close_->code = code;
    close_->reason = std::move(reason);
    close_->drain_limit = drain_limit;
    close_->moving = moving;
    inbox_changed();
    work.notify();
    room.notify();
    asio::co_spawn(strand, closing_sequence(shared_from_this()), asio::detached);
  }
  // While its peer moves a link goes on as ever, unless its application closes it.
  if (!moving) outbox.shut(errc::closing);
  if (op) close_->waiting.push_back(std::move(op));
}

void engine::start_leaving(std::uint16_t code, std::string reason, duration to_drain, duration to_move) {
  const bool moves = running() && !close_ && talk != nullptr && talk->is_session();
  start_close(nullptr, moves ? service_restart : code, std::move(reason), moves ? to_move : to_drain, moves);
}

void engine::cancel_close_wait(std::uint64_t id) {
  if (!close_) return;
  for (auto it = close_->waiting.begin(); it != close_->waiting.end(); ++it)
    if ((*it)->id == id) {
      auto op = std::move(*it);
      close_->waiting.erase(it);
      return operation<void(error_code)>::complete(std::move(op), asio::error::operation_aborted);
    }
}

}  // namespace tautline::detail
