// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a server knows of its sessions by origin: who may have them (token, attach), which have
// ended and with what counters. Decisions only; the links themselves are somewhere else.
#ifndef TAUTLINE_SRC_DELIVERY_SESSION_DIRECTORY_HPP
#define TAUTLINE_SRC_DELIVERY_SESSION_DIRECTORY_HPP

#include <tautline/config.hpp>

#include "delivery/session_codec.hpp"
#include "policy/secret.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace tautline::delivery {

struct directory_limits {
  directory_limits() = default;
  std::size_t max_sessions = 100'000;              ///< beyond it a new one is refused: `overloaded`
  std::size_t max_bytes = SIZE_MAX;                ///< the same, of what the live ones hold
  std::size_t max_ended = 1'000'000;               ///< tombstones; the oldest goes
  duration keep_ended = std::chrono::hours(24);    ///< and after this time
  duration retry_after = std::chrono::seconds(5);  ///< said with `overloaded`
};

/// Not thread-safe. Tokens are kept as SHA-256 and compared in constant time (OpenSSL's).
class session_directory {
 public:
  explicit session_directory(directory_limits limits);
  session_directory(const session_directory&) = delete;
  session_directory& operator=(const session_directory&) = delete;

  /// The final counters of an ended session: asked for when they have to be told, or counted in a
  /// new session of the same origin, because until then the application may still consume. Called
  /// at most once, from within `on_hello` and `replace`, and must not come back to the directory.
  using seal = std::function<session_counters()>;
  /// Why a session has ended: what a client that comes back for it is told.
  enum class why : unsigned char { expired, unknown };

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
    /// Of the session that the hello names, if that one has ended. Counters that contradict the hello
    /// (less than the client has by them) are not told, here and below.
    std::optional<session_counters> previous;
  };
  /// A new session was entered under a new id.
  struct create {
    create(std::string i, std::string r) : id(std::move(i)), reason(std::move(r)) {}
    std::string id;
    std::string reason;                        ///< new, expired, unknown or restarted
    std::optional<session_counters> previous;  ///< of the session that the hello names
    /// Where the new session starts: the hello's `from` - 1, or the highest that any ended session of
    /// this origin took over and that is still known (`previous`, and sessions behind it whose
    /// welcome the client never saw), if that is higher.
    std::uint64_t recv = 0;
  };
  using decision = std::variant<refuse, attach, create>;

  /// In this order: version (`unsupported`); the token, if the origin is known, also by a tombstone
  /// (`unauthorized`); the attach, if not higher than the last of that origin (`superseded`);
  /// `resume: required` with a session named that is not live: `session_lost`; then a live session:
  /// `attach`. Otherwise the bound: `overloaded`; else `create` with `new_id`. Reasons: `new` if the
  /// hello names none; that of the tombstone if there is one; `restarted` if this server knows
  /// nothing of that origin; else `unknown`. A refusal changes nothing. `held_bytes`: what the live
  /// sessions hold together.
  [[nodiscard]] decision on_hello(const hello& h, std::string new_id, time_point now, std::size_t held_bytes = 0);

  /// The session `old` could not go on with this hello (server_session.hpp), which `on_hello` had
  /// answered with `attach`: it ends as `unknown`, and a new one takes its place. Refused with
  /// `session_lost` if the hello requires the session, which is over all the same; with `superseded`
  /// if a newer hello has come meanwhile, which changes nothing. Never `attach`.
  [[nodiscard]] decision replace(const hello& h, std::string new_id, const std::string& old, seal final,
                                 time_point now);

  /// Retention ran out (`expired`), or its link is gone: from here it is a tombstone. Nothing
  /// happens if it is not live. `final` is asked when the counters are told.
  void end(const std::string& origin, const std::string& id, why reason, seal final, time_point now);
  /// Both said bye: nothing is kept but the token and the attach.
  void end_agreed(const std::string& origin, const std::string& id, time_point now);

  [[nodiscard]] bool is_live(const std::string& origin, const std::string& id) const;
  [[nodiscard]] std::size_t live() const noexcept { return live_; }
  [[nodiscard]] std::size_t ended() const noexcept { return tombstones_.size(); }
  /// Origins of which anything is known.
  [[nodiscard]] std::size_t origins() const noexcept { return records_.size(); }

 private:
  static constexpr std::size_t ended_per_origin = 4;

  struct record;
  using records = std::unordered_map<std::string, record>;
  struct tombstone {
    records::value_type* owner = nullptr;
    std::string id;  ///< empty: ended by agreement, nothing to tell
    why reason = why::unknown;
    seal final;  ///< empty: `counters` says it, if anything does
    std::optional<session_counters> counters;
    time_point since;
  };
  using tombstones = std::list<tombstone>;
  struct record {
    policy::secret_digest token{};
    std::uint64_t last_attach = 0;
    std::string live;  ///< empty: none
    std::vector<tombstones::iterator> ended;
  };

  [[nodiscard]] std::optional<refuse> check(const hello& h, const record* known, std::size_t held_bytes) const;
  [[nodiscard]] refuse overloaded(std::string text) const;
  [[nodiscard]] records::value_type* find(const std::string& origin);
  [[nodiscard]] decision enter(records::value_type& who, const hello& h, std::string new_id, std::string reason);
  [[nodiscard]] static std::optional<session_counters> told_to(const hello& h, const record& r);
  static void settle(tombstone& t);
  void bury(records::value_type& who, tombstone t, time_point now);
  void forget(tombstones::iterator t);
  void forget_if_empty(records::value_type& who);
  void sweep(time_point now);

  directory_limits limits_;
  records records_;        // its elements stay where they are
  tombstones tombstones_;  // of all origins, the oldest first
  std::size_t live_ = 0;
};

}  // namespace tautline::delivery

#endif
