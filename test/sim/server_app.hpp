// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// An application that serves: a tautline::server on the simulated network, or a script.
#ifndef TAUTLINE_TEST_SIM_SERVER_APP_HPP
#define TAUTLINE_TEST_SIM_SERVER_APP_HPP

#include <tautline/server.hpp>

#include "client.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace tautline::sim {

class server_app {
 public:
  server_app(surroundings& s, const server_plan& plan, std::uint64_t seed);

  void start();
  /// The process dies: everything that it knew is gone.
  void crash();
  /// A new process takes over, the old one asks its peers to leave.
  void roll(duration window);
  void pause();
  void resume();
  void calm_down();
  /// All of it goes, orderly.
  void destroy();
  void check();

  /// One of its messages arrived.
  void arrived(std::string_view name, std::size_t number, std::size_t client);
  /// What its clients' applications make of the names of messages.
  std::function<void(std::string_view name, const taker& by)> from_client;
  /// Its session ended before it was acknowledged.
  std::function<void(std::string_view name)> was_not_acknowledged;

  void judge(testing::oracle_report& all);
  [[nodiscard]] const server_plan& plan() const noexcept { return plan_; }
  [[nodiscard]] testing::simulated_host host() { return s_.net.host(plan_.name); }
  [[nodiscard]] operations& pending() noexcept { return ops_; }

 private:
  /// A message that the application took and that its session has not been told of.
  struct taken {
    explicit taken(std::string_view n) : name(n) {}
    std::string name;
    bool acknowledged = false;
  };
  struct peer {
    peer(link a, testing::promise p) : l(std::move(a)), oracle(p) {}
    link l;
    testing::oracle oracle;
    std::size_t id = 0;
    time_point since{};
    std::uint64_t sent = 0, handed = 0;
    std::deque<taken> unacknowledged;  ///< and those behind it, in the order of arrival
    std::optional<std::size_t> client;
    bool ended = false, receiving = false, in_session = false, closing = false;
  };

  void script();
  void accept();
  void receive(peer& p);
  void took(peer& p, const message& m);
  void let_go(peer& p);
  void answer(peer& p);
  void acknowledge(peer& p, const message& m);
  void acknowledged(peer& p, taken& t);
  void over(peer& p);

  surroundings& s_;
  const server_plan& plan_;
  testing::dice dice_;
  operations ops_;
  std::optional<server> server_, old_;
  std::deque<peer> peers_;
  std::size_t first_open_ = 0;
  bool paused_ = false;
};

}  // namespace tautline::sim

#endif
