// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The accept loop.
#include "server/listener.hpp"

#include "link/strand.hpp"
#include "server/log.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <sys/socket.h>

#include <utility>

namespace tautline::detail {

using asio::ip::tcp;

namespace {

/// Long enough for a file descriptor to come free, short enough that a client does not notice.
constexpr auto accept_pause = std::chrono::milliseconds(50);

}  // namespace

listener::listener(asio::any_io_executor strand, asio::any_io_executor peers, std::shared_ptr<time_service> time,
                   log_options log)
    : strand_(std::move(strand)),
      peers_(std::move(peers)),
      time_(std::move(time)),
      log_(std::move(log)),
      acceptor_(strand_) {}

error_code listener::open(const asio::ip::address& address, std::uint16_t port) {
  error_code ec;
  const tcp::endpoint endpoint(address, port);
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
  // "::" means every address of this host, so it takes IPv4 peers as well.
  if (!ec && address.is_v6()) acceptor_.set_option(asio::ip::v6_only(!address.is_unspecified()), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(tcp::acceptor::max_listen_connections, ec);
  return ec;
}

tcp::endpoint listener::local_endpoint() const {
  error_code ec;
  return acceptor_.local_endpoint(ec);
}

void listener::start(std::function<void(tcp::socket)> on_socket) {
  on_socket_ = std::move(on_socket);
  accept();
}

void listener::stop() {
  {
    const std::lock_guard lock(mutex_);
    error_code ignored;
    acceptor_.close(ignored);
  }
  if (sleeper_) sleeper_->cancel();
  on_socket_ = nullptr;
}

// The acceptor itself belongs to the strand, and closing it has to wait its turn there, if anyone runs
// the context at all. A listening socket that is shut down listens no longer, so that another may.
void listener::let_go_of_port() noexcept {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  if (acceptor_.is_open()) ::shutdown(acceptor_.native_handle(), SHUT_RD);
}

void listener::accept() {
  const auto peer = make_strand_of(peers_);
  acceptor_.async_accept(
      peer, [self = shared_from_this()](error_code ec, tcp::socket socket) { self->on_accept(ec, std::move(socket)); });
}

void listener::on_accept(error_code ec, tcp::socket socket) {
  if (!on_socket_ || (ec && ending_)) return;
  if (ec && ec != asio::error::connection_aborted) return pause(ec);
  if (!ec) on_socket_(std::move(socket));
  if (on_socket_) accept();
}

// Out of descriptors or memory (EMFILE, ENFILE, ENOBUFS, ENOMEM), or an error of the network that
// Linux reports here for a connection that is gone (accept(2)): all pass, so the loop outlives them.
void listener::pause(error_code why) {
  log_line(log_, log_level::warning, [&] { return "server: cannot accept for now: " + why.message(); });
  if (!sleeper_) sleeper_ = time_->make_sleeper(strand_);
  sleeper_->wait_until(time_->now() + accept_pause, [weak = weak_from_this()](bool) {
    const auto self = weak.lock();
    if (self && self->on_socket_) self->accept();
  });
}

}  // namespace tautline::detail
