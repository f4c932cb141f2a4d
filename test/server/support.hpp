// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the server's tests share: a loop with a watchdog, echo, plain sockets.
#ifndef TAUTLINE_TEST_SERVER_SUPPORT_HPP
#define TAUTLINE_TEST_SERVER_SUPPORT_HPP

#include <tautline/link.hpp>
#include <tautline/server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

namespace tautline {

/// So that Boost.Test can print it.
inline std::ostream& boost_test_print_type(std::ostream& out, errc e) { return out << make_error_code(e); }

}  // namespace tautline

namespace server_test {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace tautline;  // NOLINT(google-build-using-namespace)
using tautline::link;      // and not the one of <unistd.h>

using body = std::function<asio::awaitable<void>(asio::io_context&)>;

/// Runs the body to its end on this many threads and rethrows what it throws. A watchdog turns a
/// body that hangs into a failure.
void run(const body& b, unsigned threads = 1);

/// Lets the loop turn until the condition holds.
asio::awaitable<void> eventually(std::function<bool()> condition);

/// Lets the loop turn until the condition holds, from outside of it.
void pump(asio::io_context& io, const std::function<bool()>& condition);

/// Sends back what comes, until the peer has gone.
asio::awaitable<void> echo(tautline::link peer);
/// Echoes to everyone until the server has closed.
asio::awaitable<void> serve_echo(tautline::server& s);

/// The next peer. Throws what the accept ends with.
asio::awaitable<tautline::link> accepted(tautline::server& s);
/// A client's options, without waiting between attempts.
tautline::options client_options(std::string url);
/// Sends a text and returns what comes back.
asio::awaitable<std::string> ask(tautline::link& client, std::string text);

/// Writes the text on a new connection and reads until the server closes it.
asio::awaitable<std::string> exchange(tcp::endpoint to, std::string request);
/// Reads until the other side closes or resets; returns what came.
asio::awaitable<std::string> read_all(tcp::socket& socket);
asio::awaitable<tcp::socket> connected(tcp::endpoint to);
/// An upgrade request with these further header lines, each ending in CR LF.
std::string upgrade_text(std::string_view more_headers = {}, std::string_view target = "/");
/// Ends the connection with a reset instead of a FIN.
void reset(tcp::socket& socket);

}  // namespace server_test

#endif
