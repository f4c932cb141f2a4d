// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// While up: watches for silence, asks, and declares the link degraded or dead.
#include "delivery/json_heartbeat.hpp"
#include "link/engine.hpp"

#include <algorithm>
#include <utility>

namespace tautline::detail {
namespace {

void send_text(engine& e, const message& m, time_point now) {
  (void)e.now_up.conn->write(m.payload(), m.kind());
  e.now_up.json_ping_sent = now;
}

void ask(engine& e, time_point now) {
  const auto kind = e.opts.heartbeat.kind;
  if (kind == heartbeat_kind::none) return;
  if (e.talk->is_session()) {  // it has its own way to ask
    (void)e.talk->ping(*e.now_up.conn, now, e.outbox.last_written());
    e.shown.count.pings.fetch_add(1, std::memory_order_relaxed);
    e.question_framed();
    return e.work.notify();
  }
  if (kind == heartbeat_kind::websocket || kind == heartbeat_kind::both)
    (void)e.talk->ping(*e.now_up.conn, now, e.outbox.last_written());
  if (kind == heartbeat_kind::json || kind == heartbeat_kind::both) send_text(e, message(delivery::json_ping()), now);
  const auto number = e.shown.count.pings.fetch_add(1, std::memory_order_relaxed);
  if (kind == heartbeat_kind::custom) send_text(e, e.opts.heartbeat.codec.make_ping(number + 1), now);
  e.question_framed();
  e.work.notify();
}

// The flush loop wakes first: a barrier that it has placed is a question like any other. And a session begins with
// one, the hello, which has a time limit of its own, and its answer: another beside them would tell nothing more.
void ask_first(engine& e, time_point now) {
  if (e.talk->is_session()) return;
  if (e.opts.heartbeat.kind == heartbeat_kind::websocket && e.talk->waiting_since()) return;
  ask(e, now);
}

// Less than this is no backlog that a question could wait behind.
constexpr std::size_t least_backlog = 4096;

// What was written may wait in the system's own queue for as long as a narrow path takes, and a question behind it.
// While the peer's system takes bytes, the path lives. Returns when to look again.
time_point look_at_backlog(engine& e, time_point now) {
  auto& up = e.now_up;
  const bool waits = up.watch->asking() || e.talk->waiting_since() || up.conn->unflushed() != 0;
  const auto backlog = waits ? up.conn->unacknowledged() : 0;
  const auto before = std::exchange(up.acknowledged, 0);
  // What grew behind the question since does not hold it up.
  if (backlog < least_backlog) return time_point::max();
  const auto flushed = up.conn->bytes_flushed();
  const auto acknowledged = flushed - std::min<std::uint64_t>(backlog, flushed);
  // What the system has taken is counted as flushed a moment later: a little may be no progress at all.
  const bool moved = before != 0 && acknowledged >= before + least_backlog;
  up.acknowledged = before == 0 || moved ? acknowledged : before;
  if (moved) {
    up.backlog_moved = now;
    up.watch->on_backlog_moved(now);
  }
  // Finely enough that a path which dies in the middle is still found dead in time.
  return now + e.opts.heartbeat.timeout / 8;
}

// A peer that lives and does not answer pings. Returns when to look again.
time_point look_for_silence(engine& e, time_point now) {
  const auto since = e.talk->waiting_since();
  if (!since || e.now_up.watch->ping_waits() || e.now_up.reading_paused) return time_point::max();
  // With the fallback allowed the question is settled before the heartbeat would call it dead.
  const auto patience = e.may_fall_back() ? e.opts.heartbeat.timeout / 2 : e.opts.heartbeat.timeout;
  const auto limit = std::max({*since, e.now_up.reading_since, e.now_up.backlog_moved}) + patience;
  if (now < limit) return limit;
  e.notice_silence();
  return time_point::max();
}

// What keeps the watch from mistaking our own doing for the peer's death.
void excuse(engine& e, time_point now) {
  const bool cannot_tell = e.written_suffices && e.opts.heartbeat.kind == heartbeat_kind::websocket;
  if (e.now_up.reading_paused || cannot_tell || e.now_up.watch->ping_waits()) e.now_up.watch->on_bytes(now);
}

}  // namespace

asio::awaitable<void> heartbeat_loop(engine_ptr e) {
  std::uint64_t seen = 0;
  while ((seen = co_await e->until_up(e->beat, seen)) != 0) {
    ask_first(*e, e->time->now());
    while (e->is_up(seen)) {
      const auto now = e->time->now();
      excuse(*e, now);
      auto& watch = *e->now_up.watch;
      watch.on_write_state(e->now_up.conn->unflushed(), e->now_up.conn->bytes_flushed(), now);
      const auto backlog_again = look_at_backlog(*e, now);
      const auto action = watch.decide(now, e->rtt);
      if (action.dead) {
        e->end_connection(seen, make_cause(phase::heartbeat, *action.dead));
        break;
      }
      const auto look_again = look_for_silence(*e, now);
      e->publish_degraded(action.degraded);
      if (action.ping) ask(*e, now);
      co_await e->beat.wait_until(std::min(action.next, std::min(look_again, backlog_again)));
    }
  }
}

}  // namespace tautline::detail
