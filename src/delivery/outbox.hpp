// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The queue of a link: bounds, overflow, time to live, coalescing, priority, and what is written
// but not confirmed.
#ifndef TAUTLINE_SRC_DELIVERY_OUTBOX_HPP
#define TAUTLINE_SRC_DELIVERY_OUTBOX_HPP

#include <tautline/options.hpp>

#include "delivery/entry.hpp"
#include "delivery/ring.hpp"

#include <cstddef>
#include <cstdint>
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

/// How much may be taken for one write.
struct take_limit {
  take_limit() = default;
  std::size_t messages = 0, bytes = 0;
};

/// Order of writing: first, after a break, what was written before and is unconfirmed (in its
/// old order), then urgent, then normal messages. Not thread-safe; its owner locks.
///
/// Entries that are on their way are numbered without gaps by `seq`: 1, 2, 3, ...
class outbox {
 public:
  explicit outbox(const queue_options& limits);

  /// Takes the message if it is admitted (moved from only then), gives it an id (returned in
  /// `id`), its expiry and `owner`. Entries that had to go for it (drop_oldest: `errc::dropped`,
  /// same key: `errc::superseded`) are appended to `gone`. A replacement by key takes the place
  /// of the old one. A single message is admitted into an empty outbox only up to `max_bytes`.
  admission push(message& m, tag owner, time_point now, std::uint64_t& id, std::vector<ended>& gone);

  /// Moves what may be written next on its way, and returns the range [first, last) of seq; the
  /// entries are at `in_flight(seq)` until they are confirmed, valid until the next `take`.
  /// At least one message is taken whatever its size, if `limit.messages` > 0. Expired ones are
  /// appended to `gone` instead: `errc::expired` if never written, `errc::outcome_unknown` if
  /// they were written on an earlier connection. A gap that leaves in the range of an earlier
  /// connection is closed up: seq is renumbered only for entries that were never written in
  /// the present connection.
  struct range { std::uint64_t first = 0, last = 0; };
  range take(const take_limit& limit, time_point now, std::vector<ended>& gone);
  [[nodiscard]] entry& in_flight(std::uint64_t seq);

  /// Everything up to and including `seq` is delivered; moved to `done`, in order.
  void confirm(std::uint64_t seq, std::vector<ended>& done);

  /// The connection broke. at_least_once: what is unconfirmed will be taken again, first.
  void rewind();
  /// at_most_once: it ends with `errc::outcome_unknown`.
  void fail_unconfirmed(std::vector<ended>& gone);

  /// Ends the entry `id` if it was never written; false if it was, or is not here.
  bool withdraw(std::uint64_t id, std::vector<ended>& gone);

  /// Ends what has expired unwritten. `next_expiry` is exact or early, never late.
  void expire(time_point now, std::vector<ended>& gone);
  [[nodiscard]] time_point next_expiry() const noexcept;

  /// Everything, oldest first: `errc::outcome_unknown` if it was ever written, else `errc::withdrawn`.
  void take_all(std::vector<ended>& gone);

  [[nodiscard]] outbox_size size() const noexcept;
  [[nodiscard]] bool empty() const noexcept;             ///< nothing queued, nothing unconfirmed
  [[nodiscard]] bool anything_to_take() const noexcept;
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;
  [[nodiscard]] std::uint64_t last_written() const noexcept;    ///< highest seq taken in this connection; 0: none
  [[nodiscard]] std::uint64_t last_confirmed() const noexcept;
};

}  // namespace tautline::delivery

#endif
