// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How a connection comes up, what its frames mean for the others, and how it goes down.
#include "delivery/json_heartbeat.hpp"
#include "link/engine.hpp"
#include "policy/classify.hpp"
#include "policy/url.hpp"

#include <utility>

namespace tautline::detail {
namespace {

// How long a reader may take to find out why a write failed: the peer's close frame, or its
// reset, says more than the "broken pipe" of the write.
constexpr auto reader_has_the_say = std::chrono::milliseconds(250);

}  // namespace

void engine::publish_attempt(const std::string& endpoint) {
  shown.count.attempts.fetch_add(1, std::memory_order_relaxed);
  shown.update([&](board::facts& f) {
    f.shown.attempt = attempt;
    f.shown.endpoint = policy::redact_url(endpoint);
    f.next_attempt.reset();
  });
}

void engine::publish_up(std::shared_ptr<transport::connection> conn) {
  const auto now = time->now();
  const auto generation = now_up.generation + 1;
  now_up = present_connection();
  now_up.generation = generation;
  now_up.conn = std::move(conn);
  now_up.up_since = now_up.reading_since = now;
  now_up.watch.emplace(opts.heartbeat, now);
  now_up.conn->observe(this);
  talk->on_up(random->next());
  const auto before = shown.count.connections.fetch_add(1, std::memory_order_relaxed);
  shown.update([&](board::facts& f) {
    f.up_since = now;
    f.shown.subprotocol = now_up.conn->info().subprotocol;
    f.shown.reconnects = before;
  });
  set_state(link_state::connected, cause());
  log.write(log_level::info, "connected to {} (attempt {})", now_up.conn->info().peer, attempt);
  emit(event(event_kind::up));
  for (auto* w : {&beat, &work, &room, &drain}) w->notify();
}

void engine::end_connection(std::uint64_t generation, cause why) {
  if (!now_up.conn || now_up.generation != generation || now_up.ended) return;
  now_up.ended = std::make_unique<const cause>(std::move(why));
  ending.notify();
}

void engine::report_write_failure(std::uint64_t generation, cause why) {
  if (!now_up.conn || now_up.generation != generation || now_up.ended || now_up.write_failed) return;
  now_up.write_failed = std::make_unique<const cause>(std::move(why));
  ending.notify();
}

asio::awaitable<void> engine::until_ended() {
  while (!now_up.ended && !now_up.write_failed && !stopping_) co_await ending.wait();
  const auto patience = time->now() + reader_has_the_say;
  while (!now_up.ended && !stopping_ && time->now() < patience) co_await ending.wait_until(patience);
}

void engine::publish_end() {
  if (now_up.ended) return publish_down(*now_up.ended);
  if (now_up.write_failed) return publish_down(*now_up.write_failed);
  publish_down(make_cause(phase::local, asio::error::operation_aborted));
}

void engine::publish_down(cause why) {
  const auto uptime = now_up.conn ? time->now() - now_up.up_since : duration::zero();
  ended_connection end;
  end.stable = now_up.conn && policy::proved_stable(opts.backoff, uptime, now_up.something_confirmed);
  if (now_up.conn) {
    now_up.conn->observe(nullptr);
    now_up.conn->abort();
    now_up.conn.reset();
    now_up.watch.reset();
    outbox.connection_lost(opts.delivery.mode);
  }
  end.why = classified(std::move(why));
  for (auto* w : {&beat, &work, &room, &drain}) w->notify();
  if (!stopping_ && !close_frame_sent) {
    set_state(link_state::reconnecting, end.why);
    log.write(log_level::warning, "down: {}", end.why.describe());
    event ev(event_kind::down);
    ev.why = end.why;
    emit(std::move(ev));
  }
  last_cause = std::make_shared<const cause>(end.why);
  just_ended = std::make_unique<ended_connection>(std::move(end));
  delay.notify();
}

cause engine::classified(cause why) const {
  why.what_follows = policy::classify(why, static_cast<bool>(opts.provider));
  if (opts.classify) why.what_follows = opts.classify(why);
  return why;
}

void engine::publish_retry(const policy::backoff::decision& d, time_point when) {
  shown.update([&](board::facts& f) {
    f.shown.attempt = d.attempt;
    f.next_attempt = when;
  });
  event ev(event_kind::retry_in);
  ev.delay = std::max(duration::zero(), when - time->now());
  ev.why = *last_cause;
  log.write(log_level::info, "attempt {} in {} ms", d.attempt,
            std::chrono::duration_cast<std::chrono::milliseconds>(ev.delay).count());
  emit(std::move(ev));
}

void engine::publish_degraded(bool degraded) {
  bool changed = false;
  shown.update([&](board::facts& f) { changed = std::exchange(f.shown.degraded, degraded) != degraded; });
  if (changed) emit(event(degraded ? event_kind::degraded : event_kind::recovered));
}

asio::awaitable<std::uint64_t> engine::until_up(wakeup& w, std::uint64_t seen) {
  while (!stopping_ && (!now_up.conn || now_up.ended || now_up.generation <= seen)) co_await w.wait();
  co_return stopping_ ? 0 : now_up.generation;
}

void engine::on_bytes() {
  if (now_up.watch) now_up.watch->on_bytes(time->now());
}

void engine::on_pong(std::string_view payload) {
  const auto now = time->now();
  shown.count.pongs.fetch_add(1, std::memory_order_relaxed);
  if (const auto c = talk->on_pong(payload, now)) apply(*c);
}

void engine::question_framed() {
  const auto& conn = *now_up.conn;
  if (!now_up.question_at) now_up.question_at = conn.bytes_flushed() + conn.unflushed();
}

void engine::note_writing(time_point now) {
  if (!now_up.conn || !now_up.watch) return;
  const auto flushed = now_up.conn->bytes_flushed();
  now_up.watch->on_write_state(now_up.conn->unflushed(), flushed, now);
  if (!now_up.question_at || flushed < *now_up.question_at) return;
  now_up.question_at.reset();
  now_up.watch->on_bytes(now);
  now_up.watch->on_ping_sent(now);
  beat.notify();
}

void engine::apply(const confirmation& c) {
  const auto now = time->now();
  now_up.something_confirmed = true;
  answered_ever = true;
  if (now_up.watch) now_up.watch->on_pong(now);
  if (c.round_trip) {
    rtt.sample(*c.round_trip);
    shown.update([&](board::facts& f) { f.shown.round_trip = rtt.smoothed(); });
  }
  if (shown.read(now).degraded) beat.notify();
  const bool had_any = !outbox.empty();
  if (c.upto > 0) outbox.confirm(c.upto);
  // More may be due to be asked for, or written, now that this question is answered.
  work.notify();
  if (!outbox.empty()) return;
  drain.notify();
  if (had_any) emit(event(event_kind::drained));
}

void engine::take_in(message m) {
  const auto kind = opts.heartbeat.kind;
  const bool asks_json = kind == heartbeat_kind::json || kind == heartbeat_kind::both;
  const auto now = time->now();
  if (asks_json || opts.heartbeat.answer_json) {
    const auto beat_kind = delivery::read_json_beat(m);
    if (asks_json && beat_kind == delivery::json_beat::pong) return json_pong_came(now);
    if (opts.heartbeat.answer_json && beat_kind == delivery::json_beat::ping) {
      if (now_up.conn) (void)now_up.conn->write(delivery::json_pong(m, time->utc_now()), payload_kind::text);
      work.notify();
      return;
    }
  }
  if (kind == heartbeat_kind::custom && opts.heartbeat.codec.read_pong(m)) return json_pong_came(now);
  shown.count.received.fetch_add(1, std::memory_order_relaxed);
  shown.count.bytes_received.fetch_add(m.size(), std::memory_order_relaxed);
  inbox.force_push(std::move(m));
}

void engine::json_pong_came(time_point now) {
  shown.count.pongs.fetch_add(1, std::memory_order_relaxed);
  confirmation c;
  if (now_up.json_ping_sent) c.round_trip = now - *now_up.json_ping_sent;
  now_up.json_ping_sent.reset();
  apply(c);
}

void engine::take_written_for_delivered(std::uint64_t upto) {
  outbox.confirm(upto);
  if (!outbox.empty()) return;
  drain.notify();
  emit(event(event_kind::drained));
}

void engine::notice_silence() {
  if (std::exchange(silence_noticed_, true)) return;
  written_suffices = may_fall_back();
  log.write(log_level::warning, "the peer answers no pings: {}",
            written_suffices ? "written is taken for delivered from now on" : "nothing can be confirmed");
  emit(event(event_kind::unconfirmed));
  if (written_suffices) take_written_for_delivered(outbox.last_written());
  beat.notify();
}

}  // namespace tautline::detail
