// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Messages that came, as lines.
#ifndef TAUTLINE_CLI_PRINT_MESSAGES_HPP
#define TAUTLINE_CLI_PRINT_MESSAGES_HPP

#include <tautline/message.hpp>

#include "standard_stream.hpp"

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace tautline::cli {

/// Writes each message as a line, and acknowledges all of them once the descriptor has taken them
/// (`responsibility::manual`). Errors: those of the descriptor; then nothing is acknowledged. Both
/// arguments have to outlive it.
[[nodiscard]] asio::awaitable<error_code> print_messages(output_stream& to, const std::vector<message>& batch);

}  // namespace tautline::cli

#endif
