// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One end of a simulated connection: the WebSocket rules of src/transport/connection.hpp, without
// coroutines.
#ifndef TAUTLINE_SRC_TESTING_ENDPOINT_HPP
#define TAUTLINE_SRC_TESTING_ENDPOINT_HPP

#include "testing/pipe.hpp"
#include "testing/wakeup.hpp"
#include "transport/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::testing::detail {

class endpoint {
 public:
  endpoint(std::shared_ptr<virtual_time> time, pipe& in, pipe& out);

  /// A script takes the frames itself, unless it is paused; without one they wait for `take`.
  std::function<void(frame)> script;
  transport::connection_observer* observer = nullptr;
  std::size_t max_message_bytes = SIZE_MAX;
  wakeup readable, closable;

  void bytes_arrived();
  void frame_arrived(frame f);
  void pause() noexcept { paused_ = true; }
  void resume();

  /// Handles control frames and takes at most `max` messages; returns how many.
  std::size_t take(std::vector<message>& out, std::size_t max);
  /// Nothing more will ever be taken: `failure()` says why.
  [[nodiscard]] bool over() const noexcept { return failure_ && inbox_.empty(); }
  [[nodiscard]] error_code failure() const noexcept { return failure_; }

  error_code write(frame f);
  /// Whoever flushes has one meanwhile, and waits on it.
  class flusher {
   public:
    explicit flusher(endpoint& end);
    flusher(const flusher&) = delete;
    flusher& operator=(const flusher&) = delete;
    ~flusher() { std::erase(end_.flushers_, this); }
    wakeup got_on;

   private:
    endpoint& end_;
  };
  [[nodiscard]] bool flushed_to(std::size_t leave) const noexcept { return out_.unflushed() <= leave; }
  void progressed();
  /// False if one was sent before.
  bool send_close(std::uint16_t code, std::string_view reason);
  [[nodiscard]] bool close_sent() const noexcept { return close_sent_; }

  /// The end of the socket, from outside or from here. The first one counts.
  void fail(error_code why);
  void abort();
  /// A FIN; what comes in afterwards is ignored.
  void finish();

  [[nodiscard]] const pipe& in() const noexcept { return in_; }
  [[nodiscard]] const pipe& out() const noexcept { return out_; }
  [[nodiscard]] std::uint16_t close_code() const noexcept { return close_code_; }
  [[nodiscard]] const std::string& close_reason() const noexcept { return close_reason_; }

 private:
  void handle(frame f, std::vector<message>& out);
  void handle_data(frame f, std::vector<message>& out);
  void handle_close(const frame& f);
  void break_off(errc why);
  void end(error_code why);

  std::shared_ptr<virtual_time> time_;
  pipe& in_;
  pipe& out_;
  std::deque<frame> inbox_;
  error_code failure_;
  std::uint16_t close_code_ = 0;
  std::string close_reason_;
  std::vector<flusher*> flushers_;
  bool news_ = false, paused_ = false, close_sent_ = false;
};

}  // namespace tautline::testing::detail

#endif
