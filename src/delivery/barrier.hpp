// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Confirmation in plain mode: a ping behind a batch, and its pong, prove that the peer's
// WebSocket stack has received all before it (RFC 6455, 5.5.2 and 5.5.3; frames are in order).
#ifndef TAUTLINE_SRC_DELIVERY_BARRIER_HPP
#define TAUTLINE_SRC_DELIVERY_BARRIER_HPP

#include <tautline/config.hpp>

#include "delivery/outbox.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::delivery {

/// Numbers the pings of one connection, heartbeats and barriers alike, and says when a barrier
/// is due. Every ping is a barrier for what was written before it. At most one is outstanding on
/// purpose; a heartbeat's may come on top.
class barrier {
 public:
  /// `quarter`: unconfirmed messages and bytes beyond which one is due at once.
  barrier(duration interval, std::size_t quarter_messages, std::size_t quarter_bytes);

  /// A new connection: forgets what is outstanding; `salt` (a random number) makes the payloads
  /// of this connection unlike those of any other.
  void reset(std::uint64_t salt);

  /// May one go out now? Not if nothing is written that no ping covers, nor while one is outstanding.
  /// At once if: the interval has passed; more than a quarter is unconfirmed; or `closing`. The
  /// interval runs from the last ping of this connection, whoever placed it; before the first one
  /// it counts as passed.
  [[nodiscard]] bool due(time_point now, std::uint64_t last_written, const outbox_size& size,
                         bool closing) const noexcept;
  /// When to ask again if it is not due now; `time_point::max()` if only new writes or a pong change
  /// it; the epoch, which is past, before the first ping.
  [[nodiscard]] time_point next(std::uint64_t last_written) const noexcept;

  /// A ping goes out behind everything up to `last_written`. Returns its payload (<= 125 bytes).
  [[nodiscard]] std::string place(time_point now, std::uint64_t last_written);

  struct answer {
    answer() = default;
    std::uint64_t confirmed = 0;  ///< everything up to this seq is with the peer
    duration round_trip{};        ///< of the ping that was answered
  };
  /// nullopt: not one of ours, of an earlier connection, or answered before.
  [[nodiscard]] std::optional<answer> on_pong(std::string_view payload, time_point now);

  [[nodiscard]] bool outstanding() const noexcept;
  /// When the oldest unanswered ping was placed; nullopt: none.
  [[nodiscard]] std::optional<time_point> waiting_since() const noexcept;
  [[nodiscard]] std::uint64_t answered() const noexcept;  ///< pongs of this connection

 private:
  struct ping {
    std::uint64_t number = 0;
    std::uint64_t covers = 0;  ///< everything up to this seq was written before it
    time_point placed;
  };
  static constexpr std::size_t most_remembered = 32;

  [[nodiscard]] std::string payload_of(std::uint64_t number) const;

  duration interval_;
  std::size_t quarter_messages_, quarter_bytes_;
  std::uint64_t salt_ = 0;
  std::uint64_t last_number_ = 0;
  std::uint64_t covered_ = 0;
  std::uint64_t answered_ = 0;
  std::optional<time_point> last_placed_;
  std::vector<ping> pings_;  // unanswered, oldest first
};

}  // namespace tautline::delivery

#endif
