// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A byte stream straight over TCP.
#include "transport/byte_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#if defined(__linux__)
#include <linux/sockios.h>
#include <sys/ioctl.h>
#endif

#include <array>
#include <utility>

namespace tautline::transport {
namespace {

using asio::ip::tcp;

class tcp_stream final : public byte_stream {
 public:
  explicit tcp_stream(tcp::socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
  }

  asio::awaitable<read_outcome> async_read_some(read_target& target) override {
    for (;;) {
      auto waited = co_await socket_.async_wait(tcp::socket::wait_read, asio::as_tuple(asio::use_awaitable));
      if (std::get<0>(waited)) co_return read_outcome(std::get<0>(waited), 0);

      const auto room = target.room();
      error_code ec;
      const std::size_t n = socket_.read_some(asio::buffer(room.data(), room.size()), ec);
      if (ec == asio::error::would_block || ec == asio::error::try_again) continue;
      co_return read_outcome(ec, n);
    }
  }

  void start_write(std::span<const char> data, std::shared_ptr<write_listener> listener) override {
    auto done = [listener = std::move(listener)](error_code ec, std::size_t n) { listener->on_written(ec, n); };
    const auto bytes = asio::buffer(data.data(), data.size());
    if (!elsewhere_) return socket_.async_write_some(bytes, std::move(done));
    socket_.async_write_some(bytes, asio::bind_executor(elsewhere_, std::move(done)));
  }

  void move_to(const asio::any_io_executor& executor) override { elsewhere_ = executor; }

  asio::awaitable<void> async_shutdown() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    co_return;
  }

  std::size_t unacknowledged() const noexcept override { return bytes_in_flight(socket_); }
  void reset_on_close() noexcept override { make_close_reset(socket_); }
  void close() noexcept override { close_gently(socket_); }

 private:
  tcp::socket socket_;
  asio::any_io_executor elsewhere_;  ///< empty: the socket's own
};

}  // namespace

std::unique_ptr<byte_stream> make_tcp_stream(tcp::socket socket) {
  return std::make_unique<tcp_stream>(std::move(socket));
}

void close_gently(tcp::socket& socket) noexcept {
  if (!socket.is_open()) return;
  error_code ec;
  socket.shutdown(tcp::socket::shutdown_send, ec);
  // A connection that the peer has reset is gone already.
  if (!ec) socket.non_blocking(true, ec);
  // Bounded: a peer that keeps sending does not keep this side reading.
  constexpr int most_reads = 64;
  std::array<char, 4096> discarded;
  for (int i = 0; i < most_reads && !ec; ++i) {
    if (socket.read_some(asio::buffer(discarded), ec) == 0) break;
  }
  socket.close(ec);
}

std::size_t bytes_in_flight([[maybe_unused]] const tcp::socket& socket) noexcept {
#if defined(__linux__)
  // Asking for the handle changes nothing, but is no const function.
  int count = 0;
  if (::ioctl(const_cast<tcp::socket&>(socket).native_handle(), SIOCOUTQ, &count) == 0 && count > 0)
    return static_cast<std::size_t>(count);
#endif
  return 0;
}

void make_close_reset(tcp::socket& socket) noexcept {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
}

}  // namespace tautline::transport
