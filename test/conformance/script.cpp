// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "script.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <tuple>

namespace conformance {
namespace {

namespace unit_test = boost::unit_test;

// As Boost.Test's --run_test can name it.
std::string as_identifier(std::string name) {
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

bool concerns(const script& s, tested t) { return !s.only || *s.only == t; }

}  // namespace

script script::sends(frames f) const {
  script s = *this;
  s.sent = std::move(f);
  return s;
}

script script::delivers(std::string payload) const {
  script s = *this;
  s.delivered.emplace_back(true, std::move(payload));
  return s;
}

script script::delivers_binary(std::string payload) const {
  script s = *this;
  s.delivered.emplace_back(false, std::move(payload));
  return s;
}

script script::pongs(std::vector<std::string> payloads) const {
  script s = *this;
  s.answered_pings = std::move(payloads);
  return s;
}

script script::fails(unsigned code, tautline::errc error) const {
  script s = *this;
  s.ending = finish::failed;
  s.close_code = code;
  s.why = error;
  return s;
}

script script::closes(unsigned code, std::string words) const {
  script s = *this;
  s.ending = finish::closed;
  s.close_code = code;
  s.reason = std::move(words);
  return s;
}

script script::is_cut_off() const {
  script s = *this;
  s.ending = finish::cut;
  return s;
}

script script::byte_by_byte() const {
  script s = *this;
  s.how = pace::byte_by_byte;
  return s;
}

script script::broken_before_the_last(std::size_t n) const {
  script s = *this;
  s.how = pace::two_writes;
  s.second_write = n;
  return s;
}

script script::with_limit(std::size_t max_message_bytes) const {
  script s = *this;
  s.limit = max_message_bytes;
  return s;
}

script script::with_deflate(std::string parameters) const {
  script s = *this;
  s.deflate = deflate_terms(std::move(parameters));
  return s;
}

script script::only_to(tested t) const {
  script s = *this;
  s.only = t;
  return s;
}

table::table(const std::string& category, const std::vector<named_test>& cases) {
  auto* suite = BOOST_TEST_SUITE(category);
  for (const auto& [name, test] : cases)
    suite->add(unit_test::make_test_case(test, as_identifier(name), __FILE__, __LINE__));
  unit_test::framework::current_auto_test_suite().add(suite);
}

table::table(const std::string& category, std::vector<script> cases) {
  for (const auto whom : {tested::client, tested::server}) {
    std::vector<named_test> tests;
    for (const auto& s : cases)
      if (concerns(s, whom)) tests.emplace_back(s.name, [s, whom] { play(s, whom); });
    if (!tests.empty()) table(category + (whom == tested::client ? "_at_a_client" : "_at_a_server"), tests);
  }
  std::move(cases.begin(), cases.end(), std::back_inserter(all_cases()));
}

std::vector<script>& all_cases() {
  static std::vector<script> cases;
  return cases;
}

}  // namespace conformance

BOOST_AUTO_TEST_CASE(the_tables_hold_at_least_250_cases_and_no_two_are_the_same) {
  using namespace conformance;
  std::set<std::tuple<std::string, pace, std::size_t, std::size_t, std::string, int>> seen;
  for (const auto& s : all_cases()) {
    // What comes behind the frames is part of the case, and so is the end that it is for.
    auto sent = encode(s.sent, s.only.value_or(tested::server)) + (s.ending == finish::cut ? "end of file" : "");
    auto terms = s.deflate ? "deflate" + s.deflate->parameters : std::string();
    const int whom = s.only ? static_cast<int>(*s.only) : -1;
    const bool is_new = seen.emplace(std::move(sent), s.how, s.second_write, s.limit, std::move(terms), whom).second;
    BOOST_TEST(is_new, s.name << " is a case that there was before");
  }
  BOOST_TEST(seen.size() >= 250U);
}
