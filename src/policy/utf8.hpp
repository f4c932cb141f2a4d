// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Is a text message's payload UTF-8 (RFC 3629)?
#ifndef TAUTLINE_SRC_POLICY_UTF8_HPP
#define TAUTLINE_SRC_POLICY_UTF8_HPP

#include <string_view>

namespace tautline::policy {

[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

}  // namespace tautline::policy

#endif
