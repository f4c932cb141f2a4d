// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Addresses as a server reads and writes them.
#ifndef TAUTLINE_SRC_SERVER_ADDRESS_HPP
#define TAUTLINE_SRC_SERVER_ADDRESS_HPP

#include <tautline/config.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>

namespace tautline::detail {

/// A literal address, with or without brackets, or "localhost" (RFC 6761, 6.3: the loopback
/// address, without asking a resolver).
[[nodiscard]] asio::ip::address parse_listen_host(std::string_view host, error_code& ec);

/// "127.0.0.1:9001", "[::1]:9001"; fit for a URL.
[[nodiscard]] std::string host_port(const asio::ip::tcp::endpoint& endpoint);

/// "ws://127.0.0.1:9001", "wss://[::1]:9001".
[[nodiscard]] std::string websocket_url(std::string_view scheme, const asio::ip::tcp::endpoint& endpoint);

}  // namespace tautline::detail

#endif
