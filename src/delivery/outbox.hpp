// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The queue of a link: bounds, overflow, time to live, coalescing, priority, and what is written
// but not confirmed.
#ifndef TAUTLINE_SRC_DELIVERY_OUTBOX_HPP
#define TAUTLINE_SRC_DELIVERY_OUTBOX_HPP

#include <tautline/options.hpp>

#include "delivery/entry.hpp"
#include "delivery/prefetch.hpp"
#include "delivery/ring.hpp"
#include "delivery/slab.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tautline::delivery {

enum class admission {
  accepted,
  wait,         ///< full, policy `wait`: nothing was taken
  rejected,     ///< full, policy `reject`: nothing was taken
  dropped_new,  ///< full, policy `drop_newest` (or `drop_oldest` with nothing unsent to drop): nothing was taken
  too_large,    ///< larger than the whole queue
};

struct outbox_size {
  outbox_size() = default;
  std::size_t queued_messages = 0, queued_bytes = 0;
  std::size_t unconfirmed_messages = 0, unconfirmed_bytes = 0;
};

/// Every number below `oldest` has ended; `next` is that of the next message that is written for the
/// first time.
struct outbox_numbers {
  outbox_numbers() = default;
  std::uint64_t oldest = 1, next = 1;
};

/// How much may be taken for one write, and how much may be written and unconfirmed altogether.
struct take_limit {
  take_limit() = default;
  std::size_t messages = 0, bytes = 0;
  std::size_t window_messages = SIZE_MAX, window_bytes = SIZE_MAX;
};

/// Order of writing: first, after a break, what was written before and is unconfirmed (in its
/// old order), then urgent, then normal messages. Not thread-safe; its owner locks.
///
/// Entries that are on their way are numbered by `seq`: 1, 2, 3, ... A number names one message for
/// ever: what leaves otherwise than by confirmation uses its number up. One that leaves from the
/// middle (it expired before it could be written again) leaves a void, which is taken and confirmed
/// like a message.
///
/// Messages stay in one cell from `push` to the end; the queues hold pointers to cells. So an entry
/// is moved twice in its life, in and out.
class outbox {
 public:
  explicit outbox(const queue_options& limits);

  /// Takes the message if it is admitted (moved from only then), gives it an id (returned in
  /// `id`), its expiry and `owner`. Entries that had to go for it (drop_oldest: `errc::dropped`,
  /// same key: `errc::superseded`, out of time and in its way: `errc::expired`) are appended to
  /// `gone`. A replacement by key takes the place of the old one, unless it is urgent and the old
  /// one was not: then it joins the urgent ones. What is on its way is never replaced.
  /// drop_oldest drops normal messages first, and urgent ones only for an urgent one. A single
  /// message is admitted into an empty outbox only up to `max_bytes`.
  admission push(message& m, tag owner, time_point now, std::uint64_t& id, std::vector<ended>& gone);
  /// The same for one that nobody asks after: true if it is in. False, with nothing done, if it is not
  /// of the common kind (it has a key, or time is running), or there is no room: ask `push`.
  [[nodiscard]] bool push_plain(message& m) {
    const bool timed = m.time_to_live() != duration::zero() || limits_.time_to_live != duration::zero();
    if (timed || m.has_key() || !fits(m.size(), nullptr)) return false;
    ++last_id_;
    fill(line_up(m), m, m.urgency() == priority::urgent);
    return true;
  }

  /// Moves what may be written next on its way, and returns the range [first, last) of seq; the
  /// entries are at `in_flight(seq)` (null: a void) until they are confirmed, valid until the next
  /// `take`. At least one message is taken whatever its size, if `limit.messages` > 0 and nothing is
  /// written and unconfirmed, or the window has room for it. Expired ones are appended to `gone`
  /// instead: `errc::expired` if never written, `errc::outcome_unknown` if they were written on an
  /// earlier connection.
  struct range {
    std::uint64_t first = 0, last = 0;
  };
  range take(const take_limit& limit, time_point now, std::vector<ended>& gone);
  [[nodiscard]] entry* in_flight(std::uint64_t seq) noexcept {
    cell* const c = flight_[seq - flight_base_];
    return c ? &c->what : nullptr;
  }

  /// Everything up to and including `seq` is delivered; moved to `done`, in order. After a rewind
  /// this may name numbers of the earlier connection (until the next `take`): they need not be
  /// written again then.
  void confirm(std::uint64_t seq, std::vector<ended>& done);
  /// The same; those that nobody asks after are not moved out, only counted.
  [[nodiscard]] std::size_t confirm_quietly(std::uint64_t seq, std::vector<ended>& done);

