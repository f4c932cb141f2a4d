// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The server of the reconnect measure: ends the connections of several clients in turns, and notes when
// each step of the next connection was done.
#ifndef TAUTLINE_BENCH_RECONNECT_SERVER_HPP
#define TAUTLINE_BENCH_RECONNECT_SERVER_HPP

#include "neutral_session.hpp"
#include "tls.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace bench::reconnect {

enum class drop { reset, close, silence };

struct scenario {
  drop how = drop::reset;
  bool tls = false;
  long queued = 1;  ///< what a client says on each connection, and has queued by the time that it is back
  long rounds = 100, warm_up = 20;
  std::chrono::milliseconds rest{3};  ///< between a message and the next drop
  std::chrono::milliseconds hold{0};  ///< before the upgrade is answered, and taken off the times behind it
};

/// Seconds after the drop; `failed`: the client did not come back.
struct sample {
  double drop = 0;  ///< when, by the clock that all processes share
  double accepted = 0, secured = 0, requested = 0, hello = 0, first = 0, last = 0;
  bool ticket_used = false, failed = false;
};

/// One client's listener, and its present connection.
class lane {
 public:
  lane(const scenario& s, bool session, SSL_CTX* tls) : s_(s), session_(session), tls_(tls) {}

  [[nodiscard]] std::uint16_t port() const noexcept { return door_.port(); }
  [[nodiscard]] bool lost() const noexcept { return lost_; }

  /// Waits for the next connection, until it has said all that was queued.
  sample take(clock::time_point from) {
    sample out;
    out.drop = std::chrono::duration<double>(from.time_since_epoch()).count();
    out.failed = lost_ = !(connect(from, out) && listen(from, out));
    return out;
  }
  /// Answers what the client asks for so long.
  void rest() {
    (void)present_->each_for(s_.rest, [&](unsigned char first, std::string_view payload, std::string_view key) {
      note(first, payload, key);
      return true;
    });
  }
  /// When its end began: silence does with the last byte that the client got.
  clock::time_point end_connection() {
    const auto now = s_.how == drop::silence ? present_->last_sent() : clock::now();
    auto& line = present_->line();
    if (s_.how == drop::silence) {
      silent_ = std::move(present_);
    } else if (s_.how == drop::reset) {
      line.reset();
    } else {
      constexpr std::string_view going_away("\x03\xE9", 2);
      present_->send(frame(0x88, going_away));
      (void)present_->each_for(std::chrono::seconds(1), [](auto...) { return true; });
    }
    present_.reset();
    return now;
  }

 private:
  using timed = std::chrono::duration<double>;

  bool connect(clock::time_point from, sample& out) {
    if (!readable(door_.fd(), std::chrono::seconds(10))) return false;
    wire line(door_.accept(), tls_ == nullptr ? nullptr : SSL_new(tls_));
    out.accepted = timed(clock::now() - from).count();
    if (!line.accept_tls()) return false;
    out.secured = timed(clock::now() - from).count();
    out.ticket_used = line.ssl() != nullptr && SSL_session_reused(line.ssl()) == 1;
    present_ = std::make_unique<neutral_end>(std::move(line));
    if (!present_->read_request()) return false;
    out.requested = timed(clock::now() - from).count();
    ::usleep(static_cast<useconds_t>(std::chrono::microseconds(s_.hold).count()));
    present_->answer(session_ ? "tautline.v1" : "");
    return true;
  }

  bool listen(clock::time_point from, sample& out) {
    long came = 0;
    const auto mark = [&](double& when) { when = timed(clock::now() - from - s_.hold).count(); };
    const bool there = present_->each([&](unsigned char first, std::string_view payload, std::string_view key) {
      if (session_ && (first & 0x0FU) == 1 && out.hello == 0) mark(out.hello);
      if (!note(first, payload, key)) return true;
      if (++came == 1) mark(out.first);
      return came < s_.queued;
    });
    mark(out.last);
    silent_.reset();
    if (session_) present_->send(talk_.ack());
    return there;
  }

  // True for a message of the application's.
  bool note(unsigned char first, std::string_view payload, std::string_view key) {
    return !session_ || talk_.note(*present_, first, payload, key);
  }

  scenario s_;
  bool session_;
  SSL_CTX* tls_;
  listener door_;
  std::unique_ptr<neutral_end> present_, silent_;
  neutral_session talk_;
  bool lost_ = false;
};

/// Tells `fd` a port for each client, and then their samples in turns.
inline void serve(const scenario& s, const std::vector<bool>& sessions, const certificate& own, int fd) {
  const auto tls = own.server_context();
  std::vector<std::unique_ptr<lane>> lanes;
  for (const bool session : sessions) {
    lanes.push_back(std::make_unique<lane>(s, session, s.tls ? tls.get() : nullptr));
    tell(fd, lanes.back()->port());
  }
  for (const auto& l : lanes) (void)l->take(clock::now());
  for (long round = 0; round < s.warm_up + s.rounds; ++round)
    for (const auto& l : lanes) {
      if (!l->lost()) l->rest();
      sample got;
      got.failed = l->lost();
      if (!got.failed) got = l->take(l->end_connection());
      if (round >= s.warm_up) tell(fd, got);
    }
  ::pause();
}

}  // namespace bench::reconnect

#endif
