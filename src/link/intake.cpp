// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/intake.hpp"

#include "policy/utf8.hpp"

#include <algorithm>
#include <utility>

namespace tautline::detail {
namespace {

using delivery::admission;

constexpr std::uint64_t confirmed_at_once = 64;
// A write with more in it would not be much cheaper for each.
constexpr std::size_t enough_to_write = std::size_t{16} * 1024;

}  // namespace

intake::intake(const options& o, std::shared_ptr<time_service> time, asio::any_io_executor executor,
               std::shared_ptr<receipt_watch> watch, observer& told)
    : max_message_bytes_(o.max_message_bytes),
      outbox_rejects_(o.queue.overflow == overflow::reject),
      messages_expire_(o.queue.time_to_live != duration::zero()),
      time_(std::move(time)),
      executor_(std::move(executor)),
      watch_(std::move(watch)),
      told_(told),
      outbox_(o.queue) {}

std::shared_ptr<receipt_state> intake::make_receipt() const {
  return std::make_shared<receipt_state>(executor_, watch_);
}

error_code intake::check(const message& m) const {
  if (m.size() > max_message_bytes_) return errc::message_too_large;
  if (m.is_text() && !policy::valid_utf8(m.payload())) return errc::invalid_utf8;
  return {};
}

// `errc::queue_full` with nothing counted: policy `wait`.
error_code intake::admit(message& m, const std::shared_ptr<receipt_state>& r, std::uint64_t& id, aftermath& a) {
  // Reading the clock is a good part of the cost of a small message; where nothing expires nobody looks at it.
  const bool mortal = messages_expire_ || m.time_to_live() != duration::zero();
  const bool timed = mortal || outbox_.next_expiry() != time_point::max();
  switch (outbox_.push(m, r, timed ? time_->now() : time_point(), id, a.gone)) {
    case admission::accepted:
      ++counters_.sent;
      a.wake = std::exchange(flush_waits_, false) || outbox_.next_expiry() < armed_ || a.wake;
      armed_ = std::min(armed_, outbox_.next_expiry());
      return {};
    case admission::wait: return errc::queue_full;
    case admission::rejected: ++counters_.rejected; break;
    case admission::dropped_new: ++counters_.dropped; break;
    case admission::too_large: return errc::message_too_large;
  }
  ++counters_.sent;
  ++counters_.not_sent;
  return outbox_rejects_ ? make_error_code(errc::queue_full) : make_error_code(errc::dropped);
}

error_code intake::try_send(message& m, receipt* out) {
  if (const auto ec = check(m)) return ec;
  if (out == nullptr) {
    // The common case leaves nothing behind it that somebody has to be told of.
    std::unique_lock lock(mutex_);
    if (!shut_ && waiting_.empty() && outbox_.push_plain(m)) {
      ++counters_.sent;
      const bool wake = std::exchange(flush_waits_, false);
      lock.unlock();
      if (wake) told_.on_work();
      return {};
    }
  }
  const auto r = out != nullptr ? make_receipt() : nullptr;
  aftermath a;
  error_code ec;
  {
    const std::lock_guard lock(mutex_);
    if (shut_) return shut_;
    if (!waiting_.empty()) return errc::queue_full;  // those who wait come first
    std::uint64_t id = 0;
    ec = admit(m, r, id, a);
    tally(a);
  }
  if (out != nullptr) *out = receipt(r);
  if (ec) {
    if (r) r->end(ec, 0);
    if (ec == errc::dropped || (ec == errc::queue_full && outbox_rejects_)) told_.on_turned_away(ec, m);
  }
  finish(a);
  return ec;
}

void intake::send(message m, stage until, operation_ptr<void(error_code, receipt)> op, std::shared_ptr<ticket> t) {
  waiting w{std::move(m), until, std::move(op), std::move(t)};
  if (const auto ec = check(w.body)) return turn_away(std::move(w), ec);
  // One for each thread, for the memory of its lists.
  thread_local aftermath kept;
  aftermath a = std::exchange(kept, aftermath());
  {
    const std::lock_guard lock(mutex_);
    if (shut_) {
      a.refused.emplace_back(std::move(w), shut_);
    } else {
      waiting_.push_back(std::move(w));
      admit_waiting(a);
      tally(a);
    }
  }
  finish(a);
  a.clear();
  kept = std::move(a);
}

// Lets in those who wait, in order, until the first that finds no room.
void intake::admit_waiting(aftermath& a) {
  while (!waiting_.empty()) {
    auto& w = waiting_.front();
    auto r = make_receipt();
    std::uint64_t id = 0;
    const auto ec = admit(w.body, r, id, a);
    if (ec == errc::queue_full && !outbox_rejects_) return;
    w.mark->entry = id;
    w.mark->receipt = r;
    send_completed_ = send_completed_ || w.until == stage::queued;
    if (ec)
      a.refused.emplace_back(std::move(w), ec);
    else
      a.admitted.emplace_back(std::move(w), std::move(r));
    waiting_.pop_front();
  }
}

void intake::cancel(const ticket* t, asio::cancellation_type type) {
  aftermath a;
  std::shared_ptr<receipt_state> r;
  {
    const std::lock_guard lock(mutex_);
    std::size_t i = 0;
    while (i < waiting_.size() && waiting_[i].mark.get() != t) ++i;
    if (i < waiting_.size()) {
      a.refused.emplace_back(std::move(waiting_[i]), asio::error::operation_aborted);
      waiting_.erase(i);
      admit_waiting(a);  // one that needs less room may have stood behind it
    } else if (t->entry != 0) {
      r = t->receipt.lock();
      const bool withdraw = (type & asio::cancellation_type::total) != asio::cancellation_type::none;
      if (withdraw && outbox_.withdraw(t->entry, a.gone)) admit_waiting(a);
    }
    tally(a);
  }
  if (r) r->cancel_wait(t->operation);
  finish(a);
}

void intake::shut(error_code why) {
  {
    const std::lock_guard lock(mutex_);
    shut_ = why;
  }
  fail_waiting(why);
}

void intake::reopen() {
  const std::lock_guard lock(mutex_);
  shut_ = error_code();
}

void intake::fail_waiting(error_code why) {
  aftermath a;
  {
    const std::lock_guard lock(mutex_);
    for (; !waiting_.empty(); waiting_.pop_front()) a.refused.emplace_back(std::move(waiting_.front()), why);
  }
  finish(a);
}

// The entries are collected here because the way to them (not they themselves) moves when another
// thread pushes.
intake::batch intake::take(const delivery::take_limit& limit, std::vector<const delivery::entry*>& entries) {
  aftermath a;
  batch b;
  entries.clear();
  {
    const std::lock_guard lock(mutex_);
    b.range = outbox_.take(limit, time_->now(), a.gone);
    for (auto seq = b.range.first; seq < b.range.last; ++seq) {
      const auto* e = outbox_.in_flight(seq);
      entries.push_back(e);
      if (!e) continue;
      b.bytes += e->body.size();
      b.tracked = b.tracked || e->owner;
      if (e->attempts > 1) ++counters_.resent;
    }
    if (!a.gone.empty()) admit_waiting(a);
    tally(a);
    b.dry = !outbox_.anything_to_take();
    b.blocked = entries.empty() && !b.dry;
    b.last_written = outbox_.last_written();
    b.size = outbox_.size();
  }
  finish(a);
  return b;
}

void intake::mark_written(const batch& b) {
  std::vector<std::pair<delivery::tag, unsigned>> told;
  {
    const std::lock_guard lock(mutex_);
    counters_.bytes += b.bytes;
    if (!b.tracked) return;
    told.reserve(static_cast<std::size_t>(b.range.last - b.range.first));
    // A pong may have been faster than the news of the write.
    for (auto seq = std::max(b.range.first, outbox_.last_confirmed() + 1); seq < b.range.last; ++seq) {
      const auto* e = outbox_.in_flight(seq);
      if (e && e->owner) told.emplace_back(e->owner, e->attempts);
    }
  }
  for (const auto& [owner, attempts] : told) static_cast<receipt_state*>(owner.get())->written(attempts);
}

// In small portions: what ends passes through the nearest cache, and senders are let in meanwhile.
// Their place is kept for the next time, one for each thread: to give it back to the heap would make
// that tidy up.
void intake::confirm(std::uint64_t seq) {
  thread_local std::vector<delivery::ended> kept;
  aftermath a;
  a.gone = std::exchange(kept, {});
  for (bool more = true; more;) {
    {
      const std::lock_guard lock(mutex_);
      const auto upto = std::min(seq, outbox_.numbers().oldest + (confirmed_at_once - 1));
      counters_.delivered += outbox_.confirm_quietly(upto, a.gone);
      more = upto < seq && outbox_.numbers().oldest == upto + 1;  // else there is nothing behind it
      admit_waiting(a);
      tally(a);
    }
    finish(a);
    a.clear();
  }
  kept = std::move(a.gone);
}

// Those that end make room for those that wait.
template <class End>
void intake::end_some(End end) {
  aftermath a;
  {
    const std::lock_guard lock(mutex_);
    end(a.gone);
    admit_waiting(a);
    tally(a);
  }
  finish(a);
}

void intake::connection_lost(delivery_mode mode) {
  end_some([&](auto& gone) {
    if (mode == delivery_mode::at_least_once) return outbox_.rewind();
    outbox_.fail_unconfirmed(gone);
  });
}

void intake::give_up(std::uint64_t seq) {
  end_some([&](auto& gone) { outbox_.fail_unconfirmed(seq, gone); });
}

void intake::fail_taken(std::uint64_t seq, error_code why) {
  end_some([&](auto& gone) { outbox_.fail_taken(seq, why, gone); });
}

void intake::fail_refused(std::uint64_t largest) {
  end_some([&](auto& gone) { outbox_.fail_refused(largest, gone); });
}

void intake::keep_numbers(bool keep) {
  const std::lock_guard lock(mutex_);
  outbox_.keep_numbers(keep);
}

delivery::outbox_numbers intake::numbers() const {
  const std::lock_guard lock(mutex_);
  return outbox_.numbers();
}

void intake::expire() {
  end_some([&](auto& gone) { outbox_.expire(time_->now(), gone); });
}

bool intake::wait_for_work() {
  const std::lock_guard lock(mutex_);
  flush_waits_ = !outbox_.anything_to_take();
  return flush_waits_;
}

bool intake::sender_goes_on() {
  const std::lock_guard lock(mutex_);
  return std::exchange(send_completed_, false) && outbox_.size().queued_bytes < enough_to_write;
}

delivery::outbox_size intake::size() const {
  const std::lock_guard lock(mutex_);
  return outbox_.size();
}

bool intake::empty() const {
  const std::lock_guard lock(mutex_);
  return outbox_.empty() && waiting_.empty();
}

bool intake::dry() const {
  const std::lock_guard lock(mutex_);
  return !outbox_.anything_to_take();
}

time_point intake::arm_expiry() {
  const std::lock_guard lock(mutex_);
  armed_ = outbox_.next_expiry();
  return armed_;
}

std::uint64_t intake::last_written() const {
  const std::lock_guard lock(mutex_);
  return outbox_.last_written();
}

}  // namespace tautline::detail
