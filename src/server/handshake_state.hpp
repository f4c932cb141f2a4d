// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A peer between its socket and its link.
#ifndef TAUTLINE_SRC_SERVER_HANDSHAKE_STATE_HPP
#define TAUTLINE_SRC_SERVER_HANDSHAKE_STATE_HPP

#include "server/server_impl.hpp"

#include <memory>
#include <utility>

namespace tautline::detail {

struct server_impl::handshake {
  handshake(asio::any_io_executor s, std::shared_ptr<const server_options> o, census::ticket t)
      : strand(std::move(s)), opts(std::move(o)), ticket(std::move(t)), number(ticket.number()) {}

  asio::any_io_executor strand;  // of the peer
  std::shared_ptr<const server_options> opts;
  census::ticket ticket;
  std::uint64_t number;
  asio::ip::tcp::endpoint remote;
  transport::handshake_request request;
};

}  // namespace tautline::detail

#endif
