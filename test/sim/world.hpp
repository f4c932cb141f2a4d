// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One world: made from a seed, troubled for a while, calm again, judged, taken down.
#ifndef TAUTLINE_TEST_SIM_WORLD_HPP
#define TAUTLINE_TEST_SIM_WORLD_HPP

#include "troubles.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace tautline::sim {

struct world_result {
  world_result() = default;
  std::uint64_t seed = 0;
  std::uint64_t hash = 0;  ///< of everything that happened
  double virtual_seconds = 0;
  std::uint64_t events = 0;    ///< of the network
  std::uint64_t handlers = 0;  ///< that ran
  std::uint64_t messages = 0;
  std::uint64_t attempts = 0;
  std::vector<std::string> violations;
};

class world {
 public:
  world(std::uint64_t seed, echo e);
  [[nodiscard]] world_result run();

 private:
  void populate();
  [[nodiscard]] client* sender_of(std::string_view name);
  void tell_plan();
  void watch_network();
  void trouble();
  void calm();
  void drain_all();
  void tick();
  void probe_all();
  void break_all();
  void rest();
  void judge();
  void judge_clients();
  void judge_servers();
  void take_down();
  void step();
  void check_pace();
  /// Runs until `done`; a violation if it is not within `limit`.
  void expect(const char* what, duration limit, const std::function<bool()>& done);

  std::uint64_t seed_;
  testing::dice dice_;
  world_plan plan_;
  asio::io_context io_{1};
  std::shared_ptr<testing::virtual_time> time_;
  testing::simulated_network net_;
  journal told_;
  surroundings s_;
  time_point began_;
  std::deque<server_app> servers_;
  std::deque<client> clients_;
  std::optional<troubles> troubles_;
  bool ticking_ = false;
  std::uint64_t messages_ = 0, attempts_ = 0;
  struct pace {
    pace() = default;
    time_point since{};
    std::uint64_t events = 0, handlers = 0, messages = 0, attempts = 0;
  };
  pace pace_;
};

}  // namespace tautline::sim

#endif
