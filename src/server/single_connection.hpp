// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a server's link has in place of a way to connect: the one connection that its peer made.
#ifndef TAUTLINE_SRC_SERVER_SINGLE_CONNECTION_HPP
#define TAUTLINE_SRC_SERVER_SINGLE_CONNECTION_HPP

#include "server/census.hpp"
#include "transport/connection.hpp"

#include <memory>

namespace tautline::detail {

/// The connection, counted in the census until whoever holds it lets go.
[[nodiscard]] std::shared_ptr<transport::connection> counted(std::shared_ptr<transport::connection> connection,
                                                             census::ticket ticket);

/// Hands the connection out at the first attempt; there is no second one, so the link ends with it.
class single_connection_connector final : public transport::connector {
 public:
  explicit single_connection_connector(std::shared_ptr<transport::connection> connection) noexcept;

  asio::awaitable<transport::connect_result> async_connect(const asio::any_io_executor& strand,
                                                           const transport::connect_request& request) override;
  void cancel() noexcept override {}
  [[nodiscard]] bool reconnects() const noexcept override { return false; }

 private:
  std::shared_ptr<transport::connection> connection_;
};

}  // namespace tautline::detail

#endif
