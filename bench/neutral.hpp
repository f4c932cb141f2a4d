// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The peer that all clients meet: a small blocking WebSocket server without any library's help, much
// faster than they are. It runs in a process of its own and measures there.
#ifndef TAUTLINE_BENCH_NEUTRAL_HPP
#define TAUTLINE_BENCH_NEUTRAL_HPP

#include "wire.hpp"

namespace bench {

/// One connection of the neutral server: frames in, frames out.
class neutral_end {
 public:
  explicit neutral_end(wire w) : wire_(std::move(w)) { buffer_.resize(std::size_t{1} << 20U); }
  explicit neutral_end(int fd) : neutral_end(wire(fd)) {}
  neutral_end(const neutral_end&) = delete;
  neutral_end& operator=(const neutral_end&) = delete;

  /// False: the peer left.
  [[nodiscard]] bool upgrade() { return read_request() && answer(); }

  /// The two halves of it.
  [[nodiscard]] bool read_request() {
    while (view().find("\r\n\r\n") == std::string_view::npos)
      if (!more()) return false;
    return true;
  }
  bool answer(std::string_view subprotocol = {}) {
    constexpr std::string_view field = "Sec-WebSocket-Key: ";
    const auto text = view();
    auto at = text.find(field);
    if (at == std::string_view::npos) at = text.find("sec-websocket-key: ");
    const auto key = text.substr(at + field.size(), 24);
    std::string out =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
        accept_key(std::string(key));
    if (!subprotocol.empty()) out.append("\r\nSec-WebSocket-Protocol: ").append(subprotocol);
    begin_ += text.find("\r\n\r\n") + 4;
    return wire_.write(out.append("\r\n\r\n"));
  }

  /// Calls `f(first byte, masked payload, key)` for each data frame, answers pings, until `f` returns
  /// false or the peer leaves (false).
  template <class F>
  bool each(F f) {
    for (;;) {
      switch (next(f)) {
        case step::stopped: return true;
        case step::left: return false;
        case step::went_on: break;
        case step::incomplete:
          if (!more()) return false;
      }
    }
  }

  /// The same for so long; false: the peer left.
  template <class F>
  bool each_for(std::chrono::milliseconds most, F f) {
    const auto until = clock::now() + most;
    for (;;) {
      switch (next(f)) {
        case step::stopped: return true;
        case step::left: return false;
        case step::went_on: break;
        case step::incomplete: {
          const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now());
          if (rest.count() <= 0 || !wire_.wait(rest)) return true;
          if (!more()) return false;
        }
      }
    }
  }

  [[nodiscard]] static std::string unmasked(std::string_view payload, std::string_view key) {
    std::string out(payload);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ key[i % 4]);
    return out;
  }

  void send(std::string_view frames) {
    owed_ += frames;
    pay();
  }
  /// Goes out once all that has come is read: what stands right behind a question need not wait for its answer.
  void owe(std::string_view frames) { owed_ += frames; }
  [[nodiscard]] clock::time_point last_sent() const noexcept { return last_sent_; }
  [[nodiscard]] wire& line() noexcept { return wire_; }
  /// Until the peer has gone.
  void linger_on() {
    (void)each([](unsigned char, std::string_view, std::string_view) { return true; });
  }

 private:
  enum class step { went_on, stopped, left, incomplete };

  template <class F>
  step next(F& f) {
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
      pay();
      return step::incomplete;
    }
    const auto first = static_cast<unsigned char>(v[0]);
    const auto payload = v.substr(head, size);
    const auto key = v.substr(head - 4, 4);
    begin_ += head + size;
    if ((first & 0x0FU) == 9) {
      send(frame(0x8A, unmasked(payload, key)));
    } else if ((first & 0x0FU) == 8) {
      send(frame(0x88, unmasked(payload, key)));
      return step::left;
    } else if ((first & 0x0FU) < 3 && !f(first, payload, key)) {
      return step::stopped;
    }
    return step::went_on;
  }

  void pay() {
    if (owed_.empty()) return;
    wire_.write(owed_);
    owed_.clear();
    last_sent_ = clock::now();
  }

  [[nodiscard]] std::string_view view() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }
  bool more() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == buffer_.size()) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    const auto n = wire_.read(buffer_.data() + end_, buffer_.size() - end_);
    if (n <= 0) return false;
    end_ += static_cast<std::size_t>(n);
    return true;
  }

  wire wire_;
  clock::time_point last_sent_ = clock::now();
  std::string buffer_, owed_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace bench

#endif
