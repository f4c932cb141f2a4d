// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The delivery room: what is queued, what is on its way, what is confirmed. No I/O, no clock,
// no Asio: data in, decisions out.
#ifndef TAUTLINE_SRC_DELIVERY_ENTRY_HPP
#define TAUTLINE_SRC_DELIVERY_ENTRY_HPP

#include <tautline/config.hpp>
#include <tautline/error.hpp>
#include <tautline/message.hpp>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace tautline::delivery {

/// The receipt of an entry, as far as this room needs to know it: an opaque owner that the
/// engine gave and gets back.
using tag = std::shared_ptr<void>;

/// One message in the outbox.
struct entry {
  // Not defaulted: `entry()` would then fill the whole of it with zeros first.
  entry() noexcept {}  // NOLINT(modernize-use-equals-default)
  entry(message&& m, std::uint64_t i) noexcept : body(std::move(m)), id(i) {}
  /// As one that was moved from; its payload's bytes stay where they are.
  void blank() noexcept {
    body.blank();
    owner.reset();
    id = 0;
  }
  message body;
  tag owner;              ///< empty if nobody wants to know
  std::uint64_t id = 0;   ///< rises with every push; names the entry to `withdraw`
  std::uint64_t seq = 0;  ///< its place in the order of writing; 0: never written
  time_point expires = time_point::max();
  unsigned attempts = 0;  ///< connections it was written to
  // Of the outbox alone; here because there is room.
  bool urgent_lane = false;
  bool flying = false;
  bool indexed = false;  ///< in the outbox's index of keys, and so perhaps in that of what was inherited
};

/// Of a message that ended unconfirmed, for `why`: it never left, or its peer has refused it.
[[nodiscard]] inline bool certainly_not_delivered(const error_code& why, unsigned attempts) noexcept {
  return attempts == 0 || why == errc::message_too_large;
}

/// An entry that has left the outbox, and why (`why` empty: delivered).
struct ended {
  ended() = default;
  ended(entry&& e, const error_code& ec) noexcept : what(std::move(e)), why(ec) {}
  entry what;
  error_code why;
};

}  // namespace tautline::delivery

#endif
