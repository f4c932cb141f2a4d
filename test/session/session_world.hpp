// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A link and a server that speak tautline.v1 in a simulated world, and a record of what both
// applications saw.
#ifndef TAUTLINE_TEST_SESSION_SESSION_WORLD_HPP
#define TAUTLINE_TEST_SESSION_SESSION_WORLD_HPP

#include <tautline/tautline.hpp>
#include <tautline/testing/simulated_network.hpp>
#include <tautline/testing/virtual_time.hpp>

#include "server/server_impl.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tautline::testing {

using namespace std::chrono_literals;

/// A server's link, as its application sees it.
struct peer_record {
  explicit peer_record(link p) : l(std::move(p)) {}
  link l;
  std::vector<std::string> got;
  std::vector<std::uint64_t> ids;
  std::vector<message> kept;
  std::optional<error_code> ended;     ///< of `async_run`
  std::optional<error_code> received;  ///< of the last `async_receive`
  bool paused = false;
  bool gone = false;  ///< with its server
};

struct session_world {
  explicit session_world(options o = client_options(), std::uint64_t seed = 1);
  ~session_world();

  static options client_options();
  static server_options server_defaults();

  void start_server(server_options o = server_defaults());
  /// Its memory is gone, and so are the applications' links.
  void restart_server(server_options o = server_defaults());
  void run_client();
  void up();
  receipt send(const std::string& text);
  void send_numbers(int first, int last);
  /// The server's newest link sends.
  void serve_numbers(int first, int last);
  void receive(peer_record& p);
  bool until(const std::function<bool()>& done, duration limit = 10min) { return time->run_until(done, limit); }
  void run_for(duration d) { time->run_for(d); }
  [[nodiscard]] std::size_t count(event_kind k) const;
  [[nodiscard]] const event& last(event_kind k) const;
  /// What all links of the server got, in order.
  [[nodiscard]] std::vector<std::string> at_server() const;

  asio::io_context io;
  std::shared_ptr<virtual_time> time = std::make_shared<virtual_time>(io);
  simulated_network net;
  simulated_host host = net.host("server");
  std::shared_ptr<tautline::detail::server_impl> server;
  std::deque<peer_record> peers;
  std::vector<std::string> graveyard;  ///< what the links of former servers got
  std::optional<link> client;
  std::optional<error_code> client_ended;
  std::vector<std::string> got;  ///< at the client
  std::vector<event> events;
  std::function<void(peer_record&)> on_peer;

 private:
  std::uint64_t starts = 0;
  void accept();
  void next_event();
  void next_message();
};

[[nodiscard]] std::vector<std::string> numbers(int first, int last);

}  // namespace tautline::testing

#endif
