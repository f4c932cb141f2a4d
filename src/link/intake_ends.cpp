// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The outbox's door: how sends and messages end, who is told, and what is counted.
#include "link/intake.hpp"

#include <utility>

namespace tautline::detail {
namespace {

receipt_state* receipt_of(const delivery::entry& e) { return static_cast<receipt_state*>(e.owner.get()); }

bool worth_an_event(const error_code& why) {
  return why == errc::dropped || why == errc::expired || why == errc::superseded;
}

}  // namespace

std::vector<message> intake::take_undelivered() {
  std::vector<delivery::ended> gone;
  aftermath a;
  {
    const std::lock_guard lock(mutex_);
    outbox_.take_all(gone);
    for (const auto& e : gone) count(e);
    admit_waiting(a);
    tally(a);
  }
  std::vector<message> out;
  out.reserve(gone.size());
  for (auto& e : gone) {
    if (auto* r = receipt_of(e.what)) r->end(e.why, e.what.attempts);
    out.push_back(std::move(e.what.body));
  }
  finish(a);
  return out;
}

void intake::destroy(error_code why) {
  shut(why);
  std::vector<delivery::ended> gone;
  {
    const std::lock_guard lock(mutex_);
    outbox_.take_all(gone);
  }
  for (auto& e : gone)
    if (auto* r = receipt_of(e.what)) r->end(why, e.what.attempts);
}

void intake::abandon() noexcept {
  delivery::ring<waiting> left;  // destroyed outside the lock
  const std::lock_guard lock(mutex_);
  left = std::move(waiting_);
}

void intake::add_counters(metrics& m) const {
  const std::lock_guard lock(mutex_);
  const auto size = outbox_.size();
  m.sent = counters_.sent;
  m.delivered = counters_.delivered;
  m.unknown = counters_.unknown;
  m.not_sent = counters_.not_sent;
  m.pending = size.queued_messages + size.unconfirmed_messages;
  m.dropped = counters_.dropped;
  m.rejected = counters_.rejected;
  m.expired = counters_.expired;
  m.superseded = counters_.superseded;
  m.withdrawn = counters_.withdrawn;
  m.resent = counters_.resent;
  m.bytes_sent = counters_.bytes;
}

void intake::count(const delivery::ended& e) {
  if (!e.why) {
    ++counters_.delivered;
    return;
  }
  ++(delivery::certainly_not_delivered(e.why, e.what.attempts) ? counters_.not_sent : counters_.unknown);
  if (e.why == errc::dropped) ++counters_.dropped;
  if (e.why == errc::expired) ++counters_.expired;
  if (e.why == errc::superseded) ++counters_.superseded;
  if (e.why == errc::withdrawn) ++counters_.withdrawn;
}

// Within the lock that took them out: whoever looks from another thread finds each message in one place.
void intake::tally(aftermath& a) {
  for (; a.counted < a.gone.size(); ++a.counted) count(a.gone[a.counted]);
}

void intake::turn_away(waiting w, error_code ec) {
  auto r = make_receipt();
  r->end(ec, 0);
  if (ec == errc::dropped || ec == errc::queue_full) told_.on_turned_away(ec, w.body);
  operation<void(error_code, receipt)>::complete(std::move(w.op), ec, receipt(std::move(r)));
}

// Everything that calls out happens here, without the lock.
void intake::finish(aftermath& a) {
  if (!a.gone.empty()) settle(a.gone);
  for (auto& [w, ec] : a.refused) turn_away(std::move(w), ec);
  for (auto& [w, r] : a.admitted) r->wait(w.until, std::move(w.op));
  if (a.wake) told_.on_work();
}

void intake::settle(std::vector<delivery::ended>& gone) {
  bool all_delivered = true;
  for (auto& e : gone) {
    if (e.why) all_delivered = false;
    if (auto* r = receipt_of(e.what)) r->end(e.why, e.what.attempts);
  }
  if (all_delivered) return;
  std::erase_if(gone, [](const delivery::ended& e) { return !worth_an_event(e.why); });
  if (!gone.empty()) told_.on_lost(std::move(gone));
}

}  // namespace tautline::detail
