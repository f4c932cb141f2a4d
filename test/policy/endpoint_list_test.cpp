// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Which of several endpoints is tried next.
#define BOOST_TEST_DYN_LINK
#include "policy/endpoint_list.hpp"

#include <boost/test/unit_test.hpp>

using namespace tautline;
using namespace tautline::policy;
using namespace std::chrono_literals;

namespace {

struct three {
  void fails(duration retry_after = 0s) { list.on_end(false, verdict::retry, now, retry_after); }
  void ends_stable() { list.on_end(true, verdict::retry, now, 0s); }
  void is_fatal() { list.on_end(false, verdict::fatal, now, 0s); }

  time_point now = time_point(1h);
  endpoint_list list{{"a", "b", "c"}};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_list_of_endpoints, three)

BOOST_AUTO_TEST_CASE(begins_with_the_first) {
  BOOST_TEST(list.current() == "a");
  BOOST_TEST(list.next_is_fresh());
  BOOST_TEST(list.size() == 3U);
}

BOOST_AUTO_TEST_CASE(knows_how_long_the_next_one_wants_to_rest_also_after_another_was_stable) {
  fails(60s);  // a
  fails();     // b
  now += 10s;
  ends_stable();  // c
  now += 1s;
  fails(100s);  // c: every other one is asked before
  BOOST_TEST(list.current() == "b");
  BOOST_TEST((list.rest() == 0s));
  is_fatal();  // b
  BOOST_TEST(list.current() == "a");
  BOOST_TEST(list.next_is_fresh());
  BOOST_TEST((list.rest() == 49s));
}

BOOST_AUTO_TEST_CASE(goes_through_all_of_them_in_turn) {
  std::string seen;
  for (int i = 0; i < 7; ++i) {
    seen += list.current();
    fails();
  }
  BOOST_TEST(seen == "abcabca");
}

BOOST_AUTO_TEST_CASE(knows_which_may_be_tried_without_delay) {
  fails();
  BOOST_TEST(list.next_is_fresh());
  fails();
  BOOST_TEST(list.next_is_fresh());
  fails();
  BOOST_TEST(!list.next_is_fresh());
}

BOOST_AUTO_TEST_CASE(keeps_the_one_that_worked_until_it_fails) {
  fails();
  ends_stable();
  BOOST_TEST(list.current() == "b");
  BOOST_TEST(list.next_is_fresh());
  fails();
  BOOST_TEST(list.current() == "a");
  BOOST_TEST(list.next_is_fresh());
}

BOOST_AUTO_TEST_CASE(prefers_the_one_with_the_fewest_failures) {
  endpoint_list two({"a", "b"});
  two.on_end(false, verdict::retry, now, 0s);
  two.on_end(false, verdict::retry, now, 0s);
  two.on_end(false, verdict::retry, now, 0s);
  BOOST_TEST(two.current() == "b");
}

BOOST_AUTO_TEST_CASE(passes_over_one_that_asked_for_time_until_it_is_over) {
  fails(10s);
  BOOST_TEST(list.current() == "b");
  fails();
  fails();
  BOOST_TEST(list.current() == "b");
  fails();
  now += 10s;
  fails();
  BOOST_TEST(list.current() == "a");
}

BOOST_AUTO_TEST_CASE(takes_the_one_that_is_free_first_when_all_asked_for_time) {
  fails(30s);
  fails(10s);
  fails(20s);
  BOOST_TEST(list.current() == "b");
}

BOOST_AUTO_TEST_CASE(a_stable_one_that_asks_for_time_is_left_for_another) {
  list.on_end(true, verdict::retry_after, now, 10s);
  BOOST_TEST(list.current() == "b");
  BOOST_TEST(list.next_is_fresh());
}

BOOST_AUTO_TEST_CASE(never_comes_back_to_a_fatal_one) {
  is_fatal();
  BOOST_TEST(!list.all_fatal());
  std::string seen;
  for (int i = 0; i < 4; ++i) {
    seen += list.current();
    fails();
  }
  BOOST_TEST(seen == "bcbc");
}

BOOST_AUTO_TEST_CASE(is_at_its_end_only_when_all_are_fatal) {
  is_fatal();
  is_fatal();
  BOOST_TEST(!list.all_fatal());
  is_fatal();
  BOOST_TEST(list.all_fatal());
  BOOST_TEST(!list.next_is_fresh());
  list.reset();
  BOOST_TEST(!list.all_fatal());
  BOOST_TEST(list.current() == "a");
}

BOOST_AUTO_TEST_CASE(of_one_is_always_that_one) {
  endpoint_list one({"only"});
  one.on_end(false, verdict::retry, now, 1h);
  BOOST_TEST(one.current() == "only");
  BOOST_TEST(!one.next_is_fresh());
}

BOOST_AUTO_TEST_CASE(may_be_empty_when_a_provider_is_there) {
  endpoint_list none({});
  none.on_end(false, verdict::fatal, now, 0s);
  BOOST_TEST(none.current().empty());
  BOOST_TEST(!none.all_fatal());
  BOOST_TEST(!none.next_is_fresh());
}

BOOST_AUTO_TEST_SUITE_END()
