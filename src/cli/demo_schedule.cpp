// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The drawing of the faults. The standard's distributions differ between libraries, so what a
// seed means is computed here.
#include "demo_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

namespace tautline::cli {
namespace {

using std::chrono::milliseconds;

// A round of 25; every kind comes early, so that a short demo has each of them.
constexpr std::array<fault_kind, 25> deck = {
    fault_kind::reset, fault_kind::close, fault_kind::black_hole, fault_kind::stall,   fault_kind::refusal,
    fault_kind::reset, fault_kind::close, fault_kind::stall,      fault_kind::refusal, fault_kind::reset,
    fault_kind::close, fault_kind::reset, fault_kind::stall,      fault_kind::refusal, fault_kind::reset,
    fault_kind::close, fault_kind::reset, fault_kind::black_hole, fault_kind::reset,   fault_kind::close,
    fault_kind::stall, fault_kind::reset, fault_kind::refusal,    fault_kind::reset,   fault_kind::close,
};

constexpr milliseconds time_to_reconnect{60};

class dice {
 public:
  explicit dice(std::uint64_t seed) : generator_(seed) {}
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(generator_() % n); }
  milliseconds between(std::size_t low, std::size_t high) {
    return milliseconds(static_cast<std::int64_t>(low + below(high - low + 1)));
  }

 private:
  std::mt19937_64 generator_;
};

milliseconds draw_length(fault_kind k, dice& d) {
  switch (k) {
    case fault_kind::stall: return d.between(120, 280);
    case fault_kind::black_hole: return milliseconds(500);
    case fault_kind::refusal: return d.between(100, 250);
    case fault_kind::reset:
    case fault_kind::close: break;
  }
  return milliseconds(0);
}

std::string_view plural(fault_kind k) noexcept {
  switch (k) {
    case fault_kind::reset: return "resets";
    case fault_kind::close: return "closes";
    case fault_kind::stall: return "stalls";
    case fault_kind::black_hole: return "black holes";
    case fault_kind::refusal: return "refusals";
  }
  return {};
}

}  // namespace

std::string_view to_string(fault_kind k) noexcept {
  switch (k) {
    case fault_kind::reset: return "reset";
    case fault_kind::close: return "close";
    case fault_kind::stall: return "stall";
    case fault_kind::black_hole: return "black hole";
    case fault_kind::refusal: return "refusal";
  }
  return {};
}

std::vector<fault> draw_schedule(std::uint64_t seed, std::size_t cuts) {
  dice d(seed);
  std::vector<fault> schedule(cuts);
  for (std::size_t i = 0; i < cuts; ++i) schedule[i].kind = deck[i % deck.size()];
  for (std::size_t i = cuts; i > 1; --i) std::swap(schedule[i - 1], schedule[d.below(i)]);
  for (auto& f : schedule) {
    f.after = d.between(100, 320);
    f.length = draw_length(f.kind, d);
  }
  return schedule;
}

duration planned_time(const std::vector<fault>& schedule) noexcept {
  duration sum{};
  for (const auto& f : schedule) sum += f.after + f.length + time_to_reconnect;
  return sum;
}

std::string cuts_by_kind(const std::vector<fault>& done) {
  std::array<std::size_t, fault_kinds> count{};
  for (const auto& f : done) ++count[static_cast<std::size_t>(f.kind)];
  std::string text;
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    if (count[i] == 0) continue;
    const auto kind = static_cast<fault_kind>(i);
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count[i], count[i] == 1 ? to_string(kind) : plural(kind));
  }
  return text.empty() ? "none" : text;
}

}  // namespace tautline::cli
