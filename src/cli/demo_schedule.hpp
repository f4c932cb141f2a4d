// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The faults of the demo, drawn from a seed.
#ifndef TAUTLINE_CLI_DEMO_SCHEDULE_HPP
#define TAUTLINE_CLI_DEMO_SCHEDULE_HPP

#include <tautline/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::cli {

enum class fault_kind : unsigned char {
  reset,       ///< both ends get a TCP reset
  close,       ///< both ends read an end of file
  stall,       ///< nothing reaches the server for a while, then a reset
  black_hole,  ///< nothing passes either way for half a second, then a reset
  refusal,     ///< a reset, and nobody listens for a while
};
inline constexpr std::size_t fault_kinds = 5;
[[nodiscard]] std::string_view to_string(fault_kind k) noexcept;

struct fault {
  fault() = default;
  fault_kind kind = fault_kind::reset;
  duration after{};   ///< since the link was up
  duration length{};  ///< of the stall, the hole or the refusals
};

/// The same faults for the same seed, on every platform. Five or more contain every kind.
[[nodiscard]] std::vector<fault> draw_schedule(std::uint64_t seed, std::size_t cuts);

/// How long it takes, with time to reconnect.
[[nodiscard]] duration planned_time(const std::vector<fault>& schedule) noexcept;

/// "9 resets, 6 closes, 4 stalls, 2 black holes, 4 refusals"; kinds that did not occur are left out.
[[nodiscard]] std::string cuts_by_kind(const std::vector<fault>& done);

}  // namespace tautline::cli

#endif
