// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Text of a peer's, made harmless for a terminal and for JSON.
#ifndef TAUTLINE_CLI_PRINTABLE_HPP
#define TAUTLINE_CLI_PRINTABLE_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace tautline::cli {

/// Valid UTF-8: what is not becomes U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// The same, and control characters (which could drive the terminal) become '?'.
[[nodiscard]] std::string printable(std::string_view text);

/// At most `columns` characters of valid UTF-8, the last one an ellipsis if something is cut off.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns);
[[nodiscard]] std::size_t columns_of(std::string_view text) noexcept;

}  // namespace tautline::cli

#endif
