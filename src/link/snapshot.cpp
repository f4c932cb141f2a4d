// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/snapshot.hpp"

#include <utility>

namespace tautline::detail {

void set_text(text_ptr& to, const std::string& text) {
  if (text.empty()) return to.reset();
  if (!to || *to != text) to = std::make_shared<const std::string>(text);
}

tautline::status snapshot::whole() const {
  tautline::status s;
  s.state = state;
  s.degraded = degraded;
  if (why) s.why = *why;
  s.attempt = attempt;
  s.max_attempts = max_attempts;
  s.next_attempt_in = next_attempt_in;
  if (endpoint) s.endpoint = *endpoint;
  if (subprotocol) s.subprotocol = *subprotocol;
  s.session = session;
  s.round_trip = round_trip;
  s.queued_messages = size.queued_messages;
  s.queued_bytes = size.queued_bytes;
  s.unconfirmed_messages = size.unconfirmed_messages;
  s.unconfirmed_bytes = size.unconfirmed_bytes;
  s.uptime = uptime;
  s.reconnects = reconnects;
  return s;
}

queued_event::operator event() && {
  event e = whole_ ? std::move(*whole_) : event(kind_);
  if (!whole_) {
    if (why_) e.why = *why_;
    e.delay = delay_;
  }
  if (at_) e.status = at_->whole();
  return e;
}

}  // namespace tautline::detail
