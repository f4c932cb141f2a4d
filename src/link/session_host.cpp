// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a session asks of the engine, and tells it.
#include "link/client_conversation.hpp"
#include "link/engine.hpp"
#include "link/last_words.hpp"
#include "link/session_engine.hpp"

#include <chrono>
#include <utility>

namespace tautline::detail {
std::uint64_t engine::utc_ms() const {
  const auto since = time->utc_now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

void engine::become_session(std::unique_ptr<conversation> c) {
  session_ = std::move(c);
  talk = session_.get();
  outbox.keep_numbers(true);
}

session_conversation::acknowledger acknowledger_of(const std::weak_ptr<engine>& weak) {
  return [weak](std::uint64_t epoch, std::uint64_t seq) {
    if (const auto self = weak.lock()) on_strand(self, [epoch, seq](engine& e) { e.acknowledge(epoch, seq); });
  };
}

void engine::end_session() {
  if (running()) return stop(errc::session_expired);
  closed_for_good_ = true;
  outbox.shut(errc::closed);
  inbox.close(errc::session_expired);
  events.close(errc::session_expired);
}

void engine::choose_conversation() {
  const bool session =
      now_up.conn->info().subprotocol == delivery::session_subprotocol && opts.session != session_use::off;
  if (session && !session_) {
    session_ = std::make_unique<client_conversation>(host(), opts, acknowledger_of(weak_from_this()));
    outbox.keep_numbers(true);
  }
  if (!session && session_ && talk == session_.get()) {
    // The peer has changed: what it may have taken over nobody will say any more.
    session_->forget();
    session_was_reset(0, outbox.size().unconfirmed_messages, std::nullopt);
    const bool strict = opts.delivery.resume == resume_use::required;
    if (strict || opts.delivery.mode == delivery_mode::at_most_once) outbox.give_up(outbox.numbers().next - 1);
    if (strict) end_connection(now_up.generation, make_cause(phase::session, errc::session_lost));
  }
  if (!session && !plain_) plain_ = make_plain_conversation(opts);
  talk = session ? session_.get() : plain_.get();
}

void engine::attached(session_state how) {
  now_up.something_confirmed = true;
  answered_ever = true;
  shown.update([&](board::facts& f) { f.shown.session = how; });
  announce_up();
  if (how == session_state::resumed) emit(event_kind::resumed);
  for (auto* w : {&ending, &work, &beat}) w->notify();
}

void engine::limit_silence(duration d) {
  if (!now_up.watch || d <= duration::zero()) return;
  now_up.watch->limit_interval(d);
  beat.notify();
}

void engine::session_was_reset(std::uint64_t certain, std::uint64_t uncertain, std::optional<std::uint64_t> lost) {
  log.write(log_level::warning, "the session was reset: {} certain, {} uncertain", certain, uncertain);
  event ev(event_kind::session_reset);
  ev.certain = certain;
  ev.uncertain = uncertain;
  ev.lost = lost;
  emit(queued_event(std::move(ev)));
}

void engine::end_session_connection(delivery::session_fault fault, const std::string& text,
                                    std::optional<std::uint64_t> retry_after_ms) {
  if (!now_up.conn || now_up.ended) return;
  delivery::session_error words(std::string(delivery::name_of(fault)), text);
  words.retry_after_ms = retry_after_ms;
  say_last_words(strand, *time, now_up.conn, fault, words, reads::over);
  now_up.told_why = true;
  auto why = make_cause(phase::session, errc::session_fault);
  why.detail = std::string(delivery::name_of(fault)) + ": " + text;
  end_connection(now_up.generation, std::move(why));
}

void engine::session_not_spoken() {
  if (!std::exchange(offer_session_, false)) return;
  log.write(log_level::warning, "the peer chose tautline.v1 and does not speak it: going on in plain mode");
  auto why = make_cause(phase::session, errc::session_timeout);
  why.detail = "the peer does not speak it: plain mode from now on";
  end_connection(now_up.generation, std::move(why));
}

// At a server's end the link ends with its session; a client goes on in a new one.
void engine::peer_said_bye() {
  drain.notify();
  if (connector->passive()) start_close(nullptr, 1000, {}, opts.close_timeout);
}

}  // namespace tautline::detail
