// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How the shared kinds of options are made.
#include "option_kit.hpp"

#include "quantities.hpp"

#include <cstdint>

namespace tautline::cli {

std::string help_format::make_option_opts(const CLI::Option* option) const {
  if (option->get_type_size() == 0) return {};
  const bool repeatable = option->get_expected_max() == CLI::detail::expected_max_vector_size;
  return " " + option->get_type_name() + (repeatable ? " ..." : "");
}

std::string help_format::make_option_desc(const CLI::Option* option) const {
  const std::string& value = option->get_default_str();
  return option->get_description() + (value.empty() ? "" : " [" + value + "]");
}

CLI::Validator checked_by(value_check check) { return CLI::Validator(std::move(check), "", ""); }

CLI::Option* duration_option(CLI::App& app, const std::string& name, duration& target, const std::string& help) {
  const auto set = [&target](const std::int64_t& ms) { target = std::chrono::milliseconds(ms); };
  return app.add_option_function<std::int64_t>(name, set, help)
      ->transform(checked_by(to_milliseconds))
      ->type_name("D")
      ->default_str(duration_text(target));
}

CLI::Option* size_option(CLI::App& app, const std::string& name, std::size_t& target, const std::string& help) {
  const auto set = [&target](const std::uint64_t& bytes) { target = bytes; };
  return app.add_option_function<std::uint64_t>(name, set, help)
      ->transform(checked_by(to_bytes))
      ->type_name("N")
      ->default_str(size_text(target));
}

CLI::Option* file_option(CLI::App& app, const std::string& name, std::string& target, const std::string& help) {
  auto exists = CLI::ExistingFile;
  exists.description("");
  return app.add_option(name, target, help)->check(exists)->type_name("FILE");
}

void heartbeat_options_of(CLI::App& app, heartbeat_options& target) {
  duration_option(app, "--heartbeat-interval", target.interval, "Silence after which the peer is asked")
      ->group("Heartbeat");
  duration_option(app, "--heartbeat-timeout", target.timeout, "How long its answer may take")->group("Heartbeat");
}

}  // namespace tautline::cli
