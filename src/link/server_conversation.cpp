// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/server_conversation.hpp"

#include "delivery/server_session.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace tautline::detail {
namespace {

std::uint64_t in_ms(duration d) {
  return static_cast<std::uint64_t>(
      std::max<duration::rep>(0, std::chrono::duration_cast<std::chrono::milliseconds>(d).count()));
}

}  // namespace

void session_ledger::close(const delivery::session_counters& last) {
  const std::lock_guard lock(mutex_);
  counters_ = last;
}

delivery::session_counters session_ledger::seal() {
  const std::lock_guard lock(mutex_);
  sealed_ = true;
  return counters_;
}

bool session_ledger::may_take(std::uint64_t seq) {
  const std::lock_guard lock(mutex_);
  if (seq <= counters_.recv) return true;
  if (sealed_) return false;
  counters_.recv = seq;
  return true;
}

server_conversation::server_conversation(conversation_host& host, const options& o, acknowledger ack,
                                         session_setup setup)
    : session_conversation(host, o, std::move(ack)), setup_(std::move(setup)) {
  count_anew(setup_.recv, setup_.origin);
}

server_conversation::~server_conversation() = default;

delivery::server_counts server_conversation::counts() const {
  const auto numbers = host_.numbers();
  delivery::server_counts c;
  c.recv = inbound_.recv();
  c.acknowledged = numbers.oldest - 1;
  c.written = numbers.next - 1;
  return c;
}

bool server_conversation::expect(session_arrival a) {
  if (over_ || agreed() || !delivery::can_resume(setup_.id, counts(), a.hello)) return false;
  arrival_ = std::move(a);
  return true;
}

void server_conversation::on_up(transport::connection& to, std::uint64_t) {
  begin(to);
  const auto arrival = std::exchange(arrival_, std::nullopt).value_or(session_arrival());
  delivery::welcome w;
  const auto theirs = delivery::fill_welcome(w, setup_.id, counts(), arrival.hello);
  if (!w.resumed && !arrival.reason.empty()) w.reason = arrival.reason;
  if (!w.resumed) w.previous = arrival.previous;
  w.window = own_window_;
  w.heartbeat_ms = in_ms(setup_.terms.heartbeat);
  w.retain_ms = in_ms(setup_.terms.retain);
  w.max_message_bytes = setup_.terms.max_message_bytes;
  (void)inbound_.tell();
  say(w);
  if (theirs > 0) {
    confirmation c;
    c.upto = theirs;
    host_.confirmed(c);
  }
  attach(arrival.hello.window, arrival.hello.max_message_bytes,
         w.resumed ? session_state::resumed : session_state::fresh);
  if (said_bye_) say(delivery::session_bye());  // the connection that carried it may have lost it
}

void server_conversation::on_control(const delivery::control& c) {
  if (std::holds_alternative<delivery::hello>(c)) fail(delivery::session_fault::bad_message, "a second hello");
}

void server_conversation::ask_to_move(transport::connection&, const delivery::session_drain& d) { say(d); }

void server_conversation::on_run_ended(bool for_good) {
  if (!for_good || over_) return;
  end_replaced();
  setup_.over(agreed() ? session_end::agreed : session_end::expired);
}

void server_conversation::end_replaced() {
  if (std::exchange(over_, true)) return;
  // What waits unnumbered will not come either.
  const auto sent = host_.numbers().next - 1 + host_.queued();
  setup_.ledger->close(delivery::session_counters(inbound_.recv(), sent));
}

}  // namespace tautline::detail
