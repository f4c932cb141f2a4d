// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The queue of a link: what comes in and what goes out.
#include "delivery/outbox.hpp"

#include <utility>

namespace tautline::delivery {

outbox::outbox(const queue_options& limits) : limits_(limits) {}

// Admission.

bool outbox::fits(std::size_t bytes, const cell* instead_of) const noexcept {
  const std::size_t freed_messages = instead_of ? 1 : 0;
  const std::size_t freed_bytes = instead_of ? instead_of->what.body.size() : 0;
  const std::size_t messages = size_.queued_messages + size_.unconfirmed_messages - freed_messages;
  const std::size_t held = size_.queued_bytes + size_.unconfirmed_bytes - freed_bytes;
  return messages < limits_.max_messages && bytes <= limits_.max_bytes && held <= limits_.max_bytes - bytes;
}

bool outbox::has_room(std::size_t bytes) const noexcept { return fits(bytes, nullptr); }

admission outbox::refusal() const noexcept {
  if (limits_.overflow == overflow::wait) return admission::wait;
  if (limits_.overflow == overflow::reject) return admission::rejected;
  return admission::dropped_new;
}

// Would there be room if all went that may go? Nothing is dropped for a message that stays out anyway.
bool outbox::dropping_helps(const message& m, const cell* instead_of) const noexcept {
  const bool spare_urgent = m.urgency() != priority::urgent;
  std::size_t messages = size_.unconfirmed_messages;
  std::size_t bytes = size_.unconfirmed_bytes;
  if (spare_urgent) {
    messages += urgent_.live;
    bytes += urgent_.bytes;
    if (instead_of && instead_of->urgent_lane) {
      --messages;
      bytes -= instead_of->what.body.size();
    }
  }
  return messages < limits_.max_messages && bytes <= limits_.max_bytes - m.size();
}

void outbox::drop_until_fits(const message& m, const cell* instead_of, std::vector<ended>& gone) {
  while (!fits(m.size(), instead_of)) {
    const cell_number normal = oldest(normal_, instead_of);
    end_queued(normal != nobody ? normal : oldest(urgent_, instead_of), errc::dropped, gone);
  }
}

outbox::cell_number outbox::oldest(const lane& in, const cell* except) const noexcept {
  for (std::size_t i = 0; i < in.spots.size(); ++i) {
    const cell_number n = in.spots[i].number;
    if (n != nobody && &cells_[n] != except) return n;
  }
  return nobody;
}

outbox::cell* outbox::queued_with_key(const std::string& key) noexcept {
  if (key.empty() || keyed_.empty()) return nullptr;
  const auto found = keyed_.find(key);
  return found == keyed_.end() ? nullptr : &cells_[found->second];
}

admission outbox::push(message& m, tag owner, time_point now, std::uint64_t& id, std::vector<ended>& gone) {
  if (m.size() > limits_.max_bytes) return admission::too_large;
  cell* old = queued_with_key(m.key());
  if (!fits(m.size(), old) && now >= next_expiry()) {
    expire(now, gone);
    old = queued_with_key(m.key());
  }
  if (!fits(m.size(), old)) {
    if (limits_.overflow != overflow::drop_oldest || !dropping_helps(m, old)) return refusal();
    drop_until_fits(m, old, gone);
  }
  id = ++last_id_;
  if (old) {
    replace(keyed_.find(m.key())->second, m, std::move(owner), now, id, gone);
    return admission::accepted;
  }
  const cell_number n = cells_.acquire();
  put(n, m, std::move(owner), now, id);
  enqueue(n);
  return admission::accepted;
}

void outbox::put(cell_number n, message& m, tag owner, time_point now, std::uint64_t id) {
  const duration ttl = m.time_to_live() != duration::zero() ? m.time_to_live() : limits_.time_to_live;
  cell& c = cells_[n];
  c.what.body = std::move(m);
  c.what.owner = std::move(owner);
  c.what.id = id;
  c.what.seq = 0;
  c.what.attempts = 0;
  c.what.expires = time_point::max();
  c.flying = false;
  ++size_.queued_messages;
  size_.queued_bytes += c.what.body.size();
  if (ttl == duration::zero()) return;
  if (ttl < time_point::max() - now) c.what.expires = now + ttl;
  watch(c, n);
}

void outbox::enqueue(cell_number n) {
  cell& c = cells_[n];
  c.place = c.what.id;
  c.urgent_lane = c.what.body.urgency() == priority::urgent;
  lane& to = lane_of(c);
  to.spots.push_back({c.place, n});
  ++to.live;
  to.bytes += c.what.body.size();
  if (!c.what.body.key().empty()) keyed_.insert_or_assign(c.what.body.key(), n);
}

void outbox::replace(cell_number n, message& m, tag owner, time_point now, std::uint64_t id,
                     std::vector<ended>& gone) {
  cell& old = cells_[n];
  const bool keeps_place = old.urgent_lane || m.urgency() != priority::urgent;
  if (!keeps_place) {
    end_queued(n, errc::superseded, gone);
    n = cells_.acquire();
    put(n, m, std::move(owner), now, id);
    return enqueue(n);
  }
  lane& in = lane_of(old);
  in.bytes -= old.what.body.size();
  --size_.queued_messages;
  size_.queued_bytes -= old.what.body.size();
  if (old.what.expires != time_point::max()) --mortal_;
  inherited_.erase(old.what.id);
  inherited_.emplace(id, old.place);
  gone.emplace_back(std::move(old.what), make_error_code(errc::superseded));
  put(n, m, std::move(owner), now, id);
  in.bytes += old.what.body.size();
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
  return low < spots.size() && spots[low].place == place && spots[low].number != nobody ? &spots[low] : nullptr;
}

void outbox::lane::skip_voids() noexcept {
  while (!spots.empty() && spots.front().number == nobody) spots.pop_front();
}

void outbox::lane::remove(std::uint64_t place) noexcept {
  if (spots.front().place == place)
    spots.pop_front();
  else
    find(place)->number = nobody;
  skip_voids();
  if (spots.size() > 2 * live + 64) close_gaps();
}

// Senders that give up while an old message stays in front would else leave voids without end.
void outbox::lane::close_gaps() noexcept {
  std::size_t to = 0;
  for (std::size_t i = 0; i < spots.size(); ++i)
    if (spots[i].number != nobody) spots[to++] = spots[i];
  while (spots.size() > to) spots.pop_back();
}

// Ends.

void outbox::forget_queued(cell& c) noexcept {
  const std::size_t bytes = c.what.body.size();
  lane& from = lane_of(c);
  --from.live;
  from.bytes -= bytes;
  --size_.queued_messages;
  size_.queued_bytes -= bytes;
  if (!c.what.body.key().empty()) keyed_.erase(c.what.body.key());
  if (c.place != c.what.id) inherited_.erase(c.what.id);
}

void outbox::end_queued(cell_number n, errc why, std::vector<ended>& gone) {
  cell& c = cells_[n];
  forget_queued(c);
  lane_of(c).remove(c.place);
  finish(n, make_error_code(why), gone);
}

void outbox::finish(cell_number n, error_code why, std::vector<ended>& out) {
  cell& c = cells_[n];
  if (c.what.expires != time_point::max()) --mortal_;
  out.emplace_back(std::move(c.what), why);
  c.what.id = 0;
  cells_.release(n);
  if (empty()) ran_empty();
}

void outbox::ran_empty() {
  deadlines_.clear();
  cells_.trim();
  if (deadlines_.capacity() > kept_when_empty) deadlines_ = {};
  if (keyed_.bucket_count() > kept_when_empty) keyed_ = {};
  if (inherited_.bucket_count() > kept_when_empty) inherited_ = {};
}

bool outbox::withdraw(std::uint64_t id, std::vector<ended>& gone) {
  const auto elsewhere = inherited_.empty() ? inherited_.end() : inherited_.find(id);
  const std::uint64_t place = elsewhere == inherited_.end() ? id : elsewhere->second;
  for (lane* in : {&normal_, &urgent_}) {
    const lane::spot* found = in->find(place);
    if (!found || cells_[found->number].what.id != id) continue;
    end_queued(found->number, errc::withdrawn, gone);
    return true;
  }
  return false;
}

void outbox::take_all(std::vector<ended>& gone) {
  fail_unconfirmed(gone);
  while (size_.queued_messages > 0) {
    const bool urgent_first = urgent_.live > 0 && (normal_.live == 0 || urgent_.first() < normal_.first());
    const lane& from = urgent_first ? urgent_ : normal_;
    end_queued(from.spots.front().number, errc::withdrawn, gone);
  }
}

bool outbox::empty() const noexcept { return size_.queued_messages == 0 && size_.unconfirmed_messages == 0; }

}  // namespace tautline::delivery
