// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Durations and sizes as people write them on a command line, and back.
#ifndef TAUTLINE_CLI_QUANTITIES_HPP
#define TAUTLINE_CLI_QUANTITIES_HPP

#include <tautline/config.hpp>

#include <cstddef>
#include <string>

namespace tautline::cli {

/// "250ms", "30s", "2m" or "1h" becomes milliseconds; "0" needs no unit, any other number does.
/// Nothing negative, at most 365 days. Returns what is wrong, or nothing: a transform of CLI11's.
[[nodiscard]] std::string to_milliseconds(std::string& text);

/// "64KiB", "16MiB" or plain bytes becomes bytes; units are powers of 1024. As above.
[[nodiscard]] std::string to_bytes(std::string& text);

/// The way back, exact: "250ms", "30s", "2m".
[[nodiscard]] std::string duration_text(duration d);
[[nodiscard]] std::string size_text(std::size_t bytes);

/// Rounded for the eye: "0.4 ms", "1.2 s", "3 min 20 s".
[[nodiscard]] std::string short_time(duration d);

[[nodiscard]] double in_milliseconds(duration d) noexcept;

}  // namespace tautline::cli

#endif
