// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the tests of sessions over sockets share: a loop with a watchdog, quick options, events.
#ifndef TAUTLINE_TEST_SESSION_SOCKETS_SUPPORT_HPP
#define TAUTLINE_TEST_SESSION_SOCKETS_SUPPORT_HPP

#include <tautline/link.hpp>
#include <tautline/server.hpp>
#include <tautline/testing/fault_proxy.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace tautline {

/// So that Boost.Test can print them.
inline std::ostream& boost_test_print_type(std::ostream& out, errc e) { return out << make_error_code(e); }
inline std::ostream& boost_test_print_type(std::ostream& out, link_state s) { return out << to_string(s); }
inline std::ostream& boost_test_print_type(std::ostream& out, session_state s) { return out << to_string(s); }
inline std::ostream& boost_test_print_type(std::ostream& out, outcome o) { return out << to_string(o); }
inline std::ostream& boost_test_print_type(std::ostream& out, event_kind k) { return out << to_string(k); }

}  // namespace tautline

namespace session_test {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using namespace tautline;  // NOLINT(google-build-using-namespace)
using tautline::link;      // and not the one of <unistd.h>

inline constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

using body = std::function<asio::awaitable<void>(asio::io_context&)>;

/// Runs the body to its end on this many threads and rethrows what it throws. A watchdog turns a
/// body that hangs into a failure.
void run(const body& b, unsigned threads = 1);
/// Lets the loop turn until the condition holds.
asio::awaitable<void> eventually(std::function<bool()> condition);

/// A client that lives through anything, without waiting between attempts.
options client_options(std::string url);
server_options quick_server();
std::string url_of(const tcp::endpoint& e, const char* scheme = "ws");
std::unique_ptr<server> listening(asio::io_context& io, server_options o = quick_server());
std::unique_ptr<testing::fault_proxy> proxy_to(asio::io_context& io, const tcp::endpoint& target);

/// A link that runs, and how that ended.
struct running {
  running(asio::io_context& io, options o);
  explicit running(link accepted);
  link& operator*() noexcept { return it; }
  link* operator->() noexcept { return &it; }

  link it;
  std::shared_ptr<std::optional<error_code>> end = std::make_shared<std::optional<error_code>>();

 private:
  void start();
};

/// The next peer of the server, running.
asio::awaitable<std::unique_ptr<running>> accepted(server& s);
asio::awaitable<void> echo(std::unique_ptr<running> peer);
/// Echoes to everyone until the server has closed.
asio::awaitable<void> serve_echo(server& s);

asio::awaitable<void> connected(running& r);
/// The next event of that kind; those before it are dropped.
asio::awaitable<event> next(running& r, event_kind kind);
/// All events that come until one of that kind has: that is the last.
asio::awaitable<std::vector<event>> events_until(running& r, event_kind kind);
asio::awaitable<void> send(running& r, std::string text);
asio::awaitable<std::string> receive(running& r);
/// Sends the numbers first ... last, as text.
asio::awaitable<void> send_numbers(running& r, int first, int last);
/// Receives exactly these, in this order; false at the first that is another.
asio::awaitable<bool> receives_numbers(running& r, int first, int last);
/// Sends a text and returns what comes back.
asio::awaitable<std::string> ask(running& r, std::string text);

}  // namespace session_test

#endif
