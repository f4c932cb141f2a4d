// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The counting.
#include "demo_tally.hpp"

#include <charconv>
#include <system_error>

namespace tautline::cli {

void tally::take(std::string_view payload) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(payload.data(), payload.data() + payload.size(), number);
  if (read.ec != std::errc() || number == 0 || number >= seen_.size()) {
    ++foreign_;
    return;
  }
  if (seen_[number]) {
    ++repeated_;
    return;
  }
  seen_[number] = true;
  ++delivered_;
  if (number < highest_)
    ++out_of_order_;
  else
    highest_ = number;
}

}  // namespace tautline::cli