  /// The connection broke. at_least_once: what is unconfirmed will be taken again, first.
  void rewind();
  /// at_most_once: it ends with `errc::outcome_unknown`.
  void fail_unconfirmed(std::vector<ended>& gone);
  /// Only those up to `seq`; the others will be taken again. (What an ended session may have.)
  void fail_unconfirmed(std::uint64_t seq, std::vector<ended>& gone);
  /// One that was taken, and cannot be written: it ends with `why` and leaves a void.
  void fail_taken(std::uint64_t seq, const error_code& why, std::vector<ended>& gone);
  /// The peer has refused one of those that were taken in this connection, because it is larger than
  /// it allows. Which one, it need not say: it took what came before, so the largest is one that it
  /// refuses. That one ends with `errc::message_too_large` and leaves a void. If it is no larger than
  /// the `largest` that the peer allows, the peer had another reason: `errc::outcome_unknown`.
  void fail_refused(std::uint64_t largest, std::vector<ended>& gone);
  /// From now on a peer counts the numbers: those that end unconfirmed leave voids behind them.
  void keep_numbers(bool keep) noexcept { keep_numbers_ = keep; }

  /// Ends the entry `id` if it was never written; false if it was, or is not here.
  bool withdraw(std::uint64_t id, std::vector<ended>& gone);

  /// Ends what has expired, and is not written in the present connection: `errc::expired` if it
  /// never was, `errc::outcome_unknown` if it waits to be written again. `next_expiry` is exact
  /// or early, never late.
  void expire(time_point now, std::vector<ended>& gone);
  [[nodiscard]] time_point next_expiry() const noexcept {
    return deadlines_.empty() ? time_point::max() : deadlines_.front().when;
  }

  /// Everything, oldest first: `errc::outcome_unknown` if it was ever written, else `errc::withdrawn`.
  void take_all(std::vector<ended>& gone);

