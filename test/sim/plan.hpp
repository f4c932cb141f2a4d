// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a seed makes of a world: who is in it, with which policies, and what will go wrong.
#ifndef TAUTLINE_TEST_SIM_PLAN_HPP
#define TAUTLINE_TEST_SIM_PLAN_HPP

#include <tautline/options.hpp>
#include <tautline/server.hpp>
#include <tautline/testing/dice.hpp>
#include <tautline/testing/oracle.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace tautline::sim {

enum class server_kind : unsigned char {
  session,   ///< a tautline::server that speaks tautline.v1
  plain,     ///< one that does not
  scripted,  ///< any RFC 6455 server, as a script
};

struct server_plan {
  std::string name;
  server_kind kind = server_kind::session;
  server_options options;
  bool forgets = false;  ///< it may be restarted without its memory
  bool dawdles = false;  ///< its application stops receiving at times
  unsigned answers = 0;  ///< of a thousand messages, how many make its application send some
};

/// Messages that a session's peer takes before it has said how many (docs/protocol.md).
inline constexpr std::size_t window_before_the_welcome = 64;

struct link_plan {
  tautline::options options;
  std::vector<std::size_t> servers;
  testing::promise promise = testing::promise::exactly_once;
  bool session = true;         ///< every server that it may reach speaks tautline.v1
  std::size_t window = 0;      ///< if so, how many messages the roomiest of them takes unacknowledged; else 0
  bool ordered = true;         ///< the way leads to one application, which takes what comes in order
  duration action_interval{};  ///< mean
};

struct world_plan {
  std::vector<server_plan> servers;
  std::vector<link_plan> links;
  duration troubled{};         ///< how long things go wrong
  duration fault_interval{};   ///< mean
  unsigned cuts_per_100k = 0;  ///< events of the network that are cut
  duration most_retry_after = std::chrono::seconds(60);
};

[[nodiscard]] world_plan make_plan(testing::dice& d);

}  // namespace tautline::sim

#endif
