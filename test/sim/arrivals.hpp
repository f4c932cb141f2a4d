// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Which applications took a client's messages, and whether one was allowed to have a message again.
#ifndef TAUTLINE_TEST_SIM_ARRIVALS_HPP
#define TAUTLINE_TEST_SIM_ARRIVALS_HPP

#include <tautline/config.hpp>
#include <tautline/receipt.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace tautline::sim {

/// Where a message was taken: in a session, or on a connection without one.
struct taker {
  taker(std::string_view s, std::size_t p, time_point t) : server(s), peer(p), since(t) {}
  std::string_view server;
  std::size_t peer;      ///< of that server
  time_point since;      ///< when it began; `time_point::min()`: nobody knows
  bool settled = false;  ///< the server remembers its sessions, and settles an old one before it opens another
};

/// Of one client.
class arrivals {
 public:
  void sent(std::string_view name, receipt r);
  /// What is confirmed when an attempt begins is not written to its connection.
  void attempt_begins(time_point now);
  /// The session in which it was taken ended before it was acknowledged.
  void was_not_acknowledged(std::string_view name) { excused_.emplace(name); }

  /// What is wrong with it; nullptr: nothing.
  [[nodiscard]] const char* took(std::string_view name, const taker& by);

 private:
  using place = std::pair<std::string, std::size_t>;

  std::map<std::string, receipt, std::less<>> unconfirmed_;
  std::map<std::string, time_point, std::less<>> confirmed_;  // the first attempt that found it so
  std::map<std::string, std::set<place>, std::less<>> taken_;
  std::set<std::string, std::less<>> excused_;
};

}  // namespace tautline::sim

#endif
