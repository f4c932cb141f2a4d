// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What Beast's WebSocket stream takes for its socket: memory. Everything Beast does here is
// synchronous and cannot block; the codec sees to it that it never asks for a byte that is not
// there, because Beast gives a stream up that runs dry in the middle of a frame.
#ifndef TAUTLINE_SRC_TRANSPORT_BEAST_PORT_HPP
#define TAUTLINE_SRC_TRANSPORT_BEAST_PORT_HPP

#include "transport/random_bytes.hpp"
#include "transport/wire.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/core/role.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

namespace tautline::transport {

/// The end that Beast reads from and writes to.
class beast_port {
 public:
  explicit beast_port(wire& w) : wire_(w) {}

  /// Beast may read `n` more bytes of the wire's input.
  void open_gate(std::size_t n) noexcept { gate_ = n; }

  /// Beast opens its client role only through its own HTTP exchange. The real one has been held
  /// already, so this end plays a server that gives the same answer.
  void rehearse(std::string extensions) {
    rehearsing_ = true;
    extensions_ = std::move(extensions);
  }
  void end_rehearsal() {
    rehearsing_ = false;
    script_ = std::string();
    extensions_ = std::string();
  }

  std::size_t read(char* to, std::size_t size, error_code& ec) {
    const auto from = rehearsing_ ? answer() : wire_.input();
    const std::size_t n = std::min({size, from.size(), gate_});
    if (n == 0) {
      ec = asio::error::would_block;
      return 0;
    }
    std::memcpy(to, from.data(), n);
    if (rehearsing_) {
      script_.erase(0, n);
    } else {
      wire_.consume(n);
      gate_ -= n;
    }
    return n;
  }

  void write(const char* from, std::size_t size) {
    if (rehearsing_) {
      script_.append(from, size);
      return;
    }
    wire_.put(from, size);
    written_ += size;
  }

  [[nodiscard]] std::size_t written() const noexcept { return written_; }

 private:
  // Turns the request that was recorded into its answer, once.
  std::span<char> answer() {
    static constexpr std::string_view key_field = "Sec-WebSocket-Key: ";
    const auto at = script_.find(key_field);
    if (at != std::string::npos) {
      const auto begin = at + key_field.size();
      const std::string key = script_.substr(begin, script_.find('\r', begin) - begin);
      script_ =
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: " +
          websocket_accept(key) + "\r\n";
      if (!extensions_.empty()) script_ += "Sec-WebSocket-Extensions: " + extensions_ + "\r\n";
      script_ += "\r\n";
      gate_ = script_.size();
    }
    return {script_.data(), script_.size()};
  }

  wire& wire_;
  std::size_t gate_ = 0;
  std::size_t written_ = 0;
  bool rehearsing_ = false;
  std::string script_, extensions_;
};

/// The stream type that Beast asks for (SyncStream), over the port.
class beast_layer {
 public:
  using executor_type = asio::any_io_executor;

  beast_layer(beast_port& port, executor_type executor) : port_(&port), executor_(std::move(executor)) {}

  executor_type get_executor() const noexcept { return executor_; }

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, error_code& ec) {
    ec = {};
    std::size_t total = 0;
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers); ++it) {
      const asio::mutable_buffer b = *it;
      if (b.size() == 0) continue;
      const std::size_t n = port_->read(static_cast<char*>(b.data()), b.size(), ec);
      total += n;
      if (n < b.size()) break;
    }
    if (total != 0) ec = {};
    return total;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    error_code ec;
    const std::size_t n = read_some(buffers, ec);
    if (ec) throw boost::system::system_error(ec);
    return n;
  }

  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, error_code& ec) {
    ec = {};
    std::size_t total = 0;
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers); ++it) {
      const asio::const_buffer b = *it;
      port_->write(static_cast<const char*>(b.data()), b.size());
      total += b.size();
    }
    return total;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    error_code ec;
    return write_some(buffers, ec);
  }

  // Closing the socket is the connection's business, not Beast's.
  friend void teardown(boost::beast::role_type, beast_layer&, error_code& ec) { ec = {}; }
  friend void beast_close_socket(beast_layer&) {}

 private:
  beast_port* port_;
  executor_type executor_;
};

}  // namespace tautline::transport

#endif
