// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One direction of a simulated connection: framed, handed to the operating system, under way,
// arrived, taken by the receiver.
#ifndef TAUTLINE_SRC_TESTING_PIPE_HPP
#define TAUTLINE_SRC_TESTING_PIPE_HPP

#include <tautline/config.hpp>
#include <tautline/error.hpp>
#include <tautline/message.hpp>
#include <tautline/testing/direction.hpp>
#include <tautline/testing/simulated_network.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace tautline::testing::detail {

struct frame {
  enum class type : unsigned char { text, binary, ping, pong, close, fin, invalid };
  frame() = default;
  frame(type t, std::string p, std::uint16_t c = 0) : what(t), payload(std::move(p)), code(c) {}
  type what = type::text;
  std::string payload;
  std::uint16_t code = 0;  ///< of a close
  errc fault{};            ///< of an invalid one
  std::uint64_t end = 0;   ///< where in the stream of bytes it ends
};

class wire;

class pipe {
 public:
  pipe(wire& owner, direction way) noexcept : owner_(owner), way_(way) {}

  /// Into the sender's memory.
  void append(frame f);
  /// Everything framed up to now may go to the operating system, as the window allows.
  void hand_over();
  [[nodiscard]] bool has_more_to_hand_over() const noexcept { return framed_ != wanted_; }
  /// A FIN behind what has been handed over; what has not is gone.
  void finish();
  /// Nothing arrives any more.
  void die();
  /// After a black hole: TCP sends again.
  void resume();
  /// For so long nothing arrives; then all of it.
  void stall(duration d);
  /// It has arrived, and is to arrive again.
  void put_back(frame f);
  /// The receiver has taken everything up to there.
  void taken(std::uint64_t offset);

  [[nodiscard]] std::size_t unflushed() const noexcept { return static_cast<std::size_t>(framed_ - flushed_); }
  [[nodiscard]] std::uint64_t flushed() const noexcept { return flushed_; }
  [[nodiscard]] std::uint64_t arrived() const noexcept { return arrived_; }
  [[nodiscard]] std::uint64_t took() const noexcept { return taken_; }

 private:
  void pump();
  void schedule(std::uint64_t end, std::uint64_t bytes);
  void arrive(std::uint64_t end);
  [[nodiscard]] std::uint64_t room() const noexcept;

  wire& owner_;
  direction way_;
  std::deque<frame> frames_;  ///< framed and not arrived
  std::uint64_t framed_ = 0, wanted_ = 0, flushed_ = 0, arrived_ = 0, taken_ = 0, acknowledged_ = 0;
  std::uint64_t held_ = 0;  ///< reached the black hole
  time_point line_free_{}, last_arrival_{};
  bool dead_ = false, finished_ = false, stalled_ = false;
};

}  // namespace tautline::testing::detail

#endif
