// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the peer understands decides how messages are written and confirmed: the strategy behind
// the loops.
#ifndef TAUTLINE_SRC_LINK_CONVERSATION_HPP
#define TAUTLINE_SRC_LINK_CONVERSATION_HPP

#include <tautline/status.hpp>

#include "delivery/barrier.hpp"
#include "delivery/entry.hpp"
#include "delivery/outbox.hpp"
#include "delivery/session_codec.hpp"
#include "transport/connection.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tautline::detail {

/// With more than this before it an answer waits, and only the last of those that wait is given: a
/// peer that asks and does not read would pile answers up.
inline constexpr std::size_t most_unflushed = std::size_t{256} * 1024;

/// Of the queue: more than this unconfirmed, and the peer is asked to confirm.
[[nodiscard]] constexpr std::size_t quarter_of(std::size_t whole) noexcept { return whole < 4 ? 1 : whole / 4; }

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

/// What a conversation asks of the engine, and tells it. On the link's strand.
class conversation_host {
 public:
  conversation_host() = default;
  conversation_host(const conversation_host&) = delete;
  conversation_host& operator=(const conversation_host&) = delete;

  [[nodiscard]] virtual time_point now() const = 0;
  [[nodiscard]] virtual std::uint64_t utc_ms() const = 0;
  /// So many bytes that nobody can guess, in hex.
  [[nodiscard]] virtual std::string secret(std::size_t bytes) = 0;
  [[nodiscard]] virtual delivery::outbox_numbers numbers() const = 0;
  /// Messages that have no number yet.
  [[nodiscard]] virtual std::size_t queued() const = 0;
  /// The highest number on the present connection; 0: none.
  [[nodiscard]] virtual std::uint64_t last_written() const = 0;
  /// The peer wants to be asked after no more than this much silence.
  virtual void limit_silence(duration d) = 0;
  [[nodiscard]] virtual bool leaving() const noexcept = 0;

  virtual void confirmed(const confirmation& c) = 0;
  /// The peer answered: the link is connected.
  virtual void attached(session_state how) = 0;
  virtual void session_was_reset(std::uint64_t certain, std::uint64_t uncertain, std::optional<std::uint64_t> lost) = 0;
  /// What was written up to `seq` and is unconfirmed ends as unknown.
  virtual void give_up(std::uint64_t seq) = 0;
  /// This one cannot be written.
  virtual void fail_taken(std::uint64_t seq, error_code why) = 0;
  /// The peer has refused a message as too large and takes no more than `largest` bytes, as far as it
  /// has said so: the largest of those written on this connection ends.
  virtual void fail_refused(std::uint64_t largest) = 0;
  /// The peer broke the protocol, or may not go on: it is told, and the connection ends.
  virtual void end_session_connection(delivery::session_fault fault, const std::string& text,
                                      std::optional<std::uint64_t> retry_after_ms = std::nullopt) = 0;
  /// The peer chose the protocol and does not speak it.
  virtual void session_not_spoken() = 0;
  virtual void asked_to_move(const delivery::session_drain& d) = 0;
  virtual void peer_said_bye() = 0;
  /// Something was framed, or is due to be.
  virtual void wake_writer() = 0;

 protected:
  ~conversation_host() = default;
};

/// The state of the inbox, as far as it says what the application has taken.
struct inbox_state {
  inbox_state() = default;
  const message* front = nullptr;  ///< null: empty
  bool full = false;
};

/// One engine, several ways to talk. All calls come on the link's strand; a connection's
/// conversation starts with `on_up` and ends with `on_down`.
class conversation {
 public:
  conversation() = default;
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;
  virtual ~conversation() = default;

  /// Frames what has to come first.
  virtual void on_up(transport::connection& to, std::uint64_t salt) = 0;
  /// `why`'s verdict may be changed.
  virtual void on_down(cause& why);
  /// The next connection takes over without an end in between.
  virtual void on_moved() {}

  [[nodiscard]] virtual bool is_session() const noexcept { return false; }
  /// False while the peer has not said that it takes part.
  [[nodiscard]] virtual bool attached() const noexcept { return true; }

  /// How much may be written before the peer has confirmed more.
  [[nodiscard]] virtual delivery::take_limit window() const = 0;
  virtual error_code write(transport::connection& to, std::uint64_t seq, const delivery::entry& e) = 0;
  /// `count` numbers from `seq` on will never carry a message.
  virtual error_code write_void(transport::connection& to, std::uint64_t seq, std::uint64_t count);

  /// Asks for confirmation and says what is due. True if a question was framed.
  virtual bool ask(transport::connection& to, const flush_state& s) = 0;
  /// When `ask` has to be called again without a message or an answer; max: never.
  [[nodiscard]] virtual time_point next_ask(std::uint64_t last_written) const = 0;

  /// A heartbeat that proves what was written before it, too.
  virtual error_code ping(transport::connection& to, time_point now, std::uint64_t last_written) = 0;
  [[nodiscard]] virtual std::optional<confirmation> on_pong(std::string_view payload, time_point now) = 0;
  /// Since when a question is unanswered, of a peer that may not answer at all.
  [[nodiscard]] virtual std::optional<time_point> waiting_since() const { return std::nullopt; }

  /// Every message of the peer. True: it is for the application, as it is now.
  [[nodiscard]] virtual bool on_message(message&) { return true; }
  /// The application took something, or something came for it.
  virtual void on_inbox(const inbox_state&) {}
  virtual void acknowledged(std::uint64_t /*epoch*/, std::uint64_t /*seq*/) {}

  /// True if an end by agreement is under way: the peer was told, or will be when all is confirmed.
  virtual bool say_bye(transport::connection&) { return false; }
  [[nodiscard]] virtual bool peer_said_bye() const noexcept { return false; }
  virtual void ask_to_move(transport::connection&, const delivery::session_drain&) {}
  /// The peer does not take part in it any more.
  virtual void forget() {}
  /// The link does not run any more; `for_good`: it never will.
  virtual void on_run_ended(bool /*for_good*/) {}
};

inline void conversation::on_down(cause&) {}
inline error_code conversation::write_void(transport::connection&, std::uint64_t, std::uint64_t) { return {}; }

/// Any RFC 6455 peer: messages go as they are, confirmed by pong barriers.
[[nodiscard]] std::unique_ptr<conversation> make_plain_conversation(const options& o);

}  // namespace tautline::detail

#endif
