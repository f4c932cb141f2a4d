// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// docs/errors.md against the table that the library uses.
#define BOOST_TEST_DYN_LINK
#include <tautline/error.hpp>

#include "docs/markdown.hpp"
#include "policy/classify.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using tautline::cause;
using tautline::errc;
using tautline::phase;
using tautline_test::read_source;
using tautline_test::row;

std::string verdict_of(const cause& why, bool provider) {
  return std::string(to_string(tautline::policy::classify(why, provider)));
}

// "fatal; retry with a provider" says two things.
std::string promised(const std::string& cell, bool provider) {
  const auto both = cell.find("; retry with a provider");
  if (both == std::string::npos) return cell;
  return provider ? "retry" : cell.substr(0, both);
}

// The row of a code: its own, that of its range, or "any other".
const row& row_of(const std::vector<row>& rows, unsigned code) {
  const row* any = nullptr;
  const row* range = nullptr;
  for (const auto& r : rows) {
    if (r[0] == std::to_string(code)) return r;
    if (r[0] == "any other") any = &r;
    const auto dash = r[0].find('-');
    if (dash != std::string::npos && std::stoul(r[0]) <= code && code <= std::stoul(r[0].substr(dash + 1))) range = &r;
  }
  BOOST_REQUIRE(any != nullptr);
  return range != nullptr ? *range : *any;
}

cause closed_with(unsigned code) {
  cause why;
  why.where = phase::open;
  why.close_code = static_cast<std::uint16_t>(code);
  why.code = tautline::error_code(static_cast<int>(code), tautline::close_category());
  return why;
}

cause refused_with(unsigned status) {
  cause why;
  why.where = phase::upgrade;
  why.http_status = status;
  why.code = tautline::error_code(static_cast<int>(status), tautline::http_category());
  return why;
}

// The enumerators of an enum in a public header.
std::vector<std::string> enumerators(const std::string& header, const std::string& name) {
  const auto text = read_source(header);
  auto at = text.find("enum class " + name + ' ');
  BOOST_REQUIRE(at != std::string::npos);
  std::istringstream body(text.substr(text.find('{', at) + 1, text.find("};", at) - text.find('{', at) - 1));
  std::vector<std::string> names;
  for (std::string line; std::getline(body, line);) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string::npos || line[begin] == '/') continue;
    names.push_back(line.substr(begin, line.find_first_of(" ,", begin) - begin));
  }
  return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(errors_page)

BOOST_AUTO_TEST_CASE(every_close_code_has_the_verdict_of_the_page) {
  const auto rows = tautline_test::table(read_source("docs/errors.md"), "close code");
  for (unsigned code = 1000; code < 5000; ++code)
    for (const bool provider : {false, true})
      BOOST_TEST(verdict_of(closed_with(code), provider) == promised(row_of(rows, code)[2], provider),
                 "close " << code);
}

BOOST_AUTO_TEST_CASE(every_close_code_has_the_name_of_the_page) {
  for (const auto& r : tautline_test::table(read_source("docs/errors.md"), "close code"))
    if (r[0].find_first_not_of("0123456789") == std::string::npos)
      BOOST_TEST(tautline::policy::close_code_name(static_cast<unsigned>(std::stoul(r[0]))) == r[1]);
}

BOOST_AUTO_TEST_CASE(every_http_status_has_the_verdict_of_the_page) {
  const auto rows = tautline_test::table(read_source("docs/errors.md"), "status");
  for (unsigned status = 200; status < 600; ++status)
    for (const bool provider : {false, true})
      BOOST_TEST(verdict_of(refused_with(status), provider) == promised(row_of(rows, status)[2], provider),
                 "HTTP " << status);
}

BOOST_AUTO_TEST_CASE(every_http_status_has_the_name_of_the_page) {
  for (const auto& r : tautline_test::table(read_source("docs/errors.md"), "status"))
    if (!r[1].empty()) BOOST_TEST(tautline::policy::http_status_name(static_cast<unsigned>(std::stoul(r[0]))) == r[1]);
}

BOOST_AUTO_TEST_CASE(every_code_of_the_library_is_on_the_page_with_its_verdict) {
  std::map<std::string, std::string> page;
  for (const auto& r : tautline_test::table(read_source("docs/errors.md"), "code")) page[r[0]] = r[2];
  const auto names = enumerators("include/tautline/error.hpp", "errc");
  BOOST_TEST(names.size() == page.size());
  int value = 0;
  for (const auto& name : names) {
    BOOST_REQUIRE_MESSAGE(page.count(name) == 1, "errc::" << name << " is not on the page");
    cause why;
    why.where = phase::open;
    why.code = static_cast<errc>(++value);
    const auto verdict = verdict_of(why, false);
    // A dash stands for codes that are no causes: they must not look fatal by mistake.
    BOOST_TEST(verdict == (page[name] == "-" ? "retry" : page[name]), "errc::" << name);
  }
}

BOOST_AUTO_TEST_CASE(a_redirect_that_was_refused_is_fatal_whatever_its_status) {
  cause why = refused_with(302);
  why.code = errc::insecure_redirect;
  BOOST_TEST(verdict_of(why, true) == "fatal");
}

BOOST_AUTO_TEST_CASE(every_phase_is_on_the_page) {
  std::vector<std::string> page;
  for (const auto& r : tautline_test::table(read_source("docs/errors.md"), "phase")) page.push_back(r[0]);
  BOOST_TEST(page == enumerators("include/tautline/error.hpp", "phase"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
