// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the peer understands decides how messages are written and confirmed: the strategy behind
// the loops.
#ifndef TAUTLINE_SRC_LINK_CONVERSATION_HPP
#define TAUTLINE_SRC_LINK_CONVERSATION_HPP

#include "delivery/barrier.hpp"
#include "delivery/entry.hpp"
#include "delivery/outbox.hpp"
#include "transport/connection.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace tautline::detail {

/// What the flush loop knows when it asks for confirmation.
struct flush_state {
  flush_state() = default;
  time_point now;
  std::uint64_t last_written = 0;
  delivery::outbox_size size;
  bool dry = true;       ///< nothing more to take
  bool closing = false;  ///< the last messages: ask at once
};

/// What an incoming frame said about our own messages.
struct confirmation {
  confirmation() = default;
  std::uint64_t upto = 0;
  std::optional<duration> round_trip;
};

/// One engine, several ways to talk. All calls come on the link's strand; a connection's
/// conversation starts with `on_up`.
class conversation {
 public:
  conversation() = default;
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;
  virtual ~conversation() = default;

  virtual void on_up(std::uint64_t salt) = 0;

  /// How much may be written before the peer has confirmed more.
  [[nodiscard]] virtual delivery::take_limit window() const = 0;
  virtual error_code write(transport::connection& to, const delivery::entry& e) = 0;

  /// Asks for confirmation, if it is due. True if something was framed.
  virtual bool ask(transport::connection& to, const flush_state& s) = 0;
  /// When `ask` has to be called again without a message or an answer; max: never.
  [[nodiscard]] virtual time_point next_ask(std::uint64_t last_written) const = 0;

  /// A heartbeat that proves what was written before it, too.
  virtual error_code ping(transport::connection& to, time_point now, std::uint64_t last_written) = 0;
  [[nodiscard]] virtual std::optional<confirmation> on_pong(std::string_view payload, time_point now) = 0;

  /// Since when a question is unanswered.
  [[nodiscard]] virtual std::optional<time_point> waiting_since() const = 0;
};

/// Any RFC 6455 peer: messages go as they are, confirmed by pong barriers.
[[nodiscard]] std::unique_ptr<conversation> make_plain_conversation(const options& o);

}  // namespace tautline::detail

#endif
