// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The receiving half of a session: which messages are new, how far responsibility goes, and when
// the peer has to be told.
#ifndef TAUTLINE_SRC_DELIVERY_SESSION_INBOUND_HPP
#define TAUTLINE_SRC_DELIVERY_SESSION_INBOUND_HPP

#include <tautline/config.hpp>

#include "delivery/ring.hpp"
#include "delivery/session_codec.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tautline::delivery {

/// Keeps `accepted` (the highest number put into the inbox) and `recv` <= `accepted` (the highest
/// up to which this side is responsible). Only `recv` is ever told. Not thread-safe.
class session_inbound {
 public:
  /// `window`: what the peer is told, and so what it may have outstanding here.
  explicit session_inbound(session_window window);

  enum class verdict : unsigned char {
    deliver,    ///< the next: hand it on
    duplicate,  ///< known: drop it, silently
    voided,     ///< numbers that carry nothing: passed over
    gap,        ///< beyond the next one: the session fault `gap`
    too_much,   ///< more than twice the window would be untold: the fault `too_large`
  };
  /// What a data message with this head and this many bytes of payload is. `deliver` and `voided`
  /// raise `accepted`. A void message that begins at or below `accepted` + 1 passes over what it
  /// reaches beyond `accepted` (`duplicate` if nothing, which counts no duplicate message); one that
  /// begins higher is a gap. A single message larger than the window is no fault when nothing else
  /// is untold. A window below that before the first welcome is taken for that one: the peer may not
  /// have heard of the smaller one yet.
  [[nodiscard]] verdict on_data(const data_head& head, std::size_t payload, time_point now);

  /// This side is responsible for all up to `seq` (what lies beyond `accepted` is ignored).
  void taken_over(std::uint64_t seq, time_point now);
  /// For this one alone: `recv` rises when all before it are, too. Numbers that are not waiting
  /// (already acknowledged, or of an earlier session) are ignored.
  void acknowledged(std::uint64_t seq, time_point now);

  [[nodiscard]] std::uint64_t accepted() const noexcept { return accepted_; }
  /// Voids in front of the first message that waits are included: nobody has to take them over.
  [[nodiscard]] std::uint64_t recv() const noexcept;
  [[nodiscard]] std::uint64_t duplicates() const noexcept { return duplicates_; }

  // Telling the peer. Due when half of the window (in messages or in bytes) was taken over since
  // the last time, or `ack_delay` after the first that was, or when all was taken over that was
  // here when the peer asked.
  static constexpr duration ack_delay = std::chrono::milliseconds(20);
  [[nodiscard]] bool anything_to_say() const noexcept { return recv() > told_; }
  [[nodiscard]] bool ack_due(time_point now) const noexcept;
  /// When it will be due if nothing else happens; min: at once; max: there is nothing to say.
  [[nodiscard]] time_point next_ack() const noexcept;
  /// `recv`; it counts as told from now on. (What a broken connection swallowed is told again by
  /// the hello or the welcome of the next one, so nothing has to be remembered of it.)
  [[nodiscard]] std::uint64_t tell() noexcept;
  /// The peer has asked, and may be waiting for it: what it could not be told yet is due as soon as
  /// it is taken over.
  void asked() noexcept;

  /// A new session, in which the peer's first message is `recv` + 1.
  void reset(std::uint64_t recv);

 private:
  struct waiting {
    std::uint64_t seq = 0;
    std::size_t bytes = 0;
    bool taken = false;
  };
  [[nodiscard]] verdict on_void(const data_head& head, time_point now);
  [[nodiscard]] bool has_room_for(std::size_t payload) const noexcept;
  void take_front(time_point now);
  void start_clock(time_point now) noexcept;
  [[nodiscard]] bool answers() const noexcept { return asked_upto_ > told_ && recv() >= asked_upto_; }

  session_window window_;
  ring<waiting> waiting_;  // accepted and not taken over, in order
  std::uint64_t accepted_ = 0, told_ = 0;
  std::uint64_t asked_upto_ = 0;  // 0: the peer waits for no more than it was told
  std::uint64_t waiting_bytes_ = 0;
  std::uint64_t fresh_messages_ = 0, fresh_bytes_ = 0;  // taken over and not told
  std::uint64_t duplicates_ = 0;
  time_point due_ = time_point::max();
};

}  // namespace tautline::delivery

#endif
