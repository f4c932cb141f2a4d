// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Scripts of `tautline faults`: what is wrong is said in one line, and what is right can be logged.
#include "cli/fault_script.hpp"
#include "target.hpp"

#include <boost/json/parse.hpp>

namespace {

using namespace tautline::cli;

void check(const fault_script& steps) {
  fuzz::expect(!steps.empty(), "a script has steps");
  for (const auto& s : steps) {
    fuzz::expect(s.after >= tautline::duration::zero() && s.length >= tautline::duration::zero(), "time goes on");
    fuzz::expect(fault_text(s).find('\n') == std::string::npos, "a fault is one line");
    boost::system::error_code ec;
    (void)boost::json::parse(fault_json(s, s.after), ec);
    fuzz::expect(!ec, "a fault in JSON is JSON");
    if (s.what == fault_action::repeat) check(s.steps);
  }
}

void run(std::string_view bytes) {
  std::string error;
  const auto script = parse_fault_script(bytes, error);
  if (script) return check(*script);
  fuzz::expect(!error.empty() && error.find('\n') == std::string::npos, "what is wrong is said in one line");
}

const fuzz::target t("fault_script", run);

}  // namespace
