// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/session_engine.hpp"

#include "link/engine.hpp"
#include "link/last_words.hpp"

#include <utility>

namespace tautline::detail {
namespace {

void fence(engine& e, const std::shared_ptr<transport::connection>& old) {
  const auto fault = delivery::session_fault::superseded;
  say_last_words(e.strand, *e.time, old, fault,
                 delivery::session_error(std::string(delivery::name_of(fault)), "a newer connection has the session"),
                 reads::pending);
}

void take_connection(engine& e, std::shared_ptr<transport::connection> conn) {
  if (e.is_up(e.now_up.generation)) {
    const auto old = e.publish_move(std::move(conn));
    return fence(e, old);
  }
  auto& connector = static_cast<session_connector&>(*e.connector);
  if (const auto old = connector.give(std::move(conn))) fence(e, old);
}

}  // namespace

session_connector::session_connector(std::shared_ptr<time_service> time, duration retain)
    : time_(std::move(time)), retain_(retain), came_(*time_) {}

std::shared_ptr<transport::connection> session_connector::give(std::shared_ptr<transport::connection> conn) {
  auto old = std::exchange(waiting_, std::move(conn));
  came_.notify();
  return old;
}

asio::awaitable<transport::connect_result> session_connector::async_connect(const asio::any_io_executor&,
                                                                            const transport::connect_request&) {
  cancelled_ = false;
  transport::connect_result result;
  const auto limit = time_->now() + retain_;
  while (!waiting_ && !cancelled_ && time_->now() < limit) co_await came_.wait_until(limit);
  result.conn = std::exchange(waiting_, nullptr);
  if (result.conn) co_return result;
  result.why.where = phase::session;
  result.why.code = errc::session_expired;
  if (cancelled_) result.why.code = asio::error::operation_aborted;
  co_return result;
}

void session_connector::cancel() noexcept {
  cancelled_ = true;
  came_.notify();
}

engine_ptr make_session_engine(asio::any_io_executor executor, asio::any_io_executor strand, options opts,
                               environment env, session_setup setup) {
  auto e = make_engine(std::move(executor), std::move(strand), std::make_shared<const options>(std::move(opts)),
                       std::move(env));
  e->guard_inbox([ledger = setup.ledger](const message& m) { return ledger->may_take(m.seq()); });
  e->become_session(std::make_unique<server_conversation>(e->host(), e->opts, acknowledger_of(e), std::move(setup)));
  return e;
}

void offer_connection(const engine_ptr& e, std::shared_ptr<transport::connection> conn, session_arrival arrival,
                      std::function<void(std::shared_ptr<transport::connection>)> refused) {
  on_strand(e, [conn = std::move(conn), arrival = std::move(arrival), refused = std::move(refused)](engine& x) mutable {
    conn->move_to(x.strand);
    auto& talk = static_cast<server_conversation&>(*x.talk);
    if (!talk.expect(std::move(arrival))) {
      talk.end_replaced();
      x.end_session();
      return refused(std::move(conn));
    }
    take_connection(x, std::move(conn));
  });
}

std::size_t held_bytes_of(const engine& e) {
  const auto size = e.outbox.size();
  return size.queued_bytes + size.unconfirmed_bytes + e.inbox_bytes.load(std::memory_order_relaxed);
}

void end_if_absent(const engine_ptr& e) {
  on_strand(e, [](engine& x) {
    if (!x.is_up(x.now_up.generation)) x.end_session();
  });
}

void begin_leaving(const engine_ptr& e, std::uint16_t code, std::string reason, duration to_drain, duration to_move) {
  on_strand(e, [code, reason = std::move(reason), to_drain, to_move](engine& x) mutable {
    x.start_leaving(code, std::move(reason), to_drain, to_move);
  });
}

}  // namespace tautline::detail
