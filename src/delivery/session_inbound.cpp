// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "delivery/session_inbound.hpp"

#include <algorithm>

namespace tautline::delivery {
namespace {

constexpr std::uint64_t largest_window = std::uint64_t{1} << 62;  // twice that still fits

session_window capped(session_window w) {
  return {std::min(w.messages, largest_window), std::min(w.bytes, largest_window)};
}

bool half_of(std::uint64_t window, std::uint64_t used) noexcept { return used > 0 && used >= window - window / 2; }

}  // namespace

session_inbound::session_inbound(session_window window) : window_(capped(window)) {}

std::uint64_t session_inbound::recv() const noexcept { return waiting_.empty() ? accepted_ : waiting_.front().seq - 1; }

session_inbound::verdict session_inbound::on_data(const data_head& head, std::size_t payload, time_point now) {
  if (head.is_void) return on_void(head, now);
  if (head.seq <= accepted_) {
    ++duplicates_;
    return verdict::duplicate;
  }
  if (head.seq - accepted_ != 1) return verdict::gap;
  if (!has_room_for(payload)) return verdict::too_much;
  waiting w;
  w.seq = accepted_ = head.seq;
  w.bytes = payload;
  waiting_.push_back(w);
  waiting_bytes_ += payload;
  return verdict::deliver;
}

session_inbound::verdict session_inbound::on_void(const data_head& head, time_point now) {
  const std::uint64_t last = head.seq + (head.count - 1);
  if (head.seq > accepted_ && head.seq - accepted_ != 1) return verdict::gap;
  if (last <= accepted_) return verdict::duplicate;
  accepted_ = last;
  start_clock(now);
  return verdict::voided;
}

// A peer that has not heard this window yet keeps to the one before the first welcome.
bool session_inbound::has_room_for(std::size_t payload) const noexcept {
  const session_window before_welcome;
  const std::uint64_t messages = waiting_.size() + fresh_messages_;
  const std::uint64_t bytes = waiting_bytes_ + fresh_bytes_;
  return messages == 0 || (messages < 2 * std::max(window_.messages, before_welcome.messages) &&
                           bytes + payload <= 2 * std::max(window_.bytes, before_welcome.bytes));
}

void session_inbound::take_front(time_point now) {
  const waiting& w = waiting_.front();
  ++fresh_messages_;
  fresh_bytes_ += w.bytes;
  waiting_bytes_ -= w.bytes;
  waiting_.pop_front();
  start_clock(now);
}

void session_inbound::start_clock(time_point now) noexcept {
  if (due_ == time_point::max() && anything_to_say()) due_ = now + ack_delay;
}

void session_inbound::taken_over(std::uint64_t seq, time_point now) {
  while (!waiting_.empty() && (waiting_.front().seq <= seq || waiting_.front().taken)) take_front(now);
}

void session_inbound::acknowledged(std::uint64_t seq, time_point now) {
  std::size_t low = 0;
  for (std::size_t high = waiting_.size(); low < high;) {
    const std::size_t middle = low + (high - low) / 2;
    if (waiting_[middle].seq < seq)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == waiting_.size() || waiting_[low].seq != seq) return;
  waiting_[low].taken = true;
  while (!waiting_.empty() && waiting_.front().taken) take_front(now);
}

bool session_inbound::ack_due(time_point now) const noexcept { return anything_to_say() && now >= next_ack(); }

time_point session_inbound::next_ack() const noexcept {
  if (!anything_to_say()) return time_point::max();
  const bool half = half_of(window_.messages, fresh_messages_) || half_of(window_.bytes, fresh_bytes_);
  if (half || answers()) return time_point::min();
  return due_;
}

std::uint64_t session_inbound::tell() noexcept {
  told_ = recv();
  fresh_messages_ = 0;
  fresh_bytes_ = 0;
  due_ = time_point::max();
  return told_;
}

void session_inbound::asked() noexcept { asked_upto_ = accepted_; }

void session_inbound::reset(std::uint64_t recv) {
  waiting_.clear();
  asked_upto_ = 0;
  waiting_bytes_ = 0;
  accepted_ = recv;
  (void)tell();
}

}  // namespace tautline::delivery
