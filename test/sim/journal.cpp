// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "journal.hpp"

#include <fmt/format.h>

namespace tautline::sim {

void journal::mix(std::string_view text) noexcept {
  for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
}

void journal::mix(std::uint64_t number) noexcept {
  for (int i = 0; i < 8; ++i) hash_ = (hash_ ^ ((number >> (8 * i)) & 0xffU)) * 0x100000001b3U;
}

std::string journal::stamp() const {
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(time_->now() - start_).count();
  return fmt::format("{:>14.6f}", static_cast<double>(ns) * 1e-9);
}

void journal::note(std::string_view who, std::string_view what, std::uint64_t number, std::string_view more) {
  mix(static_cast<std::uint64_t>(time_->now().time_since_epoch().count()));
  mix(who);
  mix(what);
  mix(number);
  mix(more);
  if (echo_ == echo::yes) fmt::print("{} {} {} {} {}\n", stamp(), who, what, number, more);
}

void journal::violated(std::string_view who, std::string what) {
  constexpr std::size_t most = 20;
  auto line = fmt::format("{} {}: {}", stamp(), who, what);
  if (echo_ == echo::yes) fmt::print("!!!!! {}\n", line);
  if (violations_.size() < most) violations_.push_back(std::move(line));
}

}  // namespace tautline::sim
