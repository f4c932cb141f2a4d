// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How a connection comes up, what its frames mean for the others, and how it goes down.
#include "delivery/json_heartbeat.hpp"
#include "link/engine.hpp"
#include "policy/classify.hpp"
#include "policy/url.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace tautline::detail {
namespace {

// How long a reader may take to find out why a write failed: the peer's close frame, or its
// reset, says more than the "broken pipe" of the write.
constexpr auto reader_has_the_say = std::chrono::milliseconds(250);

// The messages of one read came at the same time: to look at the clock would be a good part of what a
// small one costs.
class stopped_clock {
 public:
  stopped_clock(time_point& shown, time_point now) : shown_(shown) { shown_ = now; }
  stopped_clock(const stopped_clock&) = delete;
  stopped_clock& operator=(const stopped_clock&) = delete;
  ~stopped_clock() { shown_ = time_point(); }

 private:
  time_point& shown_;
};

}  // namespace

void engine::publish_attempt(const std::string& endpoint) {
  shown.count.attempts.fetch_add(1, std::memory_order_relaxed);
  // Most attempts go where the last one went, and reading a URL takes longer than all else here.
  std::optional<std::string> elsewhere;
  if (endpoint != attempted_) elsewhere = policy::redact_url(endpoint);
  shown.update([&](board::facts& f) {
    f.shown.attempt = attempt;
    if (elsewhere) set_text(f.shown.endpoint, *elsewhere);
    f.next_attempt.reset();
  });
  if (elsewhere) attempted_ = endpoint;
}

void engine::publish_up(std::shared_ptr<transport::connection> conn) {
  step_forward();
  const auto now = time->now();
  const auto generation = now_up.generation + 1;
  now_up = present_connection();
  now_up.generation = generation;
  now_up.conn = std::move(conn);
  now_up.up_since = now_up.reading_since = now;
  now_up.watch.emplace(opts.heartbeat, now);
  now_up.attach_by = now + opts.connect_timeout;
  now_up.conn->observe(this);
  choose_conversation();
  // It was said of a peer that answers no pings; this one acknowledges.
  if (talk->is_session()) written_suffices = silence_noticed_ = false;
  shown.count.connections.fetch_add(1, std::memory_order_relaxed);
  talk->on_up(*now_up.conn, random->next());
  // What waits to be sent goes first: the barrier behind it is the heartbeat's first question, too.
  work.hand_over();
  if (talk->attached()) announce_up();
  for (auto* w : {&beat, &room, &drain}) w->notify();
}

// A link is connected once the peer takes part: a session's once it was welcomed.
void engine::announce_up() {
  if (std::exchange(now_up.announced, true)) return;
  const bool was_connected = shown.state() == link_state::connected;
  shown.update([&](board::facts& f) {
    f.up_since = now_up.up_since;
    set_text(f.shown.subprotocol, now_up.conn->info().subprotocol);
    f.shown.reconnects = shown.count.connections.load(std::memory_order_relaxed) - 1;
    if (!talk->is_session()) f.shown.session = session_state::none;
  });
  log.write(log_level::info, "connected to {} (attempt {})", now_up.conn->info().peer, attempt);
  if (was_connected) return;  // moved
  set_state(link_state::connected, nullptr);
  emit(event_kind::up);
}

void engine::end_connection(std::uint64_t generation, cause why) {
  if (!now_up.conn || now_up.generation != generation || now_up.ended) return;
  now_up.ended = std::make_unique<const cause>(std::move(why));
  // While a way to move is being looked for nobody waits for the end.
  if (move && !stopping_) set_state(link_state::reconnecting, std::make_shared<const cause>(*now_up.ended));
  ending.hand_over();
}

void engine::report_write_failure(std::uint64_t generation, cause why) {
  if (!now_up.conn || now_up.generation != generation || now_up.ended || now_up.write_failed) return;
  now_up.write_failed = std::make_unique<const cause>(std::move(why));
  ending.notify();
}

asio::awaitable<void> engine::until_ended() {
  while (!now_up.ended && !now_up.write_failed && !stopping_) {
    if (move_due()) co_return;
    const auto attach_by = talk->attached() ? time_point::max() : now_up.attach_by;
    if (time->now() >= attach_by) {
      end_connection(now_up.generation, make_cause(phase::session, errc::session_timeout));
      co_return;
    }
    const auto look_again = std::min(attach_by, move_at());
    co_await ending.wait_until(look_again);
  }
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
  move.reset();
  why.what_follows = policy::classify(why, static_cast<bool>(opts.provider));
  auto old = std::exchange(now_up.conn, nullptr);
  if (old) {
    old->observe(nullptr);
    if (why.where == phase::heartbeat) old->reset_on_abort();
    talk->on_down(why);
    now_up.watch.reset();
    outbox.connection_lost(talk->is_session() ? delivery_mode::at_least_once : opts.delivery.mode);
  }
  if (opts.classify) why.what_follows = opts.classify(why);
  end.why = last_cause = std::make_shared<const cause>(std::move(why));
  if (now_up.told_why) old.reset();  // its last words are on their way, and end it
  standing_back_ = !stopping_;
  if (!stopping_ && !ends_quietly()) {
    set_state(link_state::reconnecting, end.why);
    if (log.wants(log_level::warning)) log.write(log_level::warning, "down: {}", end.why->describe());
    emit(event_kind::down, end.why);
  }
  just_ended = std::move(end);
  let_go(std::move(old));
  delay.hand_over();
}

