// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// From addresses to a connected TCP socket.
#ifndef TAUTLINE_SRC_TRANSPORT_RESOLVE_HPP
#define TAUTLINE_SRC_TRANSPORT_RESOLVE_HPP

#include <tautline/options.hpp>

#include "transport/attempt.hpp"
#include "transport/lookup.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>

namespace tautline::transport {

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
