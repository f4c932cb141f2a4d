// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// An application with a link: it sends, cancels, closes, runs again and destroys, at random.
#ifndef TAUTLINE_TEST_SIM_CLIENT_HPP
#define TAUTLINE_TEST_SIM_CLIENT_HPP

#include <tautline/link.hpp>
#include <tautline/testing/oracle.hpp>
#include <tautline/testing/simulated_network.hpp>

#include "arrivals.hpp"
#include "link_watch.hpp"
#include "operations.hpp"
#include "plan.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tautline::sim {

/// What the applications of a world share.
struct surroundings {
  surroundings(asio::io_context& i, std::shared_ptr<testing::virtual_time> t, testing::simulated_network& n, journal& j)
      : io(i), time(std::move(t)), net(n), told(j) {}
  asio::io_context& io;
  std::shared_ptr<testing::virtual_time> time;
  testing::simulated_network& net;
  journal& told;
  bool calm = false;  ///< nothing goes wrong any more, and nobody does anything new
  /// Messages that were in the inbox of an application that went, by direction: delivered, and gone.
  std::uint64_t forfeited_up = 0, forfeited_down = 0;
  /// A message came from a server; its application knows what to make of it.
  std::function<void(std::string_view name, std::size_t client)> from_server;
  std::uint64_t actions = 0;
};

[[nodiscard]] std::string payload_of(std::string_view name, std::size_t size);
[[nodiscard]] std::string_view name_in(std::string_view payload);

class client {
 public:
  client(surroundings& s, const link_plan& plan, std::size_t number, std::uint64_t seed);

  void begin();
  /// The world is calm: run, receive, and send one last message.
  void calm_down();
  void destroy();
  void close();
  void check();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool alive() const noexcept { return link_.has_value(); }
  [[nodiscard]] bool closing() const noexcept { return closing_; }
  [[nodiscard]] bool drained() const;
  /// How long after the troubles it may take to be so.
  [[nodiscard]] duration patience(duration most_retry_after) const;
  /// Sends a message in calm; `answered()` once its receipt says delivered.
  void probe();
  [[nodiscard]] bool answered() const;
  void judge();
  [[nodiscard]] link_watch& watch() noexcept { return *watch_; }
  [[nodiscard]] link_state shown() const { return link_ ? link_->status().state : link_state::disconnected; }
  [[nodiscard]] testing::oracle& sent() noexcept { return oracle_; }
  [[nodiscard]] arrivals& taken() noexcept { return taken_; }
  /// An application took one of its messages.
  void took(std::string_view name, const taker& by);
  /// It begins an attempt to connect.
  void connects(std::string_view authority);
  [[nodiscard]] operations& pending() noexcept { return ops_; }
  [[nodiscard]] const link_plan& plan() const noexcept { return plan_; }
  [[nodiscard]] std::string trouble() const;

 private:
  void make();
  void run();
  void schedule();
  void act();
  void act_on_run();
  void send_some();
  void send_one(bool wait);
  [[nodiscard]] message make_message(std::string& name, int& lane);
  void receive();
  void receive_batch();
  void received(error_code ec, const std::vector<message>& got);
  void next_event();
  void wait_for_something();
  /// Nobody may wait for room in a queue that is empty.
  void check_senders();

  surroundings& s_;
  const link_plan& plan_;
  std::size_t number_;
  std::string name_;
  testing::dice dice_;
  operations ops_;
  std::optional<link_watch> watch_;
  std::optional<link> link_;
  testing::oracle oracle_;
  arrivals taken_;
  std::uint64_t sent_ = 0;
  receipt last_;
  bool closing_ = false, paused_ = false, receiving_ = false, listening_ = false;
  std::optional<error_code> closed_;
  std::optional<time_point> waits_for_nothing_;
  std::string ended_;
};

}  // namespace tautline::sim

#endif
