// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a server knows of its sessions by origin: who may have them (token, attach), which have
// ended and with what counters. Decisions only; the links themselves are somewhere else.
#ifndef TAUTLINE_SRC_DELIVERY_SESSION_DIRECTORY_HPP
#define TAUTLINE_SRC_DELIVERY_SESSION_DIRECTORY_HPP

#include <tautline/config.hpp>

#include "delivery/session_codec.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

namespace tautline::delivery {

struct directory_limits {
  directory_limits() = default;
  std::size_t max_sessions = 100'000;              ///< beyond it a new one is refused: `overloaded`
  std::size_t max_ended = 1'000'000;               ///< tombstones; the oldest goes
  duration keep_ended = std::chrono::hours(24);    ///< and after this time
  duration retry_after = std::chrono::seconds(5);  ///< said with `overloaded`
};

/// Not thread-safe. Tokens are kept as SHA-256 and compared in constant time (OpenSSL's).
class session_directory {
 public:
  explicit session_directory(directory_limits limits);

  /// The final counters of an ended session: asked for when they have to be told, because until
  /// then the application may still consume. Called at most once.
  using seal = std::function<session_counters()>;

  struct refuse {
    refuse(session_fault f, std::string t) : fault(f), text(std::move(t)) {}
    session_fault fault;
    std::string text;  ///< for the peer; holds no secret
    std::optional<std::uint64_t> retry_after_ms;
  };
  /// A live session has to be asked whether it can go on.
  struct attach {
    explicit attach(std::string i) : id(std::move(i)) {}
    std::string id;
    std::optional<session_counters> previous;  ///< of the session that the hello names, if that one has ended
  };
  /// A new session was entered under a new id.
  struct create {
    create(std::string i, std::string r) : id(std::move(i)), reason(std::move(r)) {}
    std::string id;
    std::string reason;                        ///< new, expired, unknown or restarted
    std::optional<session_counters> previous;  ///< of the session that the hello names
    std::uint64_t recv = 0;                    ///< where the new session starts: the hello's `from` - 1, or `previous`
  };
  using decision = std::variant<refuse, attach, create>;

  /// In this order: version (`unsupported`); the token, if the origin is known, also by a tombstone
  /// (`unauthorized`); the attach, if not higher than the last of that origin (`superseded`); then a
  /// live session: `attach`. Otherwise `resume: required` with a session named: `session_lost`; the
  /// bound: `overloaded`; else `create` with `new_id`. Reasons: `new` if the hello names none;
  /// `expired` if a tombstone has it; `restarted` if this server has never had a session of that
  /// origin; else `unknown`. A refusal changes nothing.
  [[nodiscard]] decision on_hello(const hello& h, std::string new_id, time_point now);

  /// The session could not go on with this hello (server_session.hpp), or retention ran out, or its
  /// link is gone: from here it is a tombstone. `final` is asked when the counters are told.
  /// With `agreed` (both said bye) nothing is kept but the token and the attach.
  void end(const std::string& origin, const std::string& id, seal final, time_point now);
  void end_agreed(const std::string& origin, const std::string& id, time_point now);

  [[nodiscard]] bool is_live(const std::string& origin, const std::string& id) const;
  [[nodiscard]] std::size_t live() const noexcept;
  [[nodiscard]] std::size_t ended() const noexcept;
};

}  // namespace tautline::delivery

#endif
