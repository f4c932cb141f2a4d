// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#ifndef TAUTLINE_VERSION_HPP
#define TAUTLINE_VERSION_HPP

#define TAUTLINE_VERSION_MAJOR 0
#define TAUTLINE_VERSION_MINOR 1
#define TAUTLINE_VERSION_PATCH 0
#define TAUTLINE_VERSION_STRING "0.1.0"

namespace tautline {

/// The version of the compiled library (the macros tell that of the headers), as "0.1.0".
[[nodiscard]] const char* version() noexcept;

}  // namespace tautline

#endif
