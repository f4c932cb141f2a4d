// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#define BOOST_TEST_DYN_LINK
#include <tautline/testing/oracle.hpp>

#include <boost/test/unit_test.hpp>

using namespace tautline;
using namespace tautline::testing;

BOOST_AUTO_TEST_SUITE(an_oracle)

BOOST_AUTO_TEST_CASE(is_content_when_all_arrived_in_order) {
  oracle o(promise::exactly_once);
  for (const char* name : {"a", "b", "c"}) o.sent(name);
  for (const char* name : {"a", "b", "c"}) BOOST_TEST(!o.received(name).has_value());
  BOOST_TEST(o.judge().kept());
  BOOST_TEST(o.judge().arrived == 3U);
}

BOOST_AUTO_TEST_CASE(misses_what_never_arrived_only_when_all_is_over) {
  oracle o(promise::at_least_once);
  o.sent("a");
  BOOST_TEST(o.judge_so_far().kept());
  BOOST_TEST(o.judge().count(fault::lost) == 1U);
  o.excuse("a");
  BOOST_TEST(o.judge().kept());
}

BOOST_AUTO_TEST_CASE(knows_a_receipt_that_lies) {
  oracle o(promise::exactly_once);
  o.sent("claimed");
  o.ended("claimed", outcome::delivered);
  o.sent("denied");
  o.ended("denied", outcome::not_sent);
  o.received("denied");
  BOOST_TEST(o.judge_so_far().count(fault::false_delivered) == 1U);
  BOOST_TEST(o.judge_so_far().count(fault::false_not_sent) == 1U);
}

BOOST_AUTO_TEST_CASE(takes_unknown_for_an_answer_whatever_happened) {
  oracle o(promise::at_most_once);
  for (const char* name : {"came", "stayed away"}) {
    o.sent(name);
    o.ended(name, outcome::unknown);
  }
  o.received("came");
  BOOST_TEST(o.judge().kept());
}

BOOST_AUTO_TEST_CASE(allows_repeats_only_where_the_promise_does) {
  for (const auto p : {promise::exactly_once, promise::at_least_once, promise::at_most_once}) {
    oracle o(p);
    o.sent("a");
    o.received("a");
    BOOST_TEST(o.received("a").has_value() == (p != promise::at_least_once));
    BOOST_TEST(o.judge().count(fault::repeated) == (p == promise::at_least_once ? 0U : 1U));
    BOOST_TEST(o.judge().repeats == 1U);
  }
}

BOOST_AUTO_TEST_CASE(sees_what_overtook_another_of_its_lane) {
  oracle o(promise::exactly_once);
  o.sent("1");
  o.sent("urgent", oracle::urgent_lane);
  o.sent("2");
  o.sent("3");
  for (const char* name : {"urgent", "1", "3", "2"}) o.received(name);
  BOOST_REQUIRE(o.judge().findings.size() == 1U);
  BOOST_TEST(o.judge().findings.front().name == "2");
  BOOST_TEST((o.judge().findings.front().what == fault::out_of_order));
}

BOOST_AUTO_TEST_CASE(does_not_know_strangers) {
  oracle o(promise::exactly_once);
  BOOST_TEST((o.received("who") == fault::stranger));
  BOOST_TEST(o.judge().text().find("who: never sent, but arrived") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
