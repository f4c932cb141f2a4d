// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// While up: takes batches from the outbox, writes each with one system call, asks for confirmation.
#include "delivery/prefetch.hpp"
#include "link/engine.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

namespace tautline::detail {
namespace {

// While one batch is being written to the socket the next is framed.
constexpr std::size_t keep_in_flight = 64 * 1024;
// After so many batches the loop lets the others on its strand have a turn.
constexpr int batches_in_a_row = 16;
// Who awaits each send is let go on so often, and no longer than this, before what it has sent is written.
constexpr int longest_gathering = 64;
constexpr auto patience_to_gather = std::chrono::microseconds(100);

// Which messages are with the operating system once so many bytes are.
class written_marks {
 public:
  void add(const intake::batch& b, std::uint64_t position) { marks_.push_back({b, position}); }

  void settle(engine& e, const transport::connection& conn) {
    while (!marks_.empty() && (marks_.front().position <= conn.bytes_flushed() || conn.unflushed() == 0)) {
      const auto b = marks_.front().what;
      marks_.erase(marks_.begin());
      e.outbox.mark_written(b);
      if (e.written_suffices) e.take_written_for_delivered(b.range.last - 1);
    }
  }

 private:
  struct mark {
    intake::batch what;
    std::uint64_t position;
  };
  std::vector<mark> marks_;  // two at most
};

// The beginning of one in time, and the rest of the next: from there on the processor does it by itself.
void prefetch_payloads(const std::vector<const delivery::entry*>& taken, std::size_t i) {
  constexpr std::size_t line = 64, most = 1024;
  constexpr std::size_t ahead = delivery::prefetch_distance;
  if (i + ahead < taken.size() && taken[i + ahead] != nullptr) {
    delivery::prefetch(taken[i + ahead]->body.payload().data());
  }
  if (i + 1 >= taken.size() || taken[i + 1] == nullptr) return;
  const auto next = taken[i + 1]->body.payload();
  for (std::size_t at = line; at < std::min(next.size(), most); at += line) delivery::prefetch(next.data() + at);
}

error_code frame_voids(engine& e, transport::connection& conn, std::uint64_t first, std::size_t& at) {
  const std::size_t from = at;
  while (at < e.taken.size() && e.taken[at] == nullptr) ++at;
  return e.talk->write_void(conn, first + from, at - from);
}

error_code frame_batch(engine& e, transport::connection& conn, written_marks& marks, bool& blocked) {
  e.answer_json_ping();
  const auto b = e.outbox.take(e.talk->window(), e.taken);
  blocked = b.blocked;
  for (std::size_t i = 0; i < e.taken.size();) {
    prefetch_payloads(e.taken, i);
    error_code ec;
    if (e.taken[i] == nullptr) {
      ec = frame_voids(e, conn, b.range.first, i);
    } else {
      ec = e.talk->write(conn, b.range.first + i, *e.taken[i]);
      ++i;
    }
    if (ec) return ec;
  }
  if (!e.taken.empty()) marks.add(b, conn.bytes_flushed() + conn.unflushed());

  flush_state s;
  s.now = e.time->now();
  s.last_written = b.last_written;
  s.size = b.size;
  s.dry = b.dry;
  s.closing = e.leaving();
  if (!e.written_suffices && e.talk->ask(conn, s)) {
    e.shown.count.barriers.fetch_add(1, std::memory_order_relaxed);
    // One that is out already has its time: more of them are no more patience.
    if (!e.now_up.watch->asking()) e.question_framed();
  }
  return {};
}

bool may_write(const engine& e, std::uint64_t generation) { return e.is_up(generation) && !e.close_frame_sent; }

// While down, only what expires has to be looked after.
asio::awaitable<std::uint64_t> next_connection(engine_ptr e, std::uint64_t seen) {
  while (!e->stopping() && !(e->now_up.generation > seen && may_write(*e, e->now_up.generation))) {
    e->outbox.expire();
    co_await e->work.wait_until(e->outbox.arm_expiry());
  }
  co_return e->stopping() ? 0 : e->now_up.generation;
}

// Who awaits each send puts one message into the queue whenever the event loop comes round: one write for
// each is what it would cost to begin at once. So its next ones are waited for, as long as they keep coming.
asio::awaitable<void> gather(engine_ptr e) {
  const auto enough = e->time->now() + patience_to_gather;
  for (int turn = 0; turn < longest_gathering && e->outbox.sender_goes_on(); ++turn) {
    co_await asio::post(e->strand, asio::use_awaitable);
    if (e->time->now() >= enough) co_return;
  }
}

// With `blocked` there is more, and the peer has to confirm first.
asio::awaitable<void> idle(engine_ptr e, bool blocked) {
  e->outbox.expire();
  const auto expiry = e->outbox.arm_expiry();
  if (!blocked && !e->outbox.wait_for_work()) co_return;
  co_await e->work.wait_until(std::min(expiry, e->talk->next_ask(e->outbox.last_written())));
}

}  // namespace

asio::awaitable<void> flush_loop(engine_ptr e) {
  std::uint64_t seen = 0;
  while ((seen = co_await next_connection(e, seen)) != 0) {
    const auto conn = e->now_up.conn;
    written_marks marks;
    auto had_read = std::numeric_limits<std::uint64_t>::max();
    for (int batches = 1; may_write(*e, seen); ++batches) {
      // An answer to what has just been read does not wait for anything.
      if (conn->bytes_read() == had_read) {
        co_await gather(e);
        if (!may_write(*e, seen)) break;
      }
      had_read = conn->bytes_read();
      bool blocked = false;
      error_code ec = frame_batch(*e, *conn, marks, blocked);
      if (!ec && conn->unflushed() == 0) {
        marks.settle(*e, *conn);
        e->note_writing(e->time->now());  // an answered ping may have taken ours along
        co_await idle(e, blocked);
        continue;
      }
      const std::size_t leave = blocked || e->outbox.dry() ? 0 : keep_in_flight;
      e->note_writing(e->time->now());
      if (!ec) ec = co_await conn->async_flush(leave);
      e->note_writing(e->time->now());
      if (ec) {
        e->report_write_failure(seen, make_cause(phase::open, ec));
        break;
      }
      marks.settle(*e, *conn);
      if (batches % batches_in_a_row == 0) co_await asio::post(e->strand, asio::use_awaitable);
    }
  }
}

}  // namespace tautline::detail
