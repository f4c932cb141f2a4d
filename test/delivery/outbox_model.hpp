// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The outbox again, as slowly and plainly as it can be written: what the real one is held against.
#ifndef TAUTLINE_TEST_DELIVERY_OUTBOX_MODEL_HPP
#define TAUTLINE_TEST_DELIVERY_OUTBOX_MODEL_HPP

#include "delivery/outbox.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace tautline::delivery {

class outbox_model {
 public:
  struct item {
    std::uint64_t id = 0;
    std::uint64_t place = 0;
    std::size_t bytes = 0;
    std::string key;
    time_point expires = time_point::max();
    unsigned attempts = 0;
  };
  /// Id and reason.
  using leavers = std::vector<std::pair<std::uint64_t, error_code>>;

  explicit outbox_model(const queue_options& q) : limits_(q) {}

  admission push(const message& m, time_point now, std::uint64_t& id, leavers& gone) {
    if (m.size() > limits_.max_bytes) return admission::too_large;
    if (!fits(m)) expire(now, gone);
    if (!fits(m)) {
      if (limits_.overflow == overflow::wait) return admission::wait;
      if (limits_.overflow == overflow::reject) return admission::rejected;
      if (limits_.overflow == overflow::drop_newest || !could_fit(m)) return admission::dropped_new;
      while (!fits(m)) drop_one(m, gone);
    }
    item i;
    i.id = i.place = id = ++last_id_;
    i.bytes = m.size();
    i.key = m.key();
    const auto ttl = m.time_to_live() != duration::zero() ? m.time_to_live() : limits_.time_to_live;
    if (ttl != duration::zero()) i.expires = now + ttl;
    place(std::move(i), m.urgency() == priority::urgent, gone);
    return admission::accepted;
  }

  /// The ids of the range, in order; 0: a void.
  std::vector<std::uint64_t> take(const take_limit& limit, time_point now, std::uint64_t& first, leavers& gone) {
    expire(now, gone);
    first = base_ + written_;
    std::vector<std::uint64_t> ids;
    std::size_t count = 0;
    std::size_t bytes = 0;
    const auto may = [&](const item& i) {
      const auto [messages, outstanding] = written_and_unconfirmed();
      if (messages > 0 && (messages >= limit.window_messages || outstanding + i.bytes > limit.window_bytes))
        return false;
      return count < limit.messages && (count == 0 || bytes + i.bytes <= limit.bytes);
    };
    const auto account = [&](item& i) {
      ids.push_back(i.id);
      ++count;
      bytes += i.bytes;
      ++i.attempts;
      ++written_;
    };
    bool stopped = false;
    while (!stopped && written_ < flight_.size()) {
      if (!flight_[written_]) {
        ids.push_back(0);
        ++written_;
      } else if (may(*flight_[written_])) {
        account(*flight_[written_]);
      } else {
        stopped = true;
      }
    }
    for (auto* from : {&urgent_, &normal_})
      while (!stopped && !from->empty() && !(stopped = !may(from->front()))) {
        flight_.emplace_back(from->front());
        from->erase(from->begin());
        account(*flight_.back());
      }
    if (!ids.empty()) last_written_ = base_ + written_ - 1;
    return ids;
  }

  void confirm(std::uint64_t seq, leavers& done) {
    while (!flight_.empty() && base_ <= seq) {
      last_confirmed_ = base_;
      end_front({}, done);
    }
  }

  void rewind() { written_ = 0, last_written_ = 0; }

  void fail_unconfirmed(leavers& gone) { fail_unconfirmed(base_ + flight_.size(), gone); }

  void fail_unconfirmed(std::uint64_t seq, leavers& gone) {
    rewind();
    if (!keep_numbers) {
      while (!flight_.empty() && base_ <= seq) end_front(errc::outcome_unknown, gone);
      return;
    }
    for (std::size_t i = 0; i < flight_.size() && base_ + i <= seq; ++i) {
      if (flight_[i]) gone.emplace_back(flight_[i]->id, errc::outcome_unknown);
      flight_[i].reset();
    }
  }

  bool keep_numbers = false;

  bool withdraw(std::uint64_t id, leavers& gone) {
    for (auto* from : {&normal_, &urgent_})
      for (auto i = from->begin(); i != from->end(); ++i)
        if (i->id == id) {
          gone.emplace_back(id, errc::withdrawn);
          from->erase(i);
          return true;
        }
    return false;
  }

