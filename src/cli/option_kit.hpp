// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The kinds of options that the commands share, on top of CLI11.
#ifndef TAUTLINE_CLI_OPTION_KIT_HPP
#define TAUTLINE_CLI_OPTION_KIT_HPP

#include <tautline/config.hpp>
#include <tautline/options.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tautline::cli {

/// Help in columns: name and kind of value, then what it means and its default in brackets.
class help_format : public CLI::Formatter {
 public:
  help_format() { column_width(34); }
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
};

/// What CLI11 calls to check or change a value: returns what is wrong, or nothing.
using value_check = std::function<std::string(std::string&)>;
/// Without CLI11's own description, which would crowd the help.
[[nodiscard]] CLI::Validator checked_by(value_check check);

CLI::Option* duration_option(CLI::App& app, const std::string& name, duration& target, const std::string& help);
CLI::Option* size_option(CLI::App& app, const std::string& name, std::size_t& target, const std::string& help);
CLI::Option* file_option(CLI::App& app, const std::string& name, std::string& target, const std::string& help);
void heartbeat_options_of(CLI::App& app, heartbeat_options& target);

/// CLI11 alone would take -1 for the largest of an unsigned type.
template <class Number>
[[nodiscard]] value_check in_range(Number low, Number high) {
  return [low, high](const std::string& text) {
    Number n{};
    const bool good =
        !text.empty() && text.front() != '-' && CLI::detail::lexical_cast(text, n) && n >= low && n <= high;
    return good ? std::string() : fmt::format("'{}' is not a number from {} to {}", text, low, high);
  };
}

/// A number in [low, high]; the default is shown.
template <class Number>
CLI::Option* number_option(CLI::App& app, const std::string& name, Number& target, Number low, Number high,
                           const std::string& help) {
  return app.add_option(name, target, help)
      ->check(checked_by(in_range(low, high)))
      ->type_name("N")
      ->capture_default_str();
}

/// One that need not be given and has no default.
template <class Number>
CLI::Option* number_option(CLI::App& app, const std::string& name, std::optional<Number>& target, Number low,
                           Number high, const std::string& help) {
  const auto set = [&target](const Number& n) { target = n; };
  return app.add_option_function<Number>(name, set, help)->check(checked_by(in_range(low, high)))->type_name("N");
}

/// One of several words. The default is the one that `target` has.
template <class Value>
CLI::Option* choice_option(CLI::App& app, const std::string& name, Value& target,
                           std::vector<std::pair<std::string, Value>> choices, const std::string& help) {
  std::vector<std::string> words;
  std::string shown, now;
  for (const auto& [word, value] : choices) {
    words.push_back(word);
    shown += (shown.empty() ? "" : "|") + word;
    if (value == target) now = word;
  }
  const auto set = [&target, choices](const std::string& word) {
    for (const auto& [w, value] : choices)
      if (w == word) target = value;
  };
  auto* option = app.add_option_function<std::string>(name, set, help);
  const auto known = [words, shown](const std::string& word) {
    const bool found = std::find(words.begin(), words.end(), word) != words.end();
    return found ? std::string() : "'" + word + "' is not one of " + shown;
  };
  return option->check(checked_by(known))->type_name(shown)->default_str(now);
}

}  // namespace tautline::cli

#endif
