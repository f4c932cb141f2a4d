// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// From a host to a connected TCP socket.
#ifndef TAUTLINE_SRC_TRANSPORT_RESOLVE_HPP
#define TAUTLINE_SRC_TRANSPORT_RESOLVE_HPP

#include <tautline/options.hpp>

#include "transport/attempt.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tautline::transport {

using endpoints = std::vector<asio::ip::tcp::endpoint>;

/// The address that a host's name is, if it is one.
[[nodiscard]] std::optional<asio::ip::tcp::endpoint> literal_address(const std::string& host, std::uint16_t port);

/// The addresses of a host, in the resolver's order. A resolver that is still busy when the attempt
/// is stopped is abandoned, not waited for.
[[nodiscard]] asio::awaitable<error_code> async_resolve(asio::any_io_executor strand, std::string host,
                                                        std::uint16_t port, std::shared_ptr<attempt_limits> limits,
                                                        endpoints& out);

/// The first of them that accepts, by happy eyeballs; `peer` is which. `out` lives until this has ended.
[[nodiscard]] asio::awaitable<error_code> async_connect_any(asio::any_io_executor strand, endpoints addresses,
                                                            std::shared_ptr<time_service> time,
                                                            std::shared_ptr<attempt_limits> limits,
                                                            asio::ip::tcp::socket& out, asio::ip::tcp::endpoint& peer);

/// TCP_NODELAY, TCP_USER_TIMEOUT.
void set_tcp_options(asio::ip::tcp::socket& socket, const options& o);

[[nodiscard]] std::string to_text(const asio::ip::tcp::endpoint& endpoint);

}  // namespace tautline::transport

#endif
