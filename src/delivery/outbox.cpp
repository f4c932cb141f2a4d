// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The queue of a link: what comes in and what goes out.
#include "delivery/outbox.hpp"

#include <memory>
#include <utility>

namespace tautline::delivery {

outbox::outbox(const queue_options& limits) : limits_(limits) {}

// Admission.

bool outbox::has_room(std::size_t bytes) const noexcept { return fits(bytes, nullptr); }

admission outbox::refusal() const noexcept {
  if (limits_.overflow == overflow::wait) return admission::wait;
  if (limits_.overflow == overflow::reject) return admission::rejected;
  return admission::dropped_new;
}

// Would there be room if all went that may go? Nothing is dropped for a message that stays out anyway.
bool outbox::dropping_helps(const message& m, const cell* instead_of) const noexcept {
  const bool spare_urgent = m.urgency() != priority::urgent;
  std::size_t messages = flying_.messages;
  std::size_t bytes = flying_.bytes;
  if (spare_urgent) {
    messages += urgent_.live;
    bytes += urgent_.bytes;
    if (instead_of && instead_of->what.urgent_lane) {
      --messages;
      bytes -= instead_of->what.body.size();
    }
  }
  return messages < limits_.max_messages && bytes <= limits_.max_bytes - m.size();
}

void outbox::drop_until_fits(const message& m, const cell* instead_of, std::vector<ended>& gone) {
  while (!fits(m.size(), instead_of)) {
    cell* normal = oldest(normal_, instead_of);
    end_queued(normal ? *normal : *oldest(urgent_, instead_of), errc::dropped, gone);
  }
}

outbox::cell* outbox::oldest(const lane& in, const cell* except) noexcept {
  for (std::size_t i = 0; i < in.spots.size(); ++i) {
    cell* c = in.spots[i].who;
    if (c && c != except) return c;
  }
  return nullptr;
}

outbox::cell* outbox::queued_with_key(const std::string& key) noexcept {
  if (key.empty() || keyed_.empty()) return nullptr;
  const auto found = keyed_.find(key);
  return found == keyed_.end() ? nullptr : found->second;
}

admission outbox::push(message& m, tag owner, time_point now, std::uint64_t& id, std::vector<ended>& gone) {
  if (m.size() > limits_.max_bytes) return admission::too_large;
  cell* old = m.has_key() ? queued_with_key(m.key()) : nullptr;
  if (!fits(m.size(), old)) {
    if (!make_room(m, now, gone)) return refusal();
    old = queued_with_key(m.key());
  }
  id = ++last_id_;
  if (old)
    replace(*old, m, owner, now, gone);
  else
    append(m, owner, now);
  return admission::accepted;
}

bool outbox::make_room(const message& m, time_point now, std::vector<ended>& gone) {
  expire(now, gone);
  const cell* old = queued_with_key(m.key());
  if (fits(m.size(), old)) return true;
  if (limits_.overflow != overflow::drop_oldest || !dropping_helps(m, old)) return false;
  drop_until_fits(m, old, gone);
  return true;
}

void outbox::append(message& m, tag& owner, time_point now) {
  cell& c = line_up(m);
  const bool indexed = m.has_key();
  if (indexed) keyed_.insert_or_assign(m.key(), &c);
  put(c, m, m.urgency() == priority::urgent, owner, now);
  c.what.indexed = indexed;
}

void outbox::put(cell& c, message& m, bool urgent_lane, tag& owner, time_point now) {
  const duration ttl = m.time_to_live() != duration::zero() ? m.time_to_live() : limits_.time_to_live;
  fill(c, m, urgent_lane);
  c.what.owner = std::move(owner);
  if (ttl == duration::zero() || ttl >= time_point::max() - now) return;
  c.what.expires = now + ttl;
  watch(c);
}

void outbox::replace(cell& old, message& m, tag& owner, time_point now, std::vector<ended>& gone) {
  const bool urgent_lane = old.what.urgent_lane;
  if (!urgent_lane && m.urgency() == priority::urgent) {
    end_queued(old, errc::superseded, gone);
    return append(m, owner, now);
  }
  lane& in = lane_of(old);
  in.bytes -= old.what.body.size();
  in.bytes += m.size();
  if (old.what.expires != time_point::max()) --mortal_;
  inherited_.erase(old.what.id);
  inherited_.emplace(last_id_, old.place);
  gone.emplace_back(std::move(old.what), make_error_code(errc::superseded));
  put(old, m, urgent_lane, owner, now);
  old.what.indexed = true;
}

// Lanes.

outbox::lane::spot* outbox::lane::find(std::uint64_t place) noexcept {
  std::size_t low = 0;
  std::size_t high = spots.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (spots[middle].place < place)
      low = middle + 1;
    else
      high = middle;
  }
  return low < spots.size() && spots[low].place == place && spots[low].who ? &spots[low] : nullptr;
}

