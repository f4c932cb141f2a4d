// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The version of the compiled library.
#include <tautline/version.hpp>

namespace tautline {

const char* version() noexcept { return TAUTLINE_VERSION_STRING; }

}  // namespace tautline
