// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What goes wrong in a world: at random times, for random periods, at random places.
#ifndef TAUTLINE_TEST_SIM_TROUBLES_HPP
#define TAUTLINE_TEST_SIM_TROUBLES_HPP

#include "server_app.hpp"

#include <deque>
#include <functional>

namespace tautline::sim {

class troubles {
 public:
  troubles(surroundings& s, const world_plan& plan, std::deque<server_app>& servers, std::deque<client>& clients,
           std::uint64_t seed)
      : s_(s), plan_(plan), servers_(servers), clients_(clients), dice_(seed) {}

  /// Until the world is calm.
  void begin();
  /// Everything works again.
  void end();
  /// Of the network, at any of its events.
  [[nodiscard]] testing::interference meddle(const testing::network_event& e);

 private:
  void schedule();
  void strike();
  void strike_connections(server_app& at);
  void strike_attempts(server_app& at);
  void strike_path(server_app& at);
  void strike_server(server_app& at);
  void outlast_sessions(server_app& at);
  [[nodiscard]] testing::answer bad_answer();
  void later(duration after, std::function<void()> f);
  [[nodiscard]] server_app& somewhere() { return servers_[static_cast<std::size_t>(dice_.below(servers_.size()))]; }

  surroundings& s_;
  const world_plan& plan_;
  std::deque<server_app>& servers_;
  std::deque<client>& clients_;
  testing::dice dice_;
};

}  // namespace tautline::sim

#endif
