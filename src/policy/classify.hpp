// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The policy room: pure functions and small values. Here: what follows from a cause, the one
// documented table (docs/errors.md).
#ifndef TAUTLINE_SRC_POLICY_CLASSIFY_HPP
#define TAUTLINE_SRC_POLICY_CLASSIFY_HPP

#include <tautline/error.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tautline::policy {

/// The verdict of the table. `fresh_credential`: a provider is there, so 401 and 403 (and
/// 4401) are retried.
[[nodiscard]] verdict classify(const cause& why, bool fresh_credential) noexcept;

/// Retry-After (RFC 9110, 10.2.3): delta seconds or an HTTP date in any of its three forms
/// (RFC 9110, 5.6.7). nullopt: not readable. A date in the past is zero; capped at 24 h.
[[nodiscard]] std::optional<duration> parse_retry_after(std::string_view value,
                                                        std::chrono::system_clock::time_point now);

/// A peer's close codes that mean an error of RFC 6455, for `describe()`.
[[nodiscard]] std::string_view close_code_name(unsigned code) noexcept;
[[nodiscard]] std::string_view http_status_name(unsigned status) noexcept;

}  // namespace tautline::policy

#endif
