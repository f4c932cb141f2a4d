// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Accepts TCP connections, and goes on accepting whatever the system says meanwhile.
#ifndef TAUTLINE_SRC_SERVER_LISTENER_HPP
#define TAUTLINE_SRC_SERVER_LISTENER_HPP

#include <tautline/options.hpp>
#include <tautline/time.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

namespace tautline::detail {

/// Everything but the construction happens on `strand`.
class listener : public std::enable_shared_from_this<listener> {
 public:
  /// Each socket comes with a strand of its own, made from `peers`.
  listener(asio::any_io_executor strand, asio::any_io_executor peers, std::shared_ptr<time_service> time,
           log_options log);

  /// Binds and listens; call it before `start`.
  [[nodiscard]] error_code open(const asio::ip::address& address, std::uint16_t port);
  [[nodiscard]] asio::ip::tcp::endpoint local_endpoint() const;

  void start(std::function<void(asio::ip::tcp::socket)> on_socket);
  void stop();
  /// From any thread: the port is free at once. `stop` follows.
  void let_go_of_port() noexcept;

 private:
  void accept();
  void on_accept(error_code ec, asio::ip::tcp::socket socket);
  void pause(error_code why);

  asio::any_io_executor strand_;
  asio::any_io_executor peers_;
  std::shared_ptr<time_service> time_;
  log_options log_;
  std::mutex mutex_;  // of the acceptor's end
  asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> ending_{false};
  std::unique_ptr<sleeper> sleeper_;
  std::function<void(asio::ip::tcp::socket)> on_socket_;
};

}  // namespace tautline::detail

#endif
