// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The connector of a server's end.
#include "server/single_connection.hpp"

#include <utility>

namespace tautline::detail {
namespace {

/// The order matters: the connection goes first, then its place in the census is free.
struct counted_connection {
  counted_connection(std::shared_ptr<transport::connection> c, census::ticket t)
      : ticket(std::move(t)), connection(std::move(c)) {}
  census::ticket ticket;
  std::shared_ptr<transport::connection> connection;
};

}  // namespace

std::shared_ptr<transport::connection> counted(std::shared_ptr<transport::connection> connection,
                                               census::ticket ticket) {
  auto both = std::make_shared<counted_connection>(std::move(connection), std::move(ticket));
  auto* raw = both->connection.get();
  return {std::move(both), raw};
}

single_connection_connector::single_connection_connector(std::shared_ptr<transport::connection> connection) noexcept
    : connection_(std::move(connection)) {}

asio::awaitable<transport::connect_result> single_connection_connector::async_connect(
    const asio::any_io_executor&, const transport::connect_request&) {
  transport::connect_result result;
  result.conn = std::exchange(connection_, nullptr);
  if (!result.conn) {
    result.why.where = phase::connect;
    result.why.code = errc::closed;
    result.why.what_follows = verdict::fatal;
  }
  co_return result;
}

}  // namespace tautline::detail
