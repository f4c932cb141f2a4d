// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the proxy of `tautline faults` does, and when: read from JSON, or drawn from a seed.
#ifndef TAUTLINE_CLI_FAULT_SCRIPT_HPP
#define TAUTLINE_CLI_FAULT_SCRIPT_HPP

#include <tautline/config.hpp>
#include <tautline/testing/fault_proxy.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::cli {

enum class fault_action : unsigned char {
  reset,
  close,
  cut,
  latency,
  throttle,
  stall,
  black_hole,
  corrupt,
  refuse,
  hang,
  heal,
  retarget,
  repeat,
};
/// As in a script: "black_hole".
[[nodiscard]] std::string_view to_string(fault_action a) noexcept;

/// One step. Which members it uses depends on `what`.
struct fault_step {
  fault_step() = default;
  explicit fault_step(fault_action a) : what(a) {}

  fault_action what = fault_action::heal;
  duration after{};  ///< since the step before it
  testing::direction way = testing::direction::both;
  duration length{};                        ///< latency: one way; stall: how long
  std::uint64_t bytes = 0;                  ///< cut: after; throttle: a second; corrupt: offset
  testing::cut how = testing::cut::reset;   ///< cut
  std::optional<std::uint64_t> connection;  ///< reset, close: this one; none: all
  double rate = 0;                          ///< corrupt: of each byte; 0: the one at `bytes`
  std::uint64_t seed = 1;                   ///< corrupt
  std::string target;                       ///< retarget: HOST:PORT
  std::vector<fault_step> steps;            ///< repeat
  std::optional<std::uint64_t> times;       ///< repeat; none: without end
};

using fault_script = std::vector<fault_step>;

/// Nullopt: `error` says in one line which step is wrong, and what in it.
[[nodiscard]] std::optional<fault_script> parse_fault_script(std::string_view text, std::string& error);

/// Cuts, stalls, black holes and refusals without end, about one every `every`. The same for the same
/// seed, on every platform.
[[nodiscard]] fault_script draw_fault_script(std::uint64_t seed, duration every);

/// "latency up 50ms"
[[nodiscard]] std::string fault_text(const fault_step& s);
/// {"event":"fault","at_ms":2000,"do":"latency","direction":"up","delay_ms":50}
[[nodiscard]] std::string fault_json(const fault_step& s, duration at);

}  // namespace tautline::cli

#endif
