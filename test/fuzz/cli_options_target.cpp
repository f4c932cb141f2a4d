// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Command lines, one argument a line: read without an exit, an exception, or more than one line about
// what is wrong.
#include "cli/cli_options.hpp"
#include "target.hpp"

#include <algorithm>
#include <variant>
#include <vector>

namespace {

using namespace tautline::cli;

void run(std::string_view bytes) {
  std::vector<std::string> words = {"tautline"};
  std::string text(bytes);
  std::replace(text.begin(), text.end(), '\0', ' ');  // no argument can hold it
  for (std::size_t at = 0; at < text.size() && words.size() < 40;) {
    const auto end = std::min(text.find('\n', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  std::vector<const char*> argv;
  for (const auto& w : words) argv.push_back(w.c_str());
  const auto read = read_command_line(static_cast<int>(argv.size()), argv.data());
  const auto* f = std::get_if<finished>(&read);
  if (f == nullptr) return;
  fuzz::expect(f->exit_code == exit_success || f->exit_code == exit_usage, "there are two ways to end at once");
  fuzz::expect(f->text.ends_with('\n'), "what is said ends in a line");
  if (f->exit_code == exit_usage)
    fuzz::expect(std::count(f->text.begin(), f->text.end(), '\n') == 1, "what is wrong is said in one line");
}

const fuzz::target t("cli_options", run);

}  // namespace
