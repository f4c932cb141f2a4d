// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The program: reads the command line and hands over to a command.
#include "cli_options.hpp"
#include "commands.hpp"
#include "standard_stream.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <variant>

namespace {

using namespace tautline::cli;

struct runner {
  int operator()(const finished& f) const {
    fmt::print(f.exit_code == exit_success ? stdout : stderr, "{}", f.text);
    return f.exit_code;
  }
  int operator()(const connect_settings& s) const { return run_connect(s); }
  int operator()(const serve_settings& s) const { return run_serve(s); }
  int operator()(const demo_settings& s) const { return run_demo(s); }
  int operator()(const faults_settings& s) const { return run_faults(s); }
};

}  // namespace

int main(int argc, char** argv) {
  secure_standard_streams();
  try {
    return std::visit(runner(), read_command_line(argc, argv));
  } catch (const std::exception& problem) {
    fmt::print(stderr, "tautline: {}\n", problem.what());
    return exit_failure;
  }
}
