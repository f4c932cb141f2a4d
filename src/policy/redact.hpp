// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Text that came from outside, made fit for a log line.
#ifndef TAUTLINE_SRC_POLICY_REDACT_HPP
#define TAUTLINE_SRC_POLICY_REDACT_HPP

#include <string>
#include <string_view>

namespace tautline::policy {

/// At most 256 characters; control characters become '?', UTF-8 stays.
[[nodiscard]] std::string one_line(std::string_view text);

/// The same, and without what looks like a secret: user info and query of URLs, and what follows
/// "Bearer", "Basic" or the name of a credential ("token=", "password:"). A net under those who
/// write such texts, who should not put secrets into them in the first place.
[[nodiscard]] std::string without_secrets(std::string_view text);

}  // namespace tautline::policy

#endif