// The next attempt goes first. What is left of this one is a socket to close, and those who have to
// hear of it; they are let in once the attempt has to wait for its peer.
void engine::let_go(std::shared_ptr<transport::connection> old) {
  asio::post(strand, [weak = weak_from_this(), old = std::move(old)] {
    if (old) old->abort();
    const auto self = weak.lock();
    if (!self || self->abandoned()) return;
    // Who waits for the next connection sleeps on.
    self->work.notify();
    if (self->now_up.reading_paused) self->room.notify();
    if (self->leaving()) self->drain.notify();
    self->step_forward();
  });
}

void engine::step_forward() {
  if (!std::exchange(standing_back_, false)) return;
  for (auto& e : untold_) tell(std::move(e));
  untold_.clear();
  events.hand_out();
}

void engine::publish_retry(const policy::backoff::decision& d, time_point when) {
  shown.update([&](board::facts& f) {
    f.shown.attempt = d.attempt;
    f.next_attempt = when;
  });
  const auto left = std::max(duration::zero(), when - time->now());
  log.write(log_level::info, "attempt {} in {} ms", d.attempt,
            std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
  emit(event_kind::retry_in, last_cause, left);
}

void engine::publish_degraded(bool degraded) {
  bool changed = false;
  shown.update([&](board::facts& f) {
    degraded = degraded && f.shown.state == link_state::connected;
    changed = std::exchange(f.shown.degraded, degraded) != degraded;
  });
  if (changed) emit(degraded ? event_kind::degraded : event_kind::recovered);
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
  now_up.watch->on_ping_framed(conn.bytes_flushed() + conn.unflushed());
}

void engine::note_writing(time_point now) {
  if (!now_up.conn || !now_up.watch) return;
  if (now_up.watch->on_write_state(now_up.conn->unflushed(), now_up.conn->bytes_flushed(), now)) beat.notify();
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
  if (shown.degraded()) beat.notify();
  const bool had_any = !outbox.empty();
  if (c.upto > 0) outbox.confirm(c.upto);
  // More may be due to be asked for, or written, now that this question is answered.
  work.notify();
  if (!outbox.empty()) return;
  drain.notify();
  if (had_any) emit(event_kind::drained);
}

void engine::answer_json_ping() {
  if (now_up.json_pong_due.empty() || now_up.conn->unflushed() > most_unflushed) return;
  (void)now_up.conn->write(std::exchange(now_up.json_pong_due, {}), payload_kind::text);
}

// A question or an answer of the peer's heartbeat stays from the application.
bool engine::took_for_heartbeat(const message& m, time_point now) {
  const auto kind = opts.heartbeat.kind;
  const bool asks_json = kind == heartbeat_kind::json || kind == heartbeat_kind::both;
  if (asks_json || opts.heartbeat.answer_json) {
    const auto beat_kind = delivery::read_json_beat(m);
    if (asks_json && beat_kind == delivery::json_beat::pong) {
      json_pong_came(now);
      return true;
    }
    if (opts.heartbeat.answer_json && beat_kind == delivery::json_beat::ping) {
      if (now_up.conn) now_up.json_pong_due = delivery::json_pong(m, time->utc_now());
      answer_json_ping();
      work.notify();
      return true;
    }
  }
  if (kind != heartbeat_kind::custom || !opts.heartbeat.codec.read_pong(m)) return false;
  json_pong_came(now);
  return true;
}

void engine::take_in(std::vector<message> batch) {
  const stopped_clock clock(taking_in_, time->now());
  std::size_t kept = 0;
  for (auto& m : batch) {
    if (talk->is_session() ? !talk->on_message(m) : took_for_heartbeat(m, taking_in_)) continue;
    if (&m != &batch[kept]) batch[kept] = std::move(m);
    ++kept;
  }
  batch.erase(batch.begin() + static_cast<std::ptrdiff_t>(kept), batch.end());
  if (batch.empty()) return;
  std::uint64_t bytes = 0;
  for (const auto& m : batch) bytes += m.size();
  shown.count.received.fetch_add(batch.size(), std::memory_order_relaxed);
  shown.count.bytes_received.fetch_add(bytes, std::memory_order_relaxed);
  inbox.force_push(std::move(batch));
  inbox_changed();
}

void engine::inbox_changed() {
  if (talk == nullptr || !talk->is_session()) return;
  inbox_bytes.store(inbox.bytes(), std::memory_order_relaxed);
  inbox_state s;
  s.front = inbox.front();
  s.full = inbox.full();
  talk->on_inbox(s);
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
  emit(event_kind::drained);
}

void engine::notice_silence() {
  if (std::exchange(silence_noticed_, true)) return;
  written_suffices = may_fall_back();
  log.write(log_level::warning, "the peer answers no pings: {}",
            written_suffices ? "written is taken for delivered from now on" : "nothing can be confirmed");
  emit(event_kind::unconfirmed);
  if (written_suffices) take_written_for_delivered(outbox.last_written());
  beat.notify();
}

}  // namespace tautline::detail
