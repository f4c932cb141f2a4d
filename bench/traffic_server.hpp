// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a run of the traffic measures is to do, the server's side of it, and the floor.
#ifndef TAUTLINE_BENCH_TRAFFIC_SERVER_HPP
#define TAUTLINE_BENCH_TRAFFIC_SERVER_HPP

#include "neutral_session.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace bench::traffic {

/// Who is served as a peer that speaks tautline.v1.
constexpr const char* in_a_session = "tautline session";

struct plan {
  std::string measure, who, way;
  std::size_t size = 64;
  long count = 0;
};

struct outcome {
  double seconds = 0, cpu = 0;
  std::vector<double> round_trips;
};

/// So many times `one`, in large pieces.
template <class Write>
void write_many(const std::string& one, long count, std::size_t piece, Write write) {
  std::string many;
  long in_many = 0;
  for (; many.size() < piece; ++in_many) many += one;
  for (; count >= in_many; count -= in_many) write(std::string_view(many));
  write(std::string_view(many).substr(0, static_cast<std::size_t>(count) * one.size()));
}

/// Sends as far as the client's window allows, and follows its acknowledgements.
inline void send_in_session(neutral_end& end, neutral_session& talk, const plan& p) {
  constexpr std::size_t piece = 256 * 1024;
  const std::string payload(p.size, 'x');
  const auto count = static_cast<std::uint64_t>(p.count);
  std::string many;
  for (std::uint64_t sent = 0; sent < count;) {
    const auto limit = std::min(count, talk.confirmed() + talk.allowed(p.size));
    many.clear();
    while (sent < limit && many.size() < piece) neutral_session::append_data(many, ++sent, payload);
    end.send(many);
    if (sent == limit && sent < count) {
      const auto before = talk.confirmed();
      const bool there = end.each([&](unsigned char first, std::string_view said, std::string_view key) {
        (void)talk.note(end, first, said, key);
        return talk.confirmed() == before;
      });
      if (!there) return;
    }
  }
}

/// Tells `fd` the port, and the seconds between the first message and the last if it receives them.
inline void serve(const plan& p, int fd) {
  const bool session = p.who == in_a_session;
  const listener l;
  tell(fd, l.port());
  neutral_end end(l.accept());
  if (!end.read_request() || !end.answer(session ? "tautline.v1" : "")) return;
  neutral_session talk;
  const auto note = [&](unsigned char first, std::string_view payload, std::string_view key) {
    if (!session) return true;
    const bool of_the_application = talk.note(end, first, payload, key);
    talk.acknowledge_some(end);
    return of_the_application;
  };
  if (p.measure == "send") {
    long seen = 0;
    clock::time_point start;
    end.each([&](unsigned char first, std::string_view payload, std::string_view key) {
      if (!note(first, payload, key)) return true;
      if (seen++ == 0) start = clock::now();
      return seen < p.count;
    });
    tell(fd, seconds_since(start));
    if (p.who == "external") return;
  } else if (p.measure == "receive" && session) {
    (void)end.each([&](auto... one) { return note(one...) || !talk.opened(); });
    send_in_session(end, talk, p);
  } else if (p.measure == "receive") {
    write_many(frame(0x81, std::string(p.size, 'x')), p.count, 256 * 1024, [&](std::string_view v) { end.send(v); });
  } else {
    end.each([&](unsigned char first, std::string_view payload, std::string_view key) {
      end.send(frame(first, neutral_end::unmasked(payload, key)));
      return true;
    });
  }
  end.linger_on();
}

inline void read_exactly(const wire& w, std::size_t bytes) {
  static std::string buffer(std::size_t{1} << 20U, '\0');
  while (bytes > 0) {
    const auto n = w.read(buffer.data(), std::min(bytes, buffer.size()));
    if (n <= 0) std::exit(1);
    bytes -= static_cast<std::size_t>(n);
  }
}

inline std::vector<double> floor_asks(const wire& w, const plan& p) {
  const auto one = masked_frame(0x81, std::string(p.size, 'x'));
  std::vector<double> us;
  for (long i = 0; i < p.count; ++i) {
    const auto start = clock::now();
    w.write(one);
    read_exactly(w, one.size() - 4);
    us.push_back(seconds_since(start) * 1e6);
  }
  return us;
}

/// Frames made beforehand, and nothing looked at.
inline void run_floor(std::uint16_t port, const plan& p, outcome& out) {
  const auto w = connect_to(port);
  const long early = w.fd() < 0 ? -1 : upgrade_blindly(w);
  if (early < 0) std::exit(1);
  out.cpu = cpu_seconds();
  if (p.measure == "send") {
    write_many(masked_frame(0x81, std::string(p.size, 'x')), p.count, 64 * 1024,
               [&](std::string_view v) { w.write(v); });
    out.cpu = cpu_seconds() - out.cpu;
  } else if (p.measure == "receive") {
    const auto all = frame(0x81, std::string(p.size, 'x')).size() * static_cast<std::size_t>(p.count);
    const auto start = clock::now();
    read_exactly(w, all - std::min(all, static_cast<std::size_t>(early)));
    out.seconds = seconds_since(start);
    out.cpu = cpu_seconds() - out.cpu;
  } else {
    out.round_trips = floor_asks(w, p);
  }
}

}  // namespace bench::traffic

#endif
