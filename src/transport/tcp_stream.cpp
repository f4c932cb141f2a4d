// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A byte stream straight over TCP.
#include "transport/byte_stream.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#if defined(__linux__)
#include <linux/sockios.h>
#include <sys/ioctl.h>
#endif

#include <array>
#include <cstring>
#include <utility>

namespace tautline::transport {
namespace {

using asio::ip::tcp;

// What a connection reads into while its peer is silent: a small message, a pong or a plain upgrade whole,
// or the beginning of more. To wait for the socket without a buffer would cost a system call of its own.
struct first_bytes {
  std::array<char, 256> data;
  error_code late;  ///< met behind them, and told at the next read
};

template <class Handler>
class read_operation {
 public:
  using executor_type = asio::associated_executor_t<Handler, tcp::socket::executor_type>;

  read_operation(tcp::socket& socket, first_bytes& first, read_target& target, Handler handler)
      : socket_(&socket), first_(&first), target_(&target), handler_(std::move(handler)) {}

  executor_type get_executor() const noexcept {
    return asio::get_associated_executor(handler_, socket_->get_executor());
  }

  void start() {
    const auto executor = get_executor();
    const error_code late = std::exchange(first_->late, error_code());
    if (late) return asio::post(executor, [self = std::move(*this), late]() mutable { self(late, 0); });
    auto& socket = *socket_;
    const auto to = asio::buffer(first_->data);
    socket.async_read_some(to, std::move(*this));
  }

  void operator()(error_code ec, std::size_t n) {
    if (n != 0) {
      const auto room = target_->room(n);
      std::memcpy(room.data(), first_->data.data(), n);
      if (n == first_->data.size()) n += read_on(room.subspan(n));
    }
    const read_outcome told = target_->took(read_outcome(ec, n));
    std::move(handler_)(told);
  }

 private:
  std::size_t read_on(std::span<char> room) {
    if (room.empty()) return 0;
    error_code ec;
    const std::size_t n = socket_->read_some(asio::buffer(room.data(), room.size()), ec);
    if (ec && ec != asio::error::would_block && ec != asio::error::try_again) first_->late = ec;
    return n;
  }

  tcp::socket* socket_;
  first_bytes* first_;
  read_target* target_;
  Handler handler_;
};

class tcp_stream final : public byte_stream {
 public:
  explicit tcp_stream(tcp::socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
  }

  asio::awaitable<read_outcome> async_read_some(read_target& target) override {
    auto initiate = [](auto handler, tcp_stream* self, read_target* to) {
      read_operation<decltype(handler)>(self->socket_, self->first_, *to, std::move(handler)).start();
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(read_outcome)>(std::move(initiate),
                                                                                   asio::use_awaitable, this, &target);
  }

  std::size_t write_now(std::span<const char> data) override {
    error_code would_block;
    return socket_.write_some(asio::buffer(data.data(), data.size()), would_block);
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
  first_bytes first_;
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
