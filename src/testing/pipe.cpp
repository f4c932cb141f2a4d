// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One direction of a simulated connection. Bytes move; a frame arrives with its last byte.
#include "testing/pipe.hpp"

#include "testing/network_core.hpp"
#include "testing/wire.hpp"

#include <algorithm>
#include <utility>

namespace tautline::testing::detail {

namespace {

/// RFC 6455, 5.2: two bytes, the extended length, and the client's mask.
std::uint64_t size_on_the_wire(const frame& f, direction way) {
  if (f.what == frame::type::fin) return 0;
  const std::uint64_t length = f.payload.size() + (f.what == frame::type::close && f.code != 0 ? 2U : 0U);
  const std::uint64_t extended = length < 126 ? 0U : (length < 65'536 ? 2U : 8U);
  return 2U + extended + (way == direction::up ? 4U : 0U) + length;
}

}  // namespace

void pipe::append(frame f) {
  if (dead_ || finished_) return;
  framed_ += size_on_the_wire(f, way_);
  f.end = framed_;
  frames_.push_back(std::move(f));
}

void pipe::hand_over() {
  wanted_ = framed_;
  pump();
}

void pipe::finish() {
  if (dead_ || finished_) return;
  finished_ = true;
  while (!frames_.empty() && frames_.back().end > flushed_) frames_.pop_back();
  frame fin(frame::type::fin, {});
  fin.end = framed_ = wanted_ = flushed_;
  frames_.push_back(std::move(fin));
  schedule(flushed_, 0);
}

void pipe::die() {
  dead_ = true;
  frames_.clear();
}

void pipe::resume() {
  acknowledged_ = taken_;
  if (held_ > 0 || finished_) schedule(held_, 0);
  pump();
}

void pipe::put_back(frame f) {
  if (dead_) return;
  held_ = std::max(held_, f.end);
  frames_.push_front(std::move(f));
}

void pipe::stall(duration d) {
  stalled_ = true;
  auto& time = owner_.core().time();
  time.call_at(time.now() + d, [w = owner_.shared_from_this(), this] {
    stalled_ = false;
    arrive(held_);
  });
}

void pipe::taken(std::uint64_t offset) {
  taken_ = std::max(taken_, offset);
  const auto back = way_ == direction::up ? direction::down : direction::up;
  if (owner_.silent(back)) return;
  acknowledged_ = taken_;
  pump();
}

std::uint64_t pipe::room() const noexcept {
  const std::uint64_t window = std::max<std::size_t>(owner_.path().window, 1);
  const auto used = flushed_ - acknowledged_;
  return used < window ? window - used : 0;
}

void pipe::pump() {
  const auto before = flushed_;
  const auto speed = owner_.path().bytes_per_second;
  // On a narrow path small pieces, so that progress shows while a long frame is under way.
  const std::uint64_t piece = speed == 0 ? UINT64_MAX : std::max<std::uint64_t>(speed / 100, 1);
  while (!dead_ && flushed_ < wanted_ && room() > 0) {
    const auto n = std::min({wanted_ - flushed_, room(), piece});
    flushed_ += n;
    schedule(flushed_, n);
  }
  if (flushed_ != before) owner_.progressed(way_);
}

void pipe::schedule(std::uint64_t end, std::uint64_t bytes) {
  auto& core = owner_.core();
  const auto& path = owner_.path();
  line_free_ = std::max(line_free_, core.now());
  if (path.bytes_per_second > 0)
    line_free_ += duration(std::chrono::nanoseconds(bytes * 1'000'000'000U / path.bytes_per_second));
  const auto latency = way_ == direction::up ? path.latency_up : path.latency_down;
  last_arrival_ = std::max(last_arrival_, line_free_ + latency + core.jitter(path.jitter));
  core.time().call_at(last_arrival_, [w = owner_.shared_from_this(), this, end] { arrive(end); });
}

void pipe::arrive(std::uint64_t end) {
  if (dead_) return;
  if (stalled_ || owner_.silent(way_)) {
    held_ = std::max(held_, end);
    return;
  }
  arrived_ = std::max(arrived_, end);
  owner_.bytes_arrived(way_);
  while (!dead_ && !stalled_ && !frames_.empty() && frames_.front().end <= arrived_) {
    auto f = std::move(frames_.front());
    frames_.pop_front();
    owner_.frame_arrived(way_, std::move(f));
  }
}

}  // namespace tautline::testing::detail
