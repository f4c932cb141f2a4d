// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The outbox: a peer that refuses a message as too large, without saying which.
#define BOOST_TEST_DYN_LINK
#include "delivery/outbox_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace tautline;
using namespace tautline::delivery;

namespace {

struct refusal : outbox_fixture {
  refusal() { box.keep_numbers(true); }

  void refused(std::uint64_t largest = UINT64_MAX) { box.fail_refused(largest, gone); }
  std::size_t gone_count() const { return gone.size(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_refusal_as_too_large, refusal)

BOOST_AUTO_TEST_CASE(ends_the_largest_that_was_written_and_leaves_a_void) {
  for (const char* text : {"aa", "much larger", "bbb"}) push(text);
  take();
  refused();
  BOOST_REQUIRE(gone_count() == 1U);
  BOOST_TEST(gone.front().what.body.payload() == "much larger");
  BOOST_TEST(gone.front().why == make_error_code(errc::message_too_large));
  BOOST_TEST(gone.front().what.attempts == 1U);
  BOOST_TEST(certainly_not_delivered(gone.front().why, gone.front().what.attempts));
  box.rewind();
  BOOST_TEST(take() == names({"aa", "(void)", "bbb"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(does_not_touch_what_was_never_written_on_this_connection) {
  push("aa");
  push("much larger");
  take(1);
  refused();
  BOOST_REQUIRE(gone_count() == 1U);
  BOOST_TEST(gone.front().what.body.payload() == "aa");
  BOOST_TEST(take() == names({"much larger"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_what_is_within_the_limit_that_the_peer_has_said_leaves_the_outcome_unknown) {
  push("aa");
  take();
  refused(2);
  BOOST_REQUIRE(gone_count() == 1U);
  BOOST_TEST(gone.front().why == make_error_code(errc::outcome_unknown));
  BOOST_TEST(!certainly_not_delivered(gone.front().why, gone.front().what.attempts));
}

BOOST_AUTO_TEST_CASE(of_nothing_does_nothing) {
  refused();
  push("aa");
  refused();
  take();
  confirm(1);
  refused();
  BOOST_TEST(gone_count() == 0U);
  BOOST_TEST(box.empty());
}

BOOST_AUTO_TEST_CASE(frees_the_window_of_what_it_ends) {
  push("12345");
  push("678");
  take();
  refused();
  take_limit limit;
  limit.messages = 10;
  limit.bytes = 100;
  limit.window_messages = 2;
  limit.window_bytes = 8;
  push("abcde");
  const auto r = box.take(limit, now, gone);
  BOOST_TEST(r.last - r.first == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
