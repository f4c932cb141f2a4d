// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The options of each command.
#ifndef TAUTLINE_CLI_COMMAND_OPTIONS_HPP
#define TAUTLINE_CLI_COMMAND_OPTIONS_HPP

#include "cli_options.hpp"

#include <CLI/CLI.hpp>

namespace tautline::cli {

/// Adds the command to the program; parsing fills the settings, which have to live that long.
CLI::App* add_connect(CLI::App& program, connect_settings& into);
CLI::App* add_serve(CLI::App& program, serve_settings& into);
CLI::App* add_demo(CLI::App& program, demo_settings& into);
CLI::App* add_faults(CLI::App& program, faults_settings& into);

}  // namespace tautline::cli

#endif
