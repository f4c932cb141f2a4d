// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Confirmation in plain mode: which pings are out, and what their pongs prove.
#include "delivery/barrier.hpp"

#include <algorithm>

namespace tautline::delivery {

namespace {

void append_hex(std::string& out, std::uint64_t value) {
  static constexpr char digits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(digits[(value >> shift) & 15U]);
}

}  // namespace

barrier::barrier(duration interval, std::size_t quarter_messages, std::size_t quarter_bytes)
    : interval_(interval), quarter_messages_(quarter_messages), quarter_bytes_(quarter_bytes) {}

void barrier::reset(std::uint64_t salt) {
  salt_ = salt;
  last_number_ = 0;
  covered_ = 0;
  answered_ = 0;
  last_placed_.reset();
  pings_.clear();
}

bool barrier::due(time_point now, std::uint64_t last_written, const outbox_size& size, bool closing) const noexcept {
  if (last_written <= covered_ || outstanding()) return false;
  if (closing || !last_placed_) return true;
  if (size.unconfirmed_messages > quarter_messages_ || size.unconfirmed_bytes > quarter_bytes_) return true;
  return now - *last_placed_ >= interval_;
}

time_point barrier::next(std::uint64_t last_written) const noexcept {
  if (last_written <= covered_ || outstanding()) return time_point::max();
  return last_placed_ ? *last_placed_ + interval_ : time_point();
}

std::string barrier::payload_of(std::uint64_t number) const {
  std::string payload;
  payload.reserve(32);
  append_hex(payload, salt_);
  append_hex(payload, number);
  return payload;
}

std::string barrier::place(time_point now, std::uint64_t last_written) {
  // A peer that answers none must not make this grow. The oldest is kept: it says since when one waits.
  if (pings_.size() == most_remembered) pings_.erase(pings_.begin() + 1);
  covered_ = std::max(covered_, last_written);
  last_placed_ = now;
  pings_.push_back({++last_number_, covered_, now});
  return payload_of(last_number_);
}

std::optional<barrier::answer> barrier::on_pong(std::string_view payload, time_point now) {
  const auto found =
      std::find_if(pings_.begin(), pings_.end(), [&](const ping& p) { return payload == payload_of(p.number); });
  if (found == pings_.end()) return std::nullopt;
  answer a;
  a.confirmed = found->covers;
  a.round_trip = now - found->placed;
  pings_.erase(pings_.begin(), found + 1);
  ++answered_;
  return a;
}

bool barrier::outstanding() const noexcept { return !pings_.empty(); }

std::optional<time_point> barrier::waiting_since() const noexcept {
  if (pings_.empty()) return std::nullopt;
  return pings_.front().placed;
}

std::uint64_t barrier::answered() const noexcept { return answered_; }

}  // namespace tautline::delivery