void outbox::lane::skip_voids() noexcept {
  while (!spots.empty() && !spots.front().who) spots.pop_front();
}

void outbox::lane::remove(std::uint64_t place) noexcept {
  if (first() == place) return pop_front();
  find(place)->who = nullptr;
  if (spots.size() > 2 * live + 64) close_gaps();
}

// Senders that give up while an old message stays in front would else leave voids without end.
void outbox::lane::close_gaps() noexcept {
  std::size_t to = 0;
  for (std::size_t i = 0; i < spots.size(); ++i)
    if (spots[i].who) spots[to++] = spots[i];
  while (spots.size() > to) spots.pop_back();
}

// Ends.

void outbox::leave_index(cell& c) noexcept {
  keyed_.erase(c.what.body.key());
  if (c.place != c.what.id) inherited_.erase(c.what.id);
}

void outbox::end_queued(cell& c, errc why, std::vector<ended>& gone) {
  leave_lane(c);
  lane_of(c).remove(c.place);
  finish(c, make_error_code(why), gone);
}

void outbox::give_memory_back() {
  if (!empty()) return;
  deadlines_.clear();
  cells_.trim();
  if (deadlines_.capacity() > kept_when_empty) deadlines_ = decltype(deadlines_)();
  if (keyed_.bucket_count() > kept_when_empty) keyed_ = decltype(keyed_)();
  if (inherited_.bucket_count() > kept_when_empty) inherited_ = decltype(inherited_)();
}

bool outbox::withdraw(std::uint64_t id, std::vector<ended>& gone) {
  const auto elsewhere = inherited_.empty() ? inherited_.end() : inherited_.find(id);
  const std::uint64_t place = elsewhere == inherited_.end() ? id : elsewhere->second;
  for (lane* in : {&normal_, &urgent_}) {
    const lane::spot* found = in->find(place);
    if (!found || found->who->what.id != id) continue;
    end_queued(*found->who, errc::withdrawn, gone);
    give_memory_back();
    return true;
  }
  return false;
}

void outbox::take_all(std::vector<ended>& gone) {
  fail_unconfirmed(gone);
  while (normal_.live + urgent_.live > 0) {
    const bool urgent_first = urgent_.live > 0 && (normal_.live == 0 || urgent_.first() < normal_.first());
    const lane& from = urgent_first ? urgent_ : normal_;
    end_queued(*from.spots.front().who, errc::withdrawn, gone);
  }
  give_memory_back();
}

outbox_numbers outbox::numbers() const noexcept {
  outbox_numbers n;
  n.oldest = flight_base_;
  n.next = flight_base_ + flight_.size();
  return n;
}

outbox_size outbox::size() const noexcept {
  outbox_size s;
  s.queued_messages = normal_.live + urgent_.live;
  s.queued_bytes = normal_.bytes + urgent_.bytes;
  s.unconfirmed_messages = flying_.messages;
  s.unconfirmed_bytes = flying_.bytes;
  return s;
}

}  // namespace tautline::delivery
