// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The queue of a link: what is on its way, and what runs out of time.
#include "delivery/outbox.hpp"

#include <algorithm>
#include <utility>

namespace tautline::delivery {

// On the way.

outbox::range outbox::take(const take_limit& limit, time_point now, std::vector<ended>& gone) {
  if (now >= next_expiry()) expire(now, gone);
  load taken;
  range r;
  r.first = flight_base_ + written_;
  take_flying(limit, taken);
  if (written_ == flight_.size()) take_lane(urgent_, limit, taken);
  if (urgent_.live == 0 && written_ == flight_.size()) take_lane(normal_, limit, taken);
  r.last = flight_base_ + written_;
  if (r.last > r.first) last_written_ = r.last - 1;
  return r;
}

void outbox::take_flying(const take_limit& limit, load& taken) {
  while (written_ < flight_.size()) {
    cell* const c = flight_[written_];
    if (!c) {
      ++written_;
      continue;
    }
    const std::size_t bytes = c->what.body.size();
    if (!room_in(limit, taken, unconfirmed_, bytes)) return;
    ++c->what.attempts;
    ++written_;
    taken.add(bytes);
    unconfirmed_.add(bytes);
  }
}

// Sums are kept aside meanwhile: counters in memory that rise with each message hold up the next one.
void outbox::take_lane(lane& from, const take_limit& limit, load& taken) {
  load moved, in_all = taken, unconfirmed = unconfirmed_;
  std::uint64_t seq = flight_base_ + flight_.size();
  while (from.live > moved.messages) {
    if (from.spots.size() > prefetch_distance) prefetch_object(from.spots[prefetch_distance].who);
    cell& c = *from.spots.front().who;
    const std::size_t bytes = c.what.body.size();
    if (!room_in(limit, in_all, unconfirmed, bytes)) break;
    if (c.what.indexed) leave_index(c);
    moved.add(bytes);
    in_all.add(bytes);
    unconfirmed.add(bytes);
    from.pop_front(from.live - moved.messages);
    c.what.flying = true;
    c.what.seq = seq++;
    ++c.what.attempts;
    flight_.push_back(&c);
  }
  from.live -= moved.messages;
  from.bytes -= moved.bytes;
  written_ += moved.messages;
  flying_.messages += moved.messages;
  flying_.bytes += moved.bytes;
  unconfirmed_ = unconfirmed;
  taken = in_all;
}

void outbox::end_flight_front(const error_code& why, std::vector<ended>& out) {
  load flying, written;
  cell* const c = leave_flight_front(flying, written);
  flying_.take_off(flying);
  unconfirmed_.take_off(written);
  if (c) finish(*c, why, out);
}

void outbox::make_void(std::size_t index, const error_code& why, std::vector<ended>& out) {
  cell& c = *flight_[index];
  flight_[index] = nullptr;
  --flying_.messages;
  flying_.bytes -= c.what.body.size();
  finish(c, why, out);
}

// The cells first, and of those that have come what the payload's end will touch.
void outbox::prefetch_flight() const noexcept {
  constexpr std::size_t far = std::size_t{2} * prefetch_distance;
  if (flight_.size() <= far) return;
  prefetch_object(flight_[far]);
  if (const cell* const c = flight_[prefetch_distance]) prefetch(c->what.body.payload().data());
}

template <class End>
void outbox::confirm_each(std::uint64_t seq, End end) {
  if (flight_.empty() || flight_base_ > seq) return;
  load flying, written;
  while (!flight_.empty() && flight_base_ <= seq) {
    prefetch_flight();
    if (cell* const c = leave_flight_front(flying, written)) end(*c);
  }
  flying_.take_off(flying);
  unconfirmed_.take_off(written);
  last_confirmed_ = flight_base_ - 1;
  give_memory_back();
}

void outbox::confirm(std::uint64_t seq, std::vector<ended>& done) {
  const error_code delivered;
  confirm_each(seq, [&](cell& c) { finish(c, delivered, done); });
}

std::size_t outbox::confirm_quietly(std::uint64_t seq, std::vector<ended>& done) {
  std::size_t quiet = 0;
  const error_code delivered;
  confirm_each(seq, [&](cell& c) {
    if (c.what.owner) return finish(c, delivered, done);
    let_go(c);
    ++quiet;
  });
  return quiet;
}

void outbox::rewind() {
  written_ = 0;
  unconfirmed_ = load();
  last_written_ = 0;
  if (mortal_ > 0) rebuild_deadlines();
}

void outbox::fail_unconfirmed(std::vector<ended>& gone) { fail_unconfirmed(flight_base_ + flight_.size(), gone); }

void outbox::fail_unconfirmed(std::uint64_t seq, std::vector<ended>& gone) {
  const error_code unknown = make_error_code(errc::outcome_unknown);
  rewind();
  if (keep_numbers_) {
    for (std::size_t i = 0; i < flight_.size() && flight_base_ + i <= seq; ++i)
      if (flight_[i]) make_void(i, unknown, gone);
  } else {
    while (!flight_.empty() && flight_base_ <= seq) end_flight_front(unknown, gone);
  }
  give_memory_back();
}

void outbox::uncount_written(std::size_t index) noexcept {
  if (index >= written_) return;
  --unconfirmed_.messages;
  unconfirmed_.bytes -= flight_[index]->what.body.size();
}

void outbox::fail_refused(std::uint64_t largest, std::vector<ended>& gone) {
  const cell* found = nullptr;
  std::size_t index = 0;
  for (std::size_t i = 0; i < written_; ++i) {
    const cell* const c = flight_[i];
    if (!c || (found && c->what.body.size() <= found->what.body.size())) continue;
    found = c;
    index = i;
  }
  if (!found) return;
  const bool too_large = largest == UINT64_MAX || found->what.body.size() > largest;
  uncount_written(index);
  make_void(index, too_large ? errc::message_too_large : errc::outcome_unknown, gone);
}

void outbox::fail_taken(std::uint64_t seq, const error_code& why, std::vector<ended>& gone) {
  const std::size_t index = seq - flight_base_;
  uncount_written(index);
  // It was taken in order to be written, and this time it was not.
  --flight_[index]->what.attempts;
  make_void(index, why, gone);
}

bool outbox::anything_to_take() const noexcept { return normal_.live + urgent_.live > 0 || flight_.size() > written_; }

std::uint64_t outbox::last_written() const noexcept { return last_written_; }
std::uint64_t outbox::last_confirmed() const noexcept { return last_confirmed_; }

// Time to live. The heap is lazy: an entry that ended or went on its way stays in it until its time
// has come or too many such have gathered.

void outbox::watch(cell& c) {
  if (c.what.expires == time_point::max()) return;
  ++mortal_;
  if (deadlines_.size() > 2 * mortal_ + 64) rebuild_deadlines();
  deadlines_.push_back({c.what.expires, c.what.id, &c});
  std::push_heap(deadlines_.begin(), deadlines_.end(), later());
}

void outbox::rebuild_deadlines() {
  deadlines_.clear();
  const auto keep = [this](cell* c) {
    if (c && c->what.expires != time_point::max()) deadlines_.push_back({c->what.expires, c->what.id, c});
  };
  for (std::size_t i = written_; i < flight_.size(); ++i) keep(flight_[i]);
  for (const lane* in : {&urgent_, &normal_})
    for (std::size_t i = 0; i < in->spots.size(); ++i) keep(in->spots[i].who);
  std::make_heap(deadlines_.begin(), deadlines_.end(), later());
}

bool outbox::current(const deadline& d) const noexcept {
  const cell& c = *d.who;
  if (c.what.id != d.id) return false;
  return !c.what.flying || c.what.seq >= flight_base_ + written_;
}

void outbox::end_expired(const deadline& d, std::vector<ended>& gone) {
  cell& c = *d.who;
  if (!c.what.flying) return end_queued(c, errc::expired, gone);
  make_void(c.what.seq - flight_base_, make_error_code(errc::outcome_unknown), gone);
}

void outbox::expire(time_point now, std::vector<ended>& gone) {
  if (deadlines_.empty()) return;
  while (!deadlines_.empty() && deadlines_.front().when <= now) {
    const deadline d = deadlines_.front();
    std::pop_heap(deadlines_.begin(), deadlines_.end(), later());
    deadlines_.pop_back();
    if (current(d)) end_expired(d, gone);
  }
  give_memory_back();
}

}  // namespace tautline::delivery
