// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the commands do. Each returns the exit code.
#ifndef TAUTLINE_CLI_COMMANDS_HPP
#define TAUTLINE_CLI_COMMANDS_HPP

#include "cli_options.hpp"

namespace tautline::cli {

[[nodiscard]] int run_connect(const connect_settings& settings);
[[nodiscard]] int run_serve(const serve_settings& settings);
[[nodiscard]] int run_demo(const demo_settings& settings);
[[nodiscard]] int run_faults(const faults_settings& settings);

}  // namespace tautline::cli

#endif
