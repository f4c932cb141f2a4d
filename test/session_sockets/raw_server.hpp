// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Servers that are no tautline server, and choose tautline.v1 all the same or do not know it.
#ifndef TAUTLINE_TEST_SESSION_SOCKETS_RAW_SERVER_HPP
#define TAUTLINE_TEST_SESSION_SOCKETS_RAW_SERVER_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <vector>

namespace session_sockets {

namespace asio = boost::asio;

/// What its program does with a message. Pings are answered by its stack, always.
enum class habit : unsigned char { echo, silent };

/// Accepts until the loop ends. It has to outlive the loop's turns.
class raw_server {
 public:
  raw_server(asio::io_context& io, habit h);

  [[nodiscard]] std::string url() const;
  /// What came on connections without tautline.v1.
  std::vector<std::string> plain;
  /// What came on connections with it.
  std::vector<std::string> spoken_to;
  int connections = 0;

 private:
  asio::awaitable<void> accept_all();
  asio::awaitable<void> serve(asio::ip::tcp::socket socket);

  asio::io_context& io_;
  habit habit_;
  asio::ip::tcp::acceptor acceptor_;
};

}  // namespace session_sockets

#endif
