// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A server of tautline's whose connections can be reset under it, as if the network had done it.
#ifndef TAUTLINE_BENCH_RESETTABLE_HPP
#define TAUTLINE_BENCH_RESETTABLE_HPP

#include <tautline/tautline.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <utility>

namespace bench {

/// It has a listener of our own, and the socket of the present connection once more.
class resettable_server {
 public:
  resettable_server(boost::asio::io_context& io, const tautline::server_options& o)
      : listener_(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)), server_(io.get_executor(), o) {}

  [[nodiscard]] tautline::server& server() noexcept { return server_; }
  [[nodiscard]] std::uint16_t port() const { return listener_.local_endpoint().port(); }

  /// Hands each socket that comes to the server, after it has called `note()`.
  template <class Note>
  boost::asio::awaitable<void> take_sockets(Note note) {
    for (;;) {
      auto socket = co_await listener_.async_accept(boost::asio::use_awaitable);
      note();
      under_it_ = ::dup(socket.native_handle());
      server_.adopt(std::move(socket));
    }
  }

  /// To connect to nowhere resets a connection, whoever else has it open.
  void reset() {
    sockaddr nowhere{};
    nowhere.sa_family = AF_UNSPEC;
    if (::connect(under_it_, &nowhere, sizeof nowhere) != 0) std::abort();
    ::close(std::exchange(under_it_, -1));
  }

 private:
  using tcp = boost::asio::ip::tcp;
  tcp::acceptor listener_;
  tautline::server server_;
  int under_it_ = -1;
};

}  // namespace bench

#endif