  [[nodiscard]] outbox_size size() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return held_messages() == 0; }  ///< nothing queued, nothing unconfirmed
  [[nodiscard]] bool anything_to_take() const noexcept;
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;
  [[nodiscard]] std::uint64_t last_written() const noexcept;  ///< highest seq taken in this connection; 0: none
  [[nodiscard]] std::uint64_t last_confirmed() const noexcept;
  [[nodiscard]] outbox_numbers numbers() const noexcept;

 private:
  static constexpr std::size_t kept_when_empty = 256;

  struct alignas(64) cell {  // two lines of the cache, and not parts of three
    entry what;
    cell* next_free = nullptr;
    std::uint64_t place = 0;  ///< its key in the lane's order: its id, or that of the one it replaced
  };

  /// A queue of cells in the order of `place`. What leaves from the middle leaves a void behind;
  /// there is none in front.
  struct lane {
    struct spot {
      std::uint64_t place = 0;
      cell* who = nullptr;
    };
    ring<spot> spots;
    std::size_t live = 0, bytes = 0;

    [[nodiscard]] std::uint64_t first() const noexcept { return spots.front().place; }
    [[nodiscard]] spot* find(std::uint64_t place) noexcept;
    void pop_front() noexcept { pop_front(live); }
    /// While `left` of them are there, and `live` not brought up to that yet.
    void pop_front(std::size_t left) noexcept {
      spots.pop_front();
      if (left != spots.size()) skip_voids();
    }
    void skip_voids() noexcept;
    void remove(std::uint64_t place) noexcept;
    void close_gaps() noexcept;
  };

  struct load {
    std::size_t messages = 0, bytes = 0;
    void add(std::size_t size) noexcept {
      ++messages;
      bytes += size;
    }
    void take_off(const load& part) noexcept {
      messages -= part.messages;
      bytes -= part.bytes;
    }
  };

  struct deadline {
    time_point when;
    std::uint64_t id = 0;
    cell* who = nullptr;
  };
  struct later {
    bool operator()(const deadline& a, const deadline& b) const noexcept {
      return a.when != b.when ? a.when > b.when : a.id > b.id;
    }
  };

  [[nodiscard]] lane& lane_of(const cell& c) noexcept { return c.what.urgent_lane ? urgent_ : normal_; }
  [[nodiscard]] std::size_t held_messages() const noexcept { return normal_.live + urgent_.live + flying_.messages; }
  [[nodiscard]] std::size_t held_bytes() const noexcept { return normal_.bytes + urgent_.bytes + flying_.bytes; }
  [[nodiscard]] bool fits(std::size_t bytes, const cell* instead_of) const noexcept {
    std::size_t messages = held_messages();
    std::size_t held = held_bytes();
    if (instead_of) {
      messages -= 1;
      held -= instead_of->what.body.size();
    }
    return messages < limits_.max_messages && bytes <= limits_.max_bytes && held <= limits_.max_bytes - bytes;
  }
  [[nodiscard]] bool dropping_helps(const message& m, const cell* instead_of) const noexcept;
  void drop_until_fits(const message& m, const cell* instead_of, std::vector<ended>& gone);
  [[nodiscard]] static cell* oldest(const lane& in, const cell* except) noexcept;
  [[nodiscard]] bool make_room(const message& m, time_point now, std::vector<ended>& gone);
  [[nodiscard]] admission refusal() const noexcept;
  [[nodiscard]] cell* queued_with_key(const std::string& key) noexcept;
  /// An empty cell behind the others of the message's lane.
  [[nodiscard]] cell& line_up(const message& m) {
    cell& c = *cells_.acquire();
    c.place = last_id_;
    lane& to = m.urgency() == priority::urgent ? urgent_ : normal_;
    to.spots.push_back({c.place, &c});
    ++to.live;
    to.bytes += m.size();
    return c;
  }
  /// Of a cell whose entry was moved from, or made blank: building anew is cheaper than assigning.
  void fill(cell& c, message& m, bool urgent_lane) noexcept {
    std::construct_at(&c.what, std::move(m), last_id_);
    c.what.urgent_lane = urgent_lane;
  }
  void append(message& m, tag& owner, time_point now);
  void put(cell& c, message& m, bool urgent_lane, tag& owner, time_point now);
  void replace(cell& c, message& m, tag& owner, time_point now, std::vector<ended>& gone);

  void leave_lane(cell& c) noexcept {
    lane& from = lane_of(c);
    --from.live;
    from.bytes -= c.what.body.size();
    if (c.what.indexed) leave_index(c);
  }
  void leave_index(cell& c) noexcept;
  void end_queued(cell& c, errc why, std::vector<ended>& gone);
  void finish(cell& c, const error_code& why, std::vector<ended>& out) {
    if (c.what.expires != time_point::max()) --mortal_;
    out.emplace_back(std::move(c.what), why);
    c.what.id = 0;
    cells_.release(&c);
  }
  /// The same for one that nobody asks after.
  void let_go(cell& c) noexcept {
    if (c.what.expires != time_point::max()) --mortal_;
    c.what.blank();
    cells_.release(&c);
  }
  /// Null: it was a void. Who takes many has them added up, and takes the sums off the queue's own at the end.
  [[nodiscard]] cell* leave_flight_front(load& of_flying, load& of_written) noexcept {
    cell* c = flight_.front();
    flight_.pop_front();
    ++flight_base_;
    const bool was_written = written_ > 0;
    if (was_written) --written_;
    if (!c) return nullptr;
    const std::size_t bytes = c->what.body.size();
    of_flying.add(bytes);
    if (was_written) of_written.add(bytes);
    return c;
  }
  void uncount_written(std::size_t index) noexcept;
  template <class End>
  void confirm_each(std::uint64_t seq, End end);
  void end_flight_front(const error_code& why, std::vector<ended>& out);
  void make_void(std::size_t index, const error_code& why, std::vector<ended>& out);
  void prefetch_flight() const noexcept;
  void give_memory_back();

  void take_flying(const take_limit& limit, load& taken);
  void take_lane(lane& from, const take_limit& limit, load& taken);
  [[nodiscard]] static bool room_in(const take_limit& limit, const load& taken, const load& unconfirmed,
                                    std::size_t bytes) noexcept {
    if (taken.messages >= limit.messages) return false;
    if (unconfirmed.messages > 0) {
      if (unconfirmed.messages >= limit.window_messages || unconfirmed.bytes > limit.window_bytes) return false;
      if (bytes > limit.window_bytes - unconfirmed.bytes) return false;
    }
    return taken.messages == 0 || (taken.bytes <= limit.bytes && bytes <= limit.bytes - taken.bytes);
  }

  void watch(cell& c);
  void rebuild_deadlines();
  [[nodiscard]] bool current(const deadline& d) const noexcept;
  void end_expired(const deadline& d, std::vector<ended>& gone);

  queue_options limits_;
  std::uint64_t last_id_ = 0;
  slab<cell> cells_;
  lane urgent_, normal_;

  ring<cell*> flight_;             // in the order of seq; null: a void
  std::uint64_t flight_base_ = 1;  // seq of flight_[0]
  std::size_t written_ = 0;        // how many of flight_, from the front, were taken in this connection
  load flying_;
  load unconfirmed_;  // of the first `written_`, without voids
  std::uint64_t last_written_ = 0;
  std::uint64_t last_confirmed_ = 0;
  bool keep_numbers_ = false;

  std::unordered_map<std::string, cell*> keyed_;                // queued messages that have a key
  std::unordered_map<std::uint64_t, std::uint64_t> inherited_;  // id of a replacement -> place
  std::vector<deadline> deadlines_;                             // a heap, the nearest first; some may be stale
  std::size_t mortal_ = 0;                                      // entries that can expire
};

}  // namespace tautline::delivery

#endif
