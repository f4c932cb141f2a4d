// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What becomes of an exception in one of the program's coroutines: it ends the program.
#ifndef TAUTLINE_SRC_CLI_RETHROW_HPP
#define TAUTLINE_SRC_CLI_RETHROW_HPP

#include <exception>

namespace tautline::cli {

/// Lets it out of the event loop.
inline void rethrow(std::exception_ptr problem) {
  if (problem) std::rethrow_exception(problem);
}

}  // namespace tautline::cli

#endif
