// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The queue of a link: what is on its way, and what runs out of time.
#include "delivery/outbox.hpp"
#include "delivery/prefetch.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace tautline::delivery {

// On the way.

bool outbox::room_in(const take_limit& limit, const take_limit& taken, std::size_t bytes) const noexcept {
  if (taken.messages >= limit.messages) return false;
  if (written_messages_ > 0) {
    if (written_messages_ >= limit.window_messages || written_bytes_ > limit.window_bytes) return false;
    if (bytes > limit.window_bytes - written_bytes_) return false;
  }
  return taken.messages == 0 || (taken.bytes <= limit.bytes && bytes <= limit.bytes - taken.bytes);
}

void outbox::count_written(std::size_t bytes, take_limit& taken) noexcept {
  ++taken.messages;
  taken.bytes += bytes;
  ++written_;
  ++written_messages_;
  written_bytes_ += bytes;
}

void outbox::prefetch_cell(const cell* c) noexcept {
  if (!c) return;
  prefetch(c);
  prefetch(reinterpret_cast<const char*>(c) + sizeof(cell) / 2);
}

outbox::range outbox::take(const take_limit& limit, time_point now, std::vector<ended>& gone) {
  if (now >= next_expiry()) expire(now, gone);
  take_limit taken;
  range r;
  r.first = flight_base_ + written_;
  take_flying(limit, taken);
  if (written_ == flight_.size()) take_lane(urgent_, limit, taken);
  if (urgent_.live == 0 && written_ == flight_.size()) take_lane(normal_, limit, taken);
  r.last = flight_base_ + written_;
  if (r.last > r.first) last_written_ = r.last - 1;
  return r;
}

void outbox::take_flying(const take_limit& limit, take_limit& taken) {
  while (written_ < flight_.size()) {
    cell* const c = flight_[written_];
    if (!c) {
      ++written_;
      continue;
    }
    entry& e = c->what;
    if (!room_in(limit, taken, e.body.size())) return;
    ++e.attempts;
    count_written(e.body.size(), taken);
  }
}

void outbox::take_lane(lane& from, const take_limit& limit, take_limit& taken) {
  while (from.live > 0) {
    if (from.spots.size() > prefetch_distance) prefetch_cell(from.spots[prefetch_distance].who);
    cell& c = *from.spots.front().who;
    const std::size_t bytes = c.what.body.size();
    if (!room_in(limit, taken, bytes)) return;
    leave_lane(c);
    from.pop_front();
    c.what.flying = true;
    c.what.seq = flight_base_ + flight_.size();
    ++c.what.attempts;
    flight_.push_back(&c);
    count_written(bytes, taken);
    ++flying_messages_;
    flying_bytes_ += bytes;
  }
}

entry* outbox::in_flight(std::uint64_t seq) noexcept {
  cell* const c = flight_[seq - flight_base_];
  return c ? &c->what : nullptr;
}

// Null: it was a void.
outbox::cell* outbox::leave_flight_front() noexcept {
  cell* c = flight_.front();
  flight_.pop_front();
  ++flight_base_;
  const bool was_written = written_ > 0;
  if (was_written) --written_;
  if (!c) return nullptr;
  const std::size_t bytes = c->what.body.size();
  if (was_written) {
    --written_messages_;
    written_bytes_ -= bytes;
  }
  --flying_messages_;
  flying_bytes_ -= bytes;
  return c;
}

void outbox::end_flight_front(const error_code& why, std::vector<ended>& out) {
  if (cell* const c = leave_flight_front()) finish(*c, why, out);
}

void outbox::let_go(cell& c) noexcept {
  if (c.what.expires != time_point::max()) --mortal_;
  std::destroy_at(&c.what);
  std::construct_at(&c.what);
  cells_.release(&c);
}

void outbox::make_void(std::size_t index, const error_code& why, std::vector<ended>& out) {
  cell& c = *flight_[index];
  flight_[index] = nullptr;
  --flying_messages_;
  flying_bytes_ -= c.what.body.size();
  finish(c, why, out);
}

// The cells first, and of those that have come what the payload's end will touch.
void outbox::prefetch_flight() const noexcept {
  constexpr std::size_t far = std::size_t{2} * prefetch_distance;
  if (flight_.size() <= far) return;
  prefetch_cell(flight_[far]);
  if (const cell* const c = flight_[prefetch_distance]) prefetch(c->what.body.payload().data());
}

template <class End>
void outbox::confirm_each(std::uint64_t seq, End end) {
  if (flight_.empty() || flight_base_ > seq) return;
  while (!flight_.empty() && flight_base_ <= seq) {
    prefetch_flight();
    if (cell* const c = leave_flight_front()) end(*c);
  }
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
  written_messages_ = 0;
  written_bytes_ = 0;
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
  --written_messages_;
  written_bytes_ -= flight_[index]->what.body.size();
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

time_point outbox::next_expiry() const noexcept {
  return deadlines_.empty() ? time_point::max() : deadlines_.front().when;
}

}  // namespace tautline::delivery
