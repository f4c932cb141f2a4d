// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a simulated network and its hosts remember.
#ifndef TAUTLINE_SRC_TESTING_NETWORK_CORE_HPP
#define TAUTLINE_SRC_TESTING_NETWORK_CORE_HPP

#include <tautline/testing/simulated_network.hpp>

#include "testing/pipe.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tautline::transport {
struct connect_request;
class connection;
}  // namespace tautline::transport

namespace tautline::testing::detail {

class wire;

class host_state : public std::enable_shared_from_this<host_state> {
 public:
  explicit host_state(std::string authority) : name(std::move(authority)) {}

  std::string name;
  path_options path;
  std::function<void(simulated_peer)> on_open;
  std::function<void(simulated_peer, const arrival&)> on_message;
  std::function<void(environment)> on_link;
  std::string subprotocol;
  habit pongs = habit::yes, closes = habit::yes;
  bool paused = false;
  std::deque<answer> next_answers;
  answer usual = answer::accept();
  std::vector<arrival> received, pings;
  std::vector<attempt_record> attempts;
  unsigned connections = 0;
  std::uint16_t last_close_code = 0;
  std::uint64_t reading_speed = 0;
  bool stopped = false;

  /// A server that listens here.
  struct listener {
    std::vector<std::string> subprotocols;
    std::function<void(std::shared_ptr<transport::connection>)> take;
  };
  std::shared_ptr<listener> listening;
  bool has_listened = false;

  /// Nobody would take a connection.
  [[nodiscard]] bool deserted() const noexcept { return stopped || (has_listened && !listening); }
  [[nodiscard]] answer take_answer();
  [[nodiscard]] bool silent(direction way) const noexcept { return way == direction::up ? hole_up_ : hole_down_; }
  void set_hole(direction d);
  void heal();
  /// The connections that still exist.
  [[nodiscard]] std::vector<std::shared_ptr<wire>> wires();

  /// An upgrade succeeded: the client's end of a new connection.
  [[nodiscard]] std::shared_ptr<transport::connection> open(const std::shared_ptr<network_core>& core,
                                                            const transport::connect_request& request,
                                                            const std::string& client, const answer& how);

 private:
  [[nodiscard]] std::string choose_subprotocol(const std::vector<std::string>& offered) const;
  void wait_before_reading(const std::shared_ptr<wire>& w, std::size_t bytes);
  void serve(const std::shared_ptr<wire>& w, const answer& how);
  void on_frame(const std::shared_ptr<wire>& w, frame f);
  void on_close(const std::shared_ptr<wire>& w, const frame& f);

  std::vector<std::weak_ptr<wire>> wires_;
  bool hole_up_ = false, hole_down_ = false;
};

class network_core : public std::enable_shared_from_this<network_core> {
 public:
  network_core(std::shared_ptr<virtual_time> time, std::uint64_t seed) : time_(std::move(time)), random_(seed) {}

  std::function<interference(const network_event&)> hook;
  std::map<std::string, std::shared_ptr<host_state>, std::less<>> hosts;
  std::map<std::string, std::string, std::less<>> addresses;  ///< of names that were moved; empty: none

  /// "name:port"
  [[nodiscard]] static std::string full_name(std::string_view authority);
  [[nodiscard]] std::shared_ptr<host_state> host(std::string_view authority);
  void partition(const std::string& client, const std::string& host, direction d);
  void heal(const std::string& client, const std::string& host);
  [[nodiscard]] bool parted(std::string_view client, std::string_view host, direction way) const;

  [[nodiscard]] virtual_time& time() const noexcept { return *time_; }
  [[nodiscard]] const std::shared_ptr<virtual_time>& shared_time() const noexcept { return time_; }
  [[nodiscard]] time_point now() const noexcept { return time_->now(); }
  [[nodiscard]] duration jitter(duration most);
  [[nodiscard]] std::uint64_t seed_for_a_link() { return random_.next(); }

  [[nodiscard]] std::shared_ptr<host_state> find(std::string_view authority) const;
  interference event(network_event e, std::string_view payload);

  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

  /// The parts of an answer, for the connector.
  [[nodiscard]] static const std::optional<cause>& failure_of(const answer& a) noexcept { return a.failure_; }
  [[nodiscard]] static bool hangs_in(const answer& a, phase p) noexcept { return a.hangs_ == p; }

 private:
  void mix(std::string_view bytes) noexcept;
  void mix(std::uint64_t number) noexcept;

  std::shared_ptr<virtual_time> time_;
  seeded_random random_;
  std::map<std::pair<std::string, std::string>, direction, std::less<>> partitions_;
  std::uint64_t events_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

}  // namespace tautline::testing::detail

#endif
