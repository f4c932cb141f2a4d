// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the tests of sessions over sockets share: a loop with a watchdog, and an application's end
// of a link that notes what comes.
#ifndef TAUTLINE_TEST_SESSION_SOCKETS_SUPPORT_HPP
#define TAUTLINE_TEST_SESSION_SOCKETS_SUPPORT_HPP

#include <tautline/link.hpp>
#include <tautline/server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace tautline {

/// So that Boost.Test can print them.
inline std::ostream& boost_test_print_type(std::ostream& out, errc e) { return out << make_error_code(e); }
inline std::ostream& boost_test_print_type(std::ostream& out, outcome o) { return out << to_string(o); }
inline std::ostream& boost_test_print_type(std::ostream& out, link_state s) { return out << to_string(s); }

}  // namespace tautline

namespace session_sockets {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using namespace tautline;  // NOLINT(google-build-using-namespace)
using tautline::link;      // and not the one of <unistd.h>

using body = std::function<asio::awaitable<void>(asio::io_context&)>;

/// Runs the body to its end and rethrows what it throws. A watchdog turns a body that hangs into a
/// failure.
void run(const body& b);

/// Lets the loop turn until the condition holds.
asio::awaitable<void> eventually(std::function<bool()> condition);

/// A client's options: tautline.v1 is required, and attempts follow each other at once.
options client_options(std::string url);
[[nodiscard]] std::string url_of(const tcp::endpoint& e);

/// "1", "2", ... as texts.
[[nodiscard]] std::vector<std::string> numbers(int first, int last);

/// An application's end of a link. It has to outlive the loop's turns; `l` may be replaced.
struct end_point {
  explicit end_point(link x) : l(std::move(x)) {}
  end_point(const end_point&) = delete;
  end_point& operator=(const end_point&) = delete;

  /// Runs the link and reads its events.
  void start();
  /// Receives all that comes from now on.
  void consume();
  /// Receives this one and no more.
  asio::awaitable<void> take_one();
  receipt send(const std::string& text);
  void send_numbers(int first, int last);
  [[nodiscard]] std::size_t count(event_kind k) const;
  [[nodiscard]] const event& last(event_kind k) const;
  /// From the application's view: up, and not down since.
  [[nodiscard]] bool connected() const { return l.status().state == link_state::connected; }

  link l;
  std::vector<std::string> got;
  std::vector<std::uint64_t> ids;
  std::vector<std::string> origins;
  std::vector<message> kept;  ///< with `keeps`
  bool keeps = false;
  bool echoes = false;
  std::vector<event> events;
  std::optional<error_code> ended;     ///< of the run
  std::optional<error_code> received;  ///< of the last receive

 private:
  void note(message m);
};

/// A server and its application: all peers are run, and their messages noted.
struct site {
  site(asio::io_context& io, server_options o);
  site(const site&) = delete;
  site& operator=(const site&) = delete;

  /// Listens and accepts.
  void open();
  /// The server, its sessions and its links are gone, as after a crash.
  void crash();
  /// What all links got, in order.
  [[nodiscard]] std::vector<std::string> got() const;
  [[nodiscard]] tcp::endpoint endpoint() const { return s->local_endpoint(); }
  [[nodiscard]] std::string url() const { return s->url(); }

  asio::io_context& io;
  std::optional<server> s;
  std::deque<end_point> peers;
  bool consumes = true;
  std::function<void(end_point&)> on_peer;
};

}  // namespace session_sockets

#endif
