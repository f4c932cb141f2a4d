// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/client_conversation.hpp"

#include <tautline/version.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace tautline::detail {
namespace {

using delivery::session_fault;

// A stack that answers pings and a program behind it that says nothing for so long: some servers
// choose the first subprotocol that is offered, whatever it is.
constexpr auto patience_with_a_silent_program = std::chrono::seconds(3);
// As many servers as a client may well go to and fro between.
constexpr std::size_t most_former = 8;

// One after the other: the order in which arguments are evaluated is the compiler's choice.
delivery::client_session make_session(conversation_host& host) {
  auto origin = host.secret(16);
  auto token = host.secret(32);
  return {std::move(origin), std::move(token)};
}

}  // namespace

client_conversation::client_conversation(conversation_host& host, const options& o, acknowledger ack)
    : session_conversation(host, o, std::move(ack)), session_(make_session(host)) {}

delivery::client_counts client_conversation::counts() const {
  const auto numbers = host_.numbers();
  delivery::client_counts c;
  c.acknowledged = numbers.oldest - 1;
  c.written = numbers.next - 1;
  c.next = numbers.next;
  c.accepted = inbound_.accepted();
  return c;
}

void client_conversation::on_up(transport::connection& to, std::uint64_t) {
  begin(to);
  said_bye_ = peer_bye_ = false;
  give_up_at_ = time_point::max();
  at_hello_ = counts();
  // The first time nobody knows whether the peer speaks the protocol, and a peer that does not would
  // take the heads for content. Later on data goes right behind the hello, unless a new session in
  // place of the old one would have to be reported first.
  const bool unsure = !ever_welcomed_ && opts_.session == session_use::automatic;
  const bool strict = opts_.delivery.resume == resume_use::required && !session_.session().empty();
  const bool once = opts_.delivery.mode == delivery_mode::at_most_once && at_hello_.written > at_hello_.acknowledged;
  waits_for_welcome_ = unsure || strict || once;
  asks_behind_hello_ = unsure;  // what answers a ping and not the hello gives itself away
  delivery::hello h;
  h.window = own_window_;
  h.max_message_bytes = opts_.max_message_bytes;
  h.agent = fmt::format("tautline/{}", version());
  h.resume_required = opts_.delivery.resume == resume_use::required;
  said_hello_ = host_.now();
  session_.fill_hello(h, at_hello_, inbound_.tell(), host_.utc_ms());
  (void)to.write(delivery::encode(h), payload_kind::text);  // the writer's turn is next
}

// Behind the server's bye the session is over: what is queued waits for the next one.
bool client_conversation::may_send_data() const { return !peer_bye_ && (attached() || !waits_for_welcome_); }

void client_conversation::note_end() { session_.on_down(host_.last_written()); }

void client_conversation::on_moved() {
  note_end();
  session_conversation::on_moved();
}

void client_conversation::on_down(cause& why) {
  note_end();
  const bool was_attached = attached();
  session_conversation::on_down(why);
  if (said_bye_ && peer_bye_) return session_.forget();
  const auto fault = delivery::fault_of(why.close_code);
  if (fault == session_fault::session_lost) {
    host_.give_up(host_.numbers().next - 1);
    session_.forget();
    why.code = errc::session_lost;
  }
  // Who breaks off with words of RFC 6455 at the sight of a hello does not know it.
  const bool puzzled = why.close_code >= 1002 && why.close_code <= 1010 && why.close_code != 1006;
  if (!was_attached && !ever_welcomed_ && !fault && puzzled && opts_.session == session_use::automatic) {
    why.what_follows = verdict::retry;
    host_.session_not_spoken();
  }
}

void client_conversation::forget() { session_.forget(); }

// A peer that chose the protocol and does not speak it.

std::optional<confirmation> client_conversation::on_pong(std::string_view payload, time_point now) {
  auto c = session_conversation::on_pong(payload, now);
  if (c && !attached() && !ever_welcomed_ && opts_.session == session_use::automatic) {
    give_up_at_ = now + patience_with_a_silent_program;
    host_.wake_writer();
  }
  return c;
}

bool client_conversation::ask(transport::connection& to, const flush_state& s) {
  if (!attached() && s.now >= give_up_at_) {
    give_up_at_ = time_point::max();
    host_.session_not_spoken();
  }
  if (std::exchange(asks_behind_hello_, false)) return !ping(to, s.now, s.last_written);
  return session_conversation::ask(to, s);
}

time_point client_conversation::next_ask(std::uint64_t last_written) const {
  return std::min(attached() ? time_point::max() : give_up_at_, session_conversation::next_ask(last_written));
}

// The welcome.

void client_conversation::on_control(const delivery::control& c) {
  if (const auto* w = std::get_if<delivery::welcome>(&c)) return on_welcome(*w);
  if (const auto* d = std::get_if<delivery::session_drain>(&c)) {
    // After a bye a hello elsewhere would open a session for nothing.
    if (attached() && !said_bye_ && !peer_bye_) host_.asked_to_move(*d);
    return;
  }
  if (attached()) return;  // a hello at a client means nothing
  if (!ever_welcomed_ && opts_.session == session_use::automatic) return host_.session_not_spoken();
  fail(session_fault::bad_message, "the first message is not a welcome");
}

void client_conversation::on_welcome(const delivery::welcome& w) {
  if (attached()) return fail(session_fault::bad_message, "a second welcome");
  auto known = at_hello_;
  known.written = host_.numbers().next - 1;
  known.accepted = inbound_.accepted();
  const auto said = session_.on_welcome(w, known);
  if (!said.fault.empty()) return fail(session_fault::bad_message, said.fault);
  ever_welcomed_ = true;
  give_up_at_ = time_point::max();
  if (said.new_numbers) change_session(w.session);
  if (said.ended) tell_reset(*said.ended, std::max(at_hello_.acknowledged, said.delivered));
  confirmation c;
  c.upto = said.delivered;
  c.round_trip = host_.now() - said_hello_;
  host_.confirmed(c);
  host_.limit_silence(duration_of_ms(w.heartbeat_ms));
  attach(w.window, w.max_message_bytes, said.resumed ? session_state::resumed : session_state::fresh);
  if (said.new_numbers && inbound_.recv() > 0) say(delivery::session_ack(inbound_.tell()));
}

// It may be one that was left for another server's: then its server may not know how much of it has
// come, and begins at the beginning.
void client_conversation::change_session(const std::string& id) {
  // What the application may still want again counts as not had.
  const bool manual = opts_.delivery.responsibility == responsibility::manual;
  if (!current_.empty()) former_.push_back({current_, manual ? inbound_.recv() : inbound_.accepted()});
  const auto known = std::find_if(former_.begin(), former_.end(), [&](const former& f) { return f.id == id; });
  const std::uint64_t had = known == former_.end() ? 0 : known->accepted;
  if (known != former_.end()) former_.erase(known);
  if (former_.size() > most_former) former_.erase(former_.begin());
  current_ = id;
  count_anew(had, id);
}

void client_conversation::tell_reset(const delivery::client_session::outcome::reset& r, std::uint64_t acknowledged) {
  if (opts_.delivery.mode == delivery_mode::at_most_once && r.uncertain > 0) host_.give_up(acknowledged + r.uncertain);
  host_.session_was_reset(r.certain, r.uncertain, r.lost);
}

}  // namespace tautline::detail
