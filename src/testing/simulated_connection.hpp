// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The transport's interfaces over the simulated network.
#ifndef TAUTLINE_SRC_TESTING_SIMULATED_CONNECTION_HPP
#define TAUTLINE_SRC_TESTING_SIMULATED_CONNECTION_HPP

#include "testing/network_core.hpp"
#include "testing/wakeup.hpp"
#include "testing/wire.hpp"
#include "transport/connection.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::testing::detail {

/// One end of a wire. What is pending keeps the wire alive, not the connection: destroying the
/// connection aborts it.
class simulated_connection final : public transport::connection {
 public:
  simulated_connection(std::shared_ptr<wire> w, direction out, transport::connection_info info);
  ~simulated_connection() override;

  void observe(transport::connection_observer* observer) noexcept override { end_.observer = observer; }
  asio::awaitable<error_code> async_read(std::vector<message>& out, std::size_t max) override;
  error_code write(std::string_view payload, payload_kind kind) override;
  error_code write(std::string_view head, std::string_view payload, payload_kind kind) override;
  error_code write_ping(std::string_view payload) override;
  void move_to(const asio::any_io_executor&) override {}  // whoever awaits brings the executor
  asio::awaitable<error_code> async_flush(std::size_t leave) override;
  [[nodiscard]] std::size_t unflushed() const noexcept override { return end_.out().unflushed(); }
  [[nodiscard]] std::uint64_t bytes_flushed() const noexcept override { return end_.out().flushed(); }
  [[nodiscard]] std::uint64_t bytes_read() const noexcept override { return end_.in().took(); }
  asio::awaitable<error_code> async_send_close(std::uint16_t code, std::string_view reason) override;
  [[nodiscard]] std::uint16_t close_code() const noexcept override { return end_.close_code(); }
  [[nodiscard]] const std::string& close_reason() const noexcept override { return end_.close_reason(); }
  void abort() noexcept override { end_.abort(); }
  [[nodiscard]] const transport::connection_info& info() const noexcept override { return info_; }

 private:
  std::shared_ptr<wire> wire_;
  direction out_;
  endpoint& end_;
  transport::connection_info info_;
};

/// A link's way into the network.
class simulated_connector final : public transport::connector {
 public:
  simulated_connector(std::shared_ptr<network_core> core, std::string client)
      : core_(std::move(core)), client_(std::move(client)), waiting_(core_->shared_time()) {}

  asio::awaitable<transport::connect_result> async_connect(const asio::any_io_executor& strand,
                                                           const transport::connect_request& request) override;
  void cancel() noexcept override;

 private:
  asio::awaitable<error_code> pass(phase where, std::string_view authority, const host_state* host, bool hangs,
                                   time_point deadline);
  [[nodiscard]] duration round_trip(phase where, const host_state* host) const;
  [[nodiscard]] bool lost(phase where, const host_state* host) const;

  std::shared_ptr<network_core> core_;
  std::string client_;
  wakeup waiting_;
  bool cancelled_ = false;
};

/// A server's way into the network.
class simulated_acceptor final : public transport::acceptor {
 public:
  explicit simulated_acceptor(std::shared_ptr<host_state> host) : host_(std::move(host)) {}
  ~simulated_acceptor() override { close(); }

  error_code open(std::vector<std::string> subprotocols, taker take) override;
  /// Does nothing if another server listens there by now.
  void close() noexcept override;
  [[nodiscard]] std::string url() const override { return "ws://" + host_->name; }

 private:
  std::shared_ptr<host_state> host_;
  std::shared_ptr<host_state::listener> mine_;
};

/// A server's end: its one connection, once.
class handed_out final : public transport::connector {
 public:
  explicit handed_out(std::shared_ptr<transport::connection> c) : connection_(std::move(c)) {}

  asio::awaitable<transport::connect_result> async_connect(const asio::any_io_executor& strand,
                                                           const transport::connect_request& request) override;
  void cancel() noexcept override {}
  [[nodiscard]] bool reconnects() const noexcept override { return false; }

 private:
  std::shared_ptr<transport::connection> connection_;
};

}  // namespace tautline::testing::detail

#endif
