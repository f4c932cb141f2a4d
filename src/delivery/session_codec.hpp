// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The wire format of tautline.v1 (docs/protocol.md): control messages as JSON, data messages with
// a binary head. Bytes in, values out; nothing here knows what a session is.
#ifndef TAUTLINE_SRC_DELIVERY_SESSION_CODEC_HPP
#define TAUTLINE_SRC_DELIVERY_SESSION_CODEC_HPP

#include "policy/session_name.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tautline::delivery {

using policy::session_subprotocol;
inline constexpr unsigned session_version = 1;
/// The most that a control message may have.
inline constexpr std::size_t max_control_bytes = 4096;
/// The most that the id of a session may have, so that a hello always has room for it.
inline constexpr std::size_t max_session_id_bytes = 128;

// Data messages.

/// What stands before the payload of a binary message.
struct data_head {
  data_head() = default;
  bool text = false;                 ///< the payload is UTF-8 text
  bool is_void = false;              ///< `seq` ... `seq + count - 1` will never carry a message
  std::uint64_t seq = 0;             ///< >= 1
  std::optional<std::uint64_t> ack;  ///< as `recv` in an ack
  std::uint64_t count = 0;           ///< of a void message, >= 1; its whole payload
  std::size_t size = 0;              ///< the payload begins here; of a void message all (decoding only)
};

inline constexpr std::size_t max_varint_bytes = 10;
/// Flags, seq, ack; and the count of a void message.
inline constexpr std::size_t max_head_bytes = policy::max_session_head;

/// Writes the head (for a void message the whole message) to `to`, which has room for
/// `max_head_bytes`. Returns how many bytes that were.
[[nodiscard]] std::size_t encode_head(const data_head& h, char* to) noexcept;
/// Reads it from a whole binary message. What is wrong with the message, or nullptr.
[[nodiscard]] const char* decode_head(std::string_view whole, data_head& h) noexcept;

// Control messages.

/// How much one side may have outstanding at the other.
struct session_window {
  session_window() = default;
  session_window(std::uint64_t m, std::uint64_t b) : messages(m), bytes(b) {}
  std::uint64_t messages = 64, bytes = 65'536;  ///< these are also those before the first welcome
};

struct hello {
  hello() = default;
  unsigned version = session_version;
  std::string origin;  ///< 32 hex digits
  std::string token;   ///< 64 hex digits; a secret
  std::uint64_t attach = 0;
  std::string session;  ///< the last whose welcome was seen; empty: none
  bool resume_required = false;
  std::uint64_t recv = 0;
  std::uint64_t from = 1;
  session_window window;
  std::uint64_t max_message_bytes = UINT64_MAX;  ///< the largest payload that the client takes; not said: any
  std::string agent;
};

/// The final counters of an ended session, from the server's side.
struct session_counters {
  session_counters() = default;
  session_counters(std::uint64_t r, std::uint64_t s) : recv(r), sent(s) {}
  std::uint64_t recv = 0;  ///< the highest client number that the server took over
  std::uint64_t sent = 0;  ///< the highest number that the server gave to a message
};

struct welcome {
  welcome() = default;
  unsigned version = session_version;
  std::string session;
  bool resumed = false;
  std::string reason;  ///< new, expired, unknown or restarted; with `resumed` false only
  std::optional<session_counters> previous;
  std::uint64_t recv = 0;
  std::uint64_t from = 1;
  session_window window;
  std::uint64_t heartbeat_ms = 30'000;
  std::uint64_t retain_ms = 120'000;
  std::uint64_t max_message_bytes = UINT64_MAX;  ///< the largest payload that the server takes; not said: any
};

struct session_ack {
  session_ack() = default;
  explicit session_ack(std::uint64_t r) : recv(r) {}
  std::uint64_t recv = 0;
};

struct session_ping {
  session_ping() = default;
  std::optional<std::uint64_t> id;
};

struct session_pong {
  session_pong() = default;
  std::optional<std::uint64_t> id;
  std::uint64_t timestamp = 0;        ///< ms, the sender's UTC clock
  std::optional<std::uint64_t> recv;  ///< absent from a peer that answers in plain mode
};

struct session_drain {
  session_drain() = default;
  std::uint64_t min_ms = 0, max_ms = 5'000, deadline_ms = 15'000;
  std::string url;  ///< empty: the client's own list
};

struct session_bye {
  session_bye() = default;
};

struct session_error {
  session_error() = default;
  session_error(std::string c, std::string m) : code(std::move(c)), message(std::move(m)) {}
  std::string code;
  std::string message;
  std::optional<std::uint64_t> retry_after_ms;
};

/// One of a type that this version does not know: ignored.
struct unknown_control {
  unknown_control() = default;
};

using control = std::variant<unknown_control, hello, welcome, session_ack, session_ping, session_pong, session_drain,
                             session_bye, session_error>;

// At most `max_control_bytes` whatever the texts in it: `agent`, `reason` and `message` are cut (at a
// character) where the whole would not fit, a `url` is left out.
[[nodiscard]] std::string encode(const hello& h);
[[nodiscard]] std::string encode(const welcome& w);
[[nodiscard]] std::string encode(const session_ack& a);
[[nodiscard]] std::string encode(const session_ping& p);
[[nodiscard]] std::string encode(const session_pong& p);
[[nodiscard]] std::string encode(const session_drain& d);
[[nodiscard]] std::string encode(const session_bye& b);
[[nodiscard]] std::string encode(const session_error& e);

/// Reads a text message. Empty if all is well; else what is wrong, naming the member.
/// Refused: more than `max_control_bytes`; no JSON object; deeper than 8 levels; no string `type`;
/// a member that is known and of the wrong type, negative, fractional or beyond 64 bits; an origin
/// or token of the wrong length or with other than lower-case or upper-case hex digits (they are
/// given back in lower case); `from` of 0; a window of 0 messages or 0 bytes; a session id of more
/// than `max_session_id_bytes`; a drain with `max_ms` below `min_ms`. Unknown types and members are
/// ignored, and so is the rest of a hello or welcome of another version.
/// Missing may be: of a hello `session`, `resume`, `window`, `max_message_bytes`, `agent`; of a welcome `reason`,
/// `previous`, `window` and those behind it; of others all but `recv` (ack) and `code` (error).
[[nodiscard]] std::string decode_control(std::string_view text, control& c);

// Errors and their close codes (docs/protocol.md, "Ending").

enum class session_fault : unsigned char {
  bad_message,
  unauthorized,
  session_lost,
  hello_timeout,
  superseded,
  gap,
  too_large,
  unsupported,
  overloaded,
};
[[nodiscard]] std::string_view name_of(session_fault f) noexcept;     ///< "bad_message", ...
[[nodiscard]] std::uint16_t close_code_of(session_fault f) noexcept;  ///< 4400, ...
[[nodiscard]] std::optional<session_fault> fault_of(std::uint16_t close_code) noexcept;

}  // namespace tautline::delivery

#endif
