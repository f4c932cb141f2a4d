// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The server's half of what a hello decides: whether a session can go on with it, and the welcome.
#ifndef TAUTLINE_SRC_DELIVERY_SERVER_SESSION_HPP
#define TAUTLINE_SRC_DELIVERY_SERVER_SESSION_HPP

#include "delivery/session_codec.hpp"

#include <cstdint>
#include <string>

namespace tautline::delivery {

/// What a server's link knows of its session when a hello comes.
struct server_counts {
  server_counts() = default;
  std::uint64_t recv = 0;          ///< taken over from the client
  std::uint64_t acknowledged = 0;  ///< the highest of our numbers that the client has; older ones are gone
  std::uint64_t written = 0;       ///< the highest of our numbers ever written
};

/// True if the session `id` can go on with this hello: `from` <= recv + 1, and what the client has
/// taken over (its `recv` if it names this session, else 0) lies within acknowledged ... written.
[[nodiscard]] bool can_resume(std::string_view id, const server_counts& counts, const hello& h) noexcept;

/// Fills in version, session, resumed, reason (`new` if the client never saw this session's
/// welcome), recv and from for a session that `can_resume`. The other members stay as they are.
/// Returns how much of ours the client has: confirm up to there, go on behind it.
std::uint64_t fill_welcome(welcome& w, std::string_view id, const server_counts& counts, const hello& h);

}  // namespace tautline::delivery

#endif