  void expire(time_point now, leavers& gone) {
    std::vector<std::pair<time_point, std::pair<std::uint64_t, error_code>>> due;
    for (auto* from : {&normal_, &urgent_})
      std::erase_if(*from, [&](const item& i) {
        if (i.expires > now) return false;
        due.push_back({i.expires, {i.id, errc::expired}});
        return true;
      });
    for (std::size_t i = written_; i < flight_.size(); ++i)
      if (flight_[i] && flight_[i]->expires <= now) {
        due.push_back({flight_[i]->expires, {flight_[i]->id, errc::outcome_unknown}});
        flight_[i].reset();
      }
    std::sort(due.begin(), due.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first, a.second.first) < std::pair(b.first, b.second.first);
    });
    for (const auto& d : due) gone.push_back(d.second);
  }

  void take_all(leavers& gone) {
    fail_unconfirmed(gone);
    std::vector<item> all = normal_;
    all.insert(all.end(), urgent_.begin(), urgent_.end());
    std::sort(all.begin(), all.end(), [](const item& a, const item& b) { return a.place < b.place; });
    for (const item& i : all) gone.emplace_back(i.id, errc::withdrawn);
    normal_.clear();
    urgent_.clear();
  }

  [[nodiscard]] time_point next_expiry() const {
    time_point next = time_point::max();
    for (const auto* from : {&normal_, &urgent_})
      for (const item& i : *from) next = std::min(next, i.expires);
    for (std::size_t i = written_; i < flight_.size(); ++i)
      if (flight_[i]) next = std::min(next, flight_[i]->expires);
    return next;
  }

  [[nodiscard]] outbox_size size() const {
    outbox_size s;
    for (const auto* from : {&normal_, &urgent_})
      for (const item& i : *from) ++s.queued_messages, s.queued_bytes += i.bytes;
    for (const auto& i : flight_)
      if (i) ++s.unconfirmed_messages, s.unconfirmed_bytes += i->bytes;
    return s;
  }

  [[nodiscard]] bool anything_to_take() const {
    return !normal_.empty() || !urgent_.empty() || flight_.size() > written_;
  }
  [[nodiscard]] std::uint64_t last_written() const { return last_written_; }
  [[nodiscard]] std::uint64_t last_confirmed() const { return last_confirmed_; }
  [[nodiscard]] std::uint64_t last_id() const { return last_id_; }
  [[nodiscard]] unsigned attempts(std::uint64_t seq) const { return flight_[seq - base_]->attempts; }

 private:
  [[nodiscard]] std::pair<std::size_t, std::size_t> written_and_unconfirmed() const {
    std::pair<std::size_t, std::size_t> sum;
    for (std::size_t i = 0; i < written_; ++i)
      if (flight_[i]) ++sum.first, sum.second += flight_[i]->bytes;
    return sum;
  }

  [[nodiscard]] const item* with_key(const std::string& key) const {
    if (key.empty()) return nullptr;
    for (const auto* from : {&normal_, &urgent_})
      for (const item& i : *from)
        if (i.key == key) return &i;
    return nullptr;
  }

  [[nodiscard]] bool fits(const message& m) const {
    const outbox_size s = size();
    const item* old = with_key(m.key());
    const std::size_t messages = s.queued_messages + s.unconfirmed_messages - (old ? 1 : 0);
    const std::size_t bytes = s.queued_bytes + s.unconfirmed_bytes - (old ? old->bytes : 0);
    return messages + 1 <= limits_.max_messages && bytes + m.size() <= limits_.max_bytes;
  }

  [[nodiscard]] bool could_fit(const message& m) const {
    outbox_model rest(limits_);
    rest.flight_ = flight_;
    if (m.urgency() == priority::normal) rest.urgent_ = urgent_;
    return rest.fits(m);
  }

  void drop_one(const message& m, leavers& gone) {
    for (auto* from : {&normal_, &urgent_})
      for (auto i = from->begin(); i != from->end(); ++i) {
        if (!m.key().empty() && i->key == m.key()) continue;
        gone.emplace_back(i->id, errc::dropped);
        from->erase(i);
        return;
      }
  }

  void place(item fresh, bool urgent, leavers& gone) {
    if (const item* old = with_key(fresh.key)) {
      gone.emplace_back(old->id, errc::superseded);
      for (auto* in : {&normal_, &urgent_})
        for (auto i = in->begin(); i != in->end(); ++i) {
          if (&*i != old) continue;
          if (in == &normal_ && urgent) {
            in->erase(i);
            urgent_.push_back(std::move(fresh));
          } else {
            fresh.place = i->place;
            *i = std::move(fresh);
          }
          return;
        }
    }
    (urgent ? urgent_ : normal_).push_back(std::move(fresh));
  }

  void end_front(error_code why, leavers& out) {
    if (flight_.front()) out.emplace_back(flight_.front()->id, why);
    flight_.erase(flight_.begin());
    ++base_;
    if (written_ > 0) --written_;
  }

  queue_options limits_;
  std::vector<item> normal_, urgent_;
  std::vector<std::optional<item>> flight_;
  std::size_t written_ = 0;
  std::uint64_t base_ = 1, last_id_ = 0, last_written_ = 0, last_confirmed_ = 0;
};

}  // namespace tautline::delivery

#endif
