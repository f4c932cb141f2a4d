// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One simulated connection: two pipes and two ends.
#ifndef TAUTLINE_SRC_TESTING_WIRE_HPP
#define TAUTLINE_SRC_TESTING_WIRE_HPP

#include "testing/endpoint.hpp"
#include "testing/pipe.hpp"

#include <memory>
#include <string>

namespace tautline::testing::detail {

class network_core;
class host_state;

class wire : public std::enable_shared_from_this<wire> {
 public:
  wire(std::shared_ptr<network_core> core, std::shared_ptr<host_state> host, std::string client, unsigned number);

  [[nodiscard]] network_core& core() const noexcept { return *core_; }
  [[nodiscard]] host_state& host() const noexcept { return *host_; }
  [[nodiscard]] const path_options& path() const noexcept;
  [[nodiscard]] unsigned number() const noexcept { return number_; }
  [[nodiscard]] const std::string& client_name() const noexcept { return client_name_; }
  [[nodiscard]] endpoint& client() noexcept { return client_; }
  [[nodiscard]] endpoint& server() noexcept { return server_; }
  [[nodiscard]] endpoint& sender(direction way) noexcept { return way == direction::up ? client_ : server_; }
  [[nodiscard]] endpoint& receiver(direction way) noexcept { return way == direction::up ? server_ : client_; }

  /// Does nothing arrive in that direction?
  [[nodiscard]] bool silent(direction way) const;
  void healed();
  void reset();

  void flushing(direction way);
  void progressed(direction way) { sender(way).progressed(); }
  void bytes_arrived(direction way) { receiver(way).bytes_arrived(); }
  void frame_arrived(direction way, frame f);

 private:
  /// An event, and what somebody made of it.
  interference meddled(step what, direction way, const std::string& payload);
  [[nodiscard]] pipe& way_of(direction way) noexcept { return way == direction::up ? up_ : down_; }

  std::shared_ptr<network_core> core_;
  std::shared_ptr<host_state> host_;
  std::string client_name_;
  unsigned number_;
  bool silenced_ = false;
  pipe up_, down_;
  endpoint client_, server_;
};

}  // namespace tautline::testing::detail

#endif
