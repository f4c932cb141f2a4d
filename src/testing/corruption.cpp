// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "testing/corruption.hpp"

#include <cmath>

namespace tautline::testing::detail {

// A geometric distribution; the standard's own draws other numbers in every library.
std::optional<std::uint64_t> corruption::drawn() {
  if (probability_ >= 1) return 0;
  const double uniform = (static_cast<double>(dice_() >> 11U) + 1) / 9007199254740992.0;  // in (0, 1]
  const double distance = std::floor(std::log(uniform) / std::log1p(-probability_));
  constexpr double for_ever = 1e18;
  if (!(distance < for_ever)) return std::nullopt;
  return static_cast<std::uint64_t>(distance);
}

}  // namespace tautline::testing::detail
