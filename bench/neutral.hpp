// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The peer that all clients meet: a small blocking WebSocket server without any library's help, much
// faster than they are. It runs in a process of its own and measures there.
#ifndef TAUTLINE_BENCH_NEUTRAL_HPP
#define TAUTLINE_BENCH_NEUTRAL_HPP

#include "measure.hpp"

#include <openssl/evp.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace bench {

class listener {
 public:
  listener() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&a), sizeof(a)) != 0 || ::listen(fd_, 128) != 0) ::_exit(1);
    socklen_t size = sizeof(a);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&a), &size);
    port_ = ntohs(a.sin_port);
  }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] int accept() const {
    const int fd = ::accept(fd_, nullptr, nullptr);
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

inline void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
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

/// An unmasked frame, as a server sends it.
[[nodiscard]] inline std::string frame(unsigned char first, std::string_view payload) {
  std::string out(1, static_cast<char>(first));
  const auto n = payload.size();
  if (n < 126) {
    out += static_cast<char>(n);
  } else {
    const int bytes = n < 65536 ? 2 : 8;
    out += static_cast<char>(bytes == 2 ? 126 : 127);
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>((n >> (8 * i)) & 0xFFU);
  }
  return out.append(payload);
}

/// One connection of the neutral server: frames in, frames out.
class neutral_end {
 public:
  /// Upgrades; false: the peer left.
  explicit neutral_end(int fd) : fd_(fd) {
    buffer_.resize(std::size_t{1} << 20U);
    while (view().find("\r\n\r\n") == std::string_view::npos)
      if (!more()) return;
    constexpr std::string_view field = "Sec-WebSocket-Key: ";
    auto text = view();
    auto at = text.find(field);
    if (at == std::string_view::npos) at = text.find("sec-websocket-key: ");
    const auto key = text.substr(at + field.size(), 24);
    write_all(
        fd_, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                 accept_key(std::string(key)) + "\r\n\r\n");
    begin_ += text.find("\r\n\r\n") + 4;
    open_ = true;
  }
  neutral_end(const neutral_end&) = delete;
  neutral_end& operator=(const neutral_end&) = delete;
  ~neutral_end() { ::close(fd_); }

  [[nodiscard]] bool open() const noexcept { return open_; }

  /// Calls `f(first byte, masked payload, key)` for each data frame, answers pings, until `f` returns
  /// false or the peer leaves (false).
  template <class F>
  bool each(F f) {
    for (;;) {
      const auto v = view();
      std::size_t head = 2, size = v.size() < 2 ? 0 : static_cast<unsigned char>(v[1]) & 0x7FU;
      if (v.size() >= 2 && size >= 126) {
        const std::size_t more_bytes = size == 126 ? 2 : 8;
        head += more_bytes;
        size = 0;
        for (std::size_t i = 0; i < more_bytes && 2 + i < v.size(); ++i)
          size = (size << 8U) | static_cast<unsigned char>(v[2 + i]);
      }
      head += 4;
      if (v.size() < head || v.size() < head + size) {
        if (!more()) return false;
        continue;
      }
      const auto first = static_cast<unsigned char>(v[0]);
      const auto payload = v.substr(head, size);
      const auto key = v.substr(head - 4, 4);
      begin_ += head + size;
      if ((first & 0x0FU) == 9) {
        write_all(fd_, frame(0x8A, unmasked(payload, key)));
      } else if ((first & 0x0FU) == 8) {
        write_all(fd_, frame(0x88, unmasked(payload, key)));
        return false;
      } else if ((first & 0x0FU) < 3 && !f(first, payload, key)) {
        return true;
      }
    }
  }

  [[nodiscard]] static std::string unmasked(std::string_view payload, std::string_view key) {
    std::string out(payload);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ key[i % 4]);
    return out;
  }

  void send(std::string_view frames) const { write_all(fd_, frames); }
  void reset() const {
    const linger l{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
  }
  /// Until the peer has gone.
  void linger_on() {
    (void)each([](unsigned char, std::string_view, std::string_view) { return true; });
  }

 private:
  [[nodiscard]] std::string_view view() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }
  bool more() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == buffer_.size()) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    const auto n = ::recv(fd_, buffer_.data() + end_, buffer_.size() - end_, 0);
    if (n <= 0) return false;
    end_ += static_cast<std::size_t>(n);
    return true;
  }

  int fd_;
  bool open_ = false;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace bench

#endif
