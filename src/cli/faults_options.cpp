// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The options of `tautline faults`.
#include "address.hpp"
#include "command_options.hpp"
#include "option_kit.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace tautline::cli {

CLI::App* add_faults(CLI::App& program, faults_settings& into) {
  auto* app = program.add_subcommand("faults", "A TCP proxy that breaks the connections through it");
  app->add_option("LISTEN", into.listen, "Where clients connect to; port 0: the system chooses")
      ->check(checked_by(check_address))
      ->type_name("HOST:PORT")
      ->required();
  app->add_option("TARGET", into.target, "Where they are forwarded to")
      ->check(checked_by(check_address))
      ->type_name("HOST:PORT")
      ->required();
  file_option(*app, "--script", into.script, "The faults and their times, as JSON");
  number_option<std::uint64_t>(*app, "--seed", into.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                               "Faults without end; the same seed draws the same");
  duration_option(*app, "--every", into.every, "With --seed: the mean time between faults");
  duration_option(*app, "--duration", into.length, "End after this long; 0: at a signal only");
  choice_option<fault_log>(*app, "--log", into.log, {{"text", fault_log::text}, {"json", fault_log::json}},
                           "How each fault is written to standard output");
  app->footer("The script is described in docs/cli.md. SIGINT or SIGTERM ends it.");
  return app;
}

}  // namespace tautline::cli
