// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A server that echoes, and an honest client on it that has to go on undisturbed.
#ifndef TAUTLINE_TEST_SESSION_SOCKETS_BYSTANDER_HPP
#define TAUTLINE_TEST_SESSION_SOCKETS_BYSTANDER_HPP

#include "raw_peer.hpp"
#include "support.hpp"

#include <string>

namespace session_sockets {

struct watched_site {
  explicit watched_site(asio::io_context& io, server_options o = server_options());

  /// The honest client is there.
  asio::awaitable<void> open();
  /// Checks that the peer was told this and closed with that, and that the honest client's session
  /// goes on.
  asio::awaitable<void> expect_end(raw_peer& hostile, std::string error, std::uint16_t close);
  asio::awaitable<void> expect_undisturbed();

  asio::io_context& io;
  site here;
  std::optional<end_point> honest;
  int asked = 0;
};

}  // namespace session_sockets

#endif
