// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A connection for the session model: bytes in order, both ways, that may end between any two of them.
#ifndef TAUTLINE_TEST_DELIVERY_SESSION_MODEL_WIRE_HPP
#define TAUTLINE_TEST_DELIVERY_SESSION_MODEL_WIRE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tautline::delivery::model {

/// Where the story of a run is told; null: nowhere.
inline std::ostream* story = nullptr;

template <class... Words>
void tell(const Words&... words) {
  if (story) ((*story << "  ") << ... << words) << '\n';
}

/// Breaks the run off; the test says which it was.
inline void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

class chance {
 public:
  explicit chance(std::uint64_t seed) : random_(seed * 2'654'435'761U + 1) {}
  /// These bytes decide first, two at a time.
  explicit chance(std::string_view bytes) : chance(bytes.size()) { decided_ = bytes; }

  std::uint64_t below(std::uint64_t n) { return next() % n; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t next() {
    if (decided_.size() < 2) return random_();
    const auto low = static_cast<unsigned char>(decided_[0]), high = static_cast<unsigned char>(decided_[1]);
    decided_.remove_prefix(2);
    return low + 256U * high;
  }

  std::mt19937_64 random_;
  std::string_view decided_;
};

class wire {
 public:
  enum side : unsigned char { client, server };
  struct frame {
    bool text = false;
    std::string body;
  };

  void write(side from, bool text, std::string_view body) {
    if (gone_[from] || gone_[other(from)]) return;
    std::string& flying = lanes_[other(from)].flying;
    flying.push_back(text ? 't' : 'b');
    flying.push_back(static_cast<char>(body.size() & 0xff));
    flying.push_back(static_cast<char>(body.size() >> 8));
    flying.append(body);
  }

  /// Bytes that have arrived so far reach their reader.
  void carry(side to, std::size_t bytes) {
    lane& l = lanes_[to];
    bytes = std::min(bytes, l.flying.size());
    l.arrived.append(l.flying, 0, bytes);
    l.flying.erase(0, bytes);
  }

  /// The next message that has arrived whole.
  std::optional<frame> read(side at) {
    std::string& in = lanes_[at].arrived;
    if (in.size() < 3) return std::nullopt;
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(in[1])) |
                      static_cast<std::size_t>(static_cast<unsigned char>(in[2])) << 8;
    if (in.size() < 3 + size) return std::nullopt;
    frame f;
    f.text = in[0] == 't';
    f.body = in.substr(3, size);
    in.erase(0, 3 + size);
    return f;
  }

  /// This side is gone. Of what it wrote, so many bytes still arrive; it reads no more.
  void leave(side who, std::size_t still_arrive) {
    gone_[who] = true;
    lanes_[who] = lane();
    std::string& flying = lanes_[other(who)].flying;
    flying.resize(std::min(flying.size(), still_arrive));
  }

  [[nodiscard]] bool left(side who) const { return gone_[who]; }
  [[nodiscard]] std::size_t flying(side to) const { return lanes_[to].flying.size(); }
  /// The other side is gone, and all that still came was carried.
  [[nodiscard]] bool ended(side at) const { return gone_[other(at)] && lanes_[at].flying.empty(); }

 private:
  struct lane {
    std::string flying, arrived;
  };
  static side other(side s) { return s == client ? server : client; }

  std::array<lane, 2> lanes_;  // by reader
  std::array<bool, 2> gone_{};
};

}  // namespace tautline::delivery::model

#endif
