// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Blocking sockets without any library's help, with TLS or without: what the neutral server and the
// floors are made of.
#ifndef TAUTLINE_BENCH_WIRE_HPP
#define TAUTLINE_BENCH_WIRE_HPP

#include "measure.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace bench {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = htons(port);
  return a;
}

inline void no_delay(int fd) {
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/// False: nothing to read before the time is up.
[[nodiscard]] inline bool readable(int fd, std::chrono::milliseconds within) {
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, static_cast<int>(within.count())) > 0;
}

class listener {
 public:
  explicit listener(int backlog = 128) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    auto a = loopback(0);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&a), sizeof(a)) != 0 || ::listen(fd_, backlog) != 0) ::_exit(1);
    socklen_t size = sizeof(a);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&a), &size);
    port_ = ntohs(a.sin_port);
  }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] int accept() const {
    const int fd = ::accept(fd_, nullptr, nullptr);
    no_delay(fd);
    return fd;
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

/// A connected socket, with TLS on it if `ssl` is given.
class wire {
 public:
  explicit wire(int fd = -1, SSL* ssl = nullptr) : fd_(fd), ssl_(ssl) {
    if (ssl_ != nullptr) SSL_set_fd(ssl_, fd_);
  }
  wire(wire&& other) noexcept : fd_(std::exchange(other.fd_, -1)), ssl_(std::exchange(other.ssl_, nullptr)) {}
  wire& operator=(wire&&) = delete;
  ~wire() { close(); }

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] SSL* ssl() const noexcept { return ssl_; }
  [[nodiscard]] bool accept_tls() { return ssl_ == nullptr || SSL_accept(ssl_) == 1; }
  [[nodiscard]] bool connect_tls() { return ssl_ == nullptr || SSL_connect(ssl_) == 1; }

  /// 0 or less: the peer has gone.
  [[nodiscard]] long read(char* to, std::size_t size) const {
    return ssl_ == nullptr ? ::recv(fd_, to, size, 0) : SSL_read(ssl_, to, static_cast<int>(size));
  }
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const long n = ssl_ == nullptr ? ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                     : SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  [[nodiscard]] bool wait(std::chrono::milliseconds most) const {
    return (ssl_ != nullptr && SSL_pending(ssl_) > 0) || readable(fd_, most);
  }
  void close() {
    SSL_free(std::exchange(ssl_, nullptr));
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void reset() {
    const linger l{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
    close();
  }

 private:
  int fd_;
  SSL* ssl_;
};

/// Not connected: `fd()` is negative.
[[nodiscard]] inline wire connect_to(std::uint16_t port, SSL* ssl = nullptr) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const auto a = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof(a)) != 0) {
    ::close(fd);
    SSL_free(ssl);
    return wire();
  }
  no_delay(fd);
  return wire(fd, ssl);
}

[[nodiscard]] inline std::string accept_key(std::string key) {
  key += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(key.data(), key.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::string out(29, '\0');
  out.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), digest.data(), static_cast<int>(digest.size()))));
  return out;
}

/// What stands in front of a server's payload of `n` bytes.
inline void append_frame_head(std::string& out, unsigned char first, std::size_t n) {
  out += static_cast<char>(first);
  if (n < 126) {
    out += static_cast<char>(n);
    return;
  }
  const int bytes = n < 65536 ? 2 : 8;
  out += static_cast<char>(bytes == 2 ? 126 : 127);
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>((n >> (8 * i)) & 0xFFU);
}

/// An unmasked frame, as a server sends it.
[[nodiscard]] inline std::string frame(unsigned char first, std::string_view payload) {
  std::string out;
  append_frame_head(out, first, payload.size());
  return out.append(payload);
}

/// A frame as a client sends it, under a key of zeros.
[[nodiscard]] inline std::string masked_frame(unsigned char first, std::string_view payload) {
  auto f = frame(first, payload);
  f[1] = static_cast<char>(static_cast<unsigned char>(f[1]) | 0x80U);
  f.insert(f.size() - payload.size(), 4, '\0');
  return f;
}

/// The client's side of the upgrade, looking at nothing but the end of the answer. How many bytes came
/// behind it; -1: the server has gone.
[[nodiscard]] inline long upgrade_blindly(const wire& w) {
  constexpr std::string_view request =
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  if (!w.write(request)) return -1;
  std::string answer(1024, '\0');
  for (std::size_t got = 0; got < answer.size();) {
    const auto n = w.read(answer.data() + got, answer.size() - got);
    if (n <= 0) return -1;
    got += static_cast<std::size_t>(n);
    const auto end = std::string_view(answer).substr(0, got).find("\r\n\r\n");
    if (end != std::string_view::npos) return static_cast<long>(got - end - 4);
  }
  return -1;
}

}  // namespace bench

#endif
