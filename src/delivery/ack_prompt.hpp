// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Session mode: when a sender asks for an acknowledgement before the peer would give one by itself.
#ifndef TAUTLINE_SRC_DELIVERY_ACK_PROMPT_HPP
#define TAUTLINE_SRC_DELIVERY_ACK_PROMPT_HPP

#include "delivery/outbox.hpp"

#include <cstddef>
#include <cstdint>

namespace tautline::delivery {

/// The peer acknowledges by its own window, or after 20 ms. A queue, which holds what is not
/// acknowledged, may be much smaller than that window, and would stand full most of the time. So
/// the peer is asked once for each quarter of the queue. Not thread-safe.
class ack_prompt {
 public:
  /// `quarter`: of the queue, in messages and in bytes; at least 1 each.
  ack_prompt(std::size_t quarter_messages, std::size_t quarter_bytes)
      : quarter_messages_(quarter_messages), quarter_bytes_(quarter_bytes) {}

  /// A new connection: nothing has been asked on it, and no byte written.
  void reset() noexcept {
    waits_ = false;
    messages_ = bytes_ = 0;
  }

  /// Is more than a quarter unconfirmed, and as much written since the last question, which is answered?
  /// `last_written`: the number of the last message that is; `bytes`: all that went into this connection.
  [[nodiscard]] bool due(const outbox_size& size, std::uint64_t last_written, std::uint64_t bytes) const noexcept {
    if (waits_) return false;
    return (size.unconfirmed_messages > quarter_messages_ && last_written - messages_ >= quarter_messages_) ||
           (size.unconfirmed_bytes > quarter_bytes_ && bytes - bytes_ >= quarter_bytes_);
  }
  void asked(std::uint64_t last_written, std::uint64_t bytes) noexcept {
    waits_ = true;
    messages_ = last_written;
    bytes_ = bytes;
  }
  void answered() noexcept { waits_ = false; }

 private:
  std::size_t quarter_messages_, quarter_bytes_;
  std::uint64_t messages_ = 0, bytes_ = 0;  // written when the last question was asked
  bool waits_ = false;
};

}  // namespace tautline::delivery

#endif
