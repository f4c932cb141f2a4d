// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the status looks like: the line in place, plain lines, JSON lines. Pure functions.
#ifndef TAUTLINE_CLI_STATUS_TEXT_HPP
#define TAUTLINE_CLI_STATUS_TEXT_HPP

#include <tautline/status.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace tautline::cli {

enum class colour : unsigned char { off, on };

/// The line that is rewritten in place, at most `width` columns wide. `progress` goes behind the
/// indicator; it may be empty.
[[nodiscard]] std::string status_line(const status& s, const std::string& progress, std::size_t width, colour c);

/// One line for a change; nullopt if people need not be told.
[[nodiscard]] std::optional<std::string> plain_line(const event& e);

/// One JSON object for a change; nullopt if the event is not among those that scripts are promised.
[[nodiscard]] std::optional<std::string> json_line(const event& e, std::int64_t ts_ms);

/// How everything ended: `sent == delivered + unknown + not_sent`.
struct totals {
  totals() = default;
  std::uint64_t sent = 0, delivered = 0, unknown = 0, not_sent = 0;
  std::uint64_t received = 0, resent = 0, reconnects = 0;
  duration took{};
};
[[nodiscard]] std::string summary_json(const totals& t);
[[nodiscard]] std::string summary_text(const totals& t);

}  // namespace tautline::cli

#endif
