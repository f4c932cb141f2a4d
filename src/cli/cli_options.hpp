// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the command line says, as values.
#ifndef TAUTLINE_CLI_CLI_OPTIONS_HPP
#define TAUTLINE_CLI_CLI_OPTIONS_HPP

#include <tautline/options.hpp>
#include <tautline/server.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace tautline::cli {

/// Exit codes; scripts rely on them.
inline constexpr int exit_success = 0;
inline constexpr int exit_usage = 2;
inline constexpr int exit_failure = 3;

enum class status_mode { line, plain, json, none };

struct connect_settings {
  connect_settings();
  options link;
  status_mode status;
  bool binary = false;
  bool keep_open = false;
  duration linger{};
  std::string spill;  ///< empty: none
};

enum class serve_mode { echo, print, sink, broadcast };

struct serve_settings {
  serve_settings();
  server_options server;
  serve_mode mode = serve_mode::echo;
  duration drain_window = std::chrono::seconds(5);
};

enum class demo_mode { session, plain };

struct demo_settings {
  demo_settings() = default;
  std::uint64_t messages = 10'000;
  std::size_t cuts = 25;
  std::uint64_t seed = 1;
  demo_mode mode = demo_mode::session;
};

enum class fault_log { text, json };

struct faults_settings {
  faults_settings() = default;
  std::string listen, target;         ///< HOST:PORT
  std::string script;                 ///< a file; empty: none
  std::optional<std::uint64_t> seed;  ///< exactly one of these two
  duration every = std::chrono::seconds(2);
  duration length{};  ///< zero: until a signal
  fault_log log = fault_log::text;
};

/// Nothing is left to do: the text was asked for (--help, --version), or says in one line what is wrong.
struct finished {
  finished(int code, std::string t) : exit_code(code), text(std::move(t)) {}
  int exit_code;
  std::string text;
};

using command = std::variant<finished, connect_settings, serve_settings, demo_settings, faults_settings>;

/// Reads the command line. Never throws for what is written there.
[[nodiscard]] command read_command_line(int argc, const char* const* argv);

}  // namespace tautline::cli

#endif
