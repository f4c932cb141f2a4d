// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A link in a simulated world, and a record of all it said and did.
#ifndef TAUTLINE_TEST_LINK_WORLD_HPP
#define TAUTLINE_TEST_LINK_WORLD_HPP

#include <tautline/tautline.hpp>
#include <tautline/testing/simulated_network.hpp>
#include <tautline/testing/virtual_time.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tautline::testing {

using namespace std::chrono_literals;
using asio::error::operation_aborted;

/// A send whose receipt is followed.
struct sent {
  receipt r;
  int completions = 0;
  std::optional<error_code> ended;  ///< of the wait for `delivered`
};

/// The result of an operation that may complete once.
struct result {
  int completions = 0;
  std::optional<error_code> code;
  void set(error_code ec) {
    ++completions;
    code = ec;
  }
};

/// One server at "server", one link to it. Everything a test needs is public. When it goes, what is
/// pending is destroyed and not called: handlers may name variables of the test.
struct world {
  explicit world(options o = options("ws://server/"), std::uint64_t seed = 1);
  ~world();

  /// Makes a new link on the same network.
  void make_link(options o);
  result& run();
  /// Runs until it is connected, at most `limit`.
  void up(duration limit = 1min);
  /// Follows the events from now on.
  void follow_events();
  /// Receives for ever.
  void follow_messages();
  /// `try_send` with a receipt that is followed; requires that it is taken.
  sent& send(message m);
  result& close();
  void run_for(duration d) { time->run_for(d); }
  bool until(const std::function<bool()>& done, duration limit = 1h) { return time->run_until(done, limit); }
  duration elapsed() const { return time->now() - start; }

  [[nodiscard]] std::vector<std::string> payloads() const;  ///< at the server
  [[nodiscard]] std::vector<std::string> payloads(unsigned connection) const;
  [[nodiscard]] std::size_t count(event_kind k) const;
  [[nodiscard]] const event* last(event_kind k) const;
  /// `sent == delivered + unknown + not_sent + pending`.
  void check_the_sum() const;

  asio::io_context io;
  std::shared_ptr<virtual_time> time = std::make_shared<virtual_time>(io);
  simulated_network net;
  simulated_host host = net.host("server");
  std::optional<link> l;
  time_point start = time->now();
  std::deque<result> runs, closes;
  std::deque<sent> sends;
  std::vector<event> events;
  std::vector<message> messages;
  std::optional<error_code> events_ended, messages_ended;

 private:
  void next_event();
  void next_message();
};

/// "1", "2", ... "n".
[[nodiscard]] std::vector<std::string> numbers(int first, int last);

}  // namespace tautline::testing

#endif
