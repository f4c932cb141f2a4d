// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What may be kept of a secret, and how it is compared. Defined in src/transport, where OpenSSL is.
#ifndef TAUTLINE_SRC_POLICY_SECRET_HPP
#define TAUTLINE_SRC_POLICY_SECRET_HPP

#include <array>
#include <string_view>

namespace tautline::policy {

using secret_digest = std::array<unsigned char, 32>;

/// SHA-256. Throws std::runtime_error where OpenSSL may not compute it.
[[nodiscard]] secret_digest digest_of(std::string_view secret);
/// In constant time.
[[nodiscard]] bool same(const secret_digest& a, const secret_digest& b) noexcept;

}  // namespace tautline::policy

#endif
