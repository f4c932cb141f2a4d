// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The outbox: order, confirmation, rewinding, withdrawal.
#define BOOST_TEST_DYN_LINK
#include "delivery/outbox_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace tautline;
using namespace tautline::delivery;

namespace {

message urgent(const char* text) { return message(text).urgency(priority::urgent); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(the_order_of_an_outbox, outbox_fixture)

BOOST_AUTO_TEST_CASE(messages_leave_in_the_order_they_came) {
  push("a");
  push("b");
  push("c");
  BOOST_TEST(take() == names({"a", "b", "c"}), boost::test_tools::per_element());
  BOOST_TEST(last_range.first == 1U);
  BOOST_TEST(last_range.last == 4U);
  BOOST_TEST(box.last_written() == 3U);
  BOOST_TEST(box.in_flight(2)->seq == 2U);
  BOOST_TEST(box.in_flight(2)->attempts == 1U);
}

BOOST_AUTO_TEST_CASE(urgent_messages_overtake_normal_ones_and_keep_their_order) {
  push("a");
  push(urgent("first"));
  push("b");
  push(urgent("second"));
  BOOST_TEST(take(3) == names({"first", "second", "a"}), boost::test_tools::per_element());
  push(urgent("third"));
  BOOST_TEST(take() == names({"third", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_take_keeps_to_its_limits_of_messages_and_bytes) {
  for (const char* text : {"12345", "67890", "abcde"}) push(text);
  BOOST_TEST(take(1).size() == 1U);
  BOOST_TEST(take(10, 9).size() == 1U);
  BOOST_TEST(take(0, 9).empty());
  BOOST_TEST(take(1, 5).size() == 1U);
  BOOST_TEST(take().empty());
  BOOST_TEST(last_range.first == last_range.last);
}

BOOST_AUTO_TEST_CASE(one_message_is_taken_whatever_its_size) {
  push(std::string(5'000, 'x'));
  push("y");
  BOOST_TEST(take(10, 100).size() == 1U);
  BOOST_TEST(take(10, 0).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_big_urgent_message_is_not_overtaken_by_a_small_normal_one) {
  push(urgent("small"));
  push(urgent("much too big for the rest"));
  push("n");
  BOOST_TEST(take(10, 8) == names({"small"}), boost::test_tools::per_element());
  BOOST_TEST(take(10, 8) == names({"much too big for the rest"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(confirmation_covers_everything_up_to_its_number_once) {
  for (const char* text : {"a", "b", "c"}) push(text);
  (void)take();
  BOOST_TEST(confirm(2) == names({"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(confirm(2).empty());
  BOOST_TEST(box.last_confirmed() == 2U);
  BOOST_TEST(confirm(1'000) == names({"c"}), boost::test_tools::per_element());
  BOOST_TEST(box.last_confirmed() == 3U);
  BOOST_TEST(box.last_written() == 3U);
  BOOST_TEST(box.empty());
}

BOOST_AUTO_TEST_CASE(what_is_only_queued_cannot_be_confirmed) {
  push("a");
  BOOST_TEST(confirm(10).empty());
  BOOST_TEST(box.last_confirmed() == 0U);
  BOOST_TEST(take().size() == 1U);
}

BOOST_AUTO_TEST_CASE(owners_come_back_with_their_entries) {
  const auto owner = std::make_shared<int>(42);
  message m("a");
  (void)box.push(m, owner, now, last_id, gone);
  (void)take();
  std::vector<ended> done;
  box.confirm(1, done);
  BOOST_TEST_REQUIRE(done.size() == 1U);
  BOOST_TEST(done.front().what.owner == owner);
  BOOST_TEST(done.front().what.id == last_id);
  done.clear();
  BOOST_TEST(owner.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(after_a_rewind_the_unconfirmed_goes_first_in_its_old_order) {
  for (const char* text : {"a", "b", "c", "d"}) push(text);
  (void)take(3);
  (void)confirm(1);
  box.rewind();
  BOOST_TEST(box.last_written() == 0U);
  push(urgent("u"));
  BOOST_TEST(take(1) == names({"b"}), boost::test_tools::per_element());
  BOOST_TEST(last_range.first == 2U);
  BOOST_TEST(box.in_flight(2)->attempts == 2U);
  BOOST_TEST(box.last_written() == 2U);
  BOOST_TEST(take() == names({"c", "u", "d"}), boost::test_tools::per_element());
  BOOST_TEST(box.in_flight(4)->attempts == 1U);
  BOOST_TEST(confirm(5).size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_rewind_in_the_middle_of_a_rewind_starts_over) {
  for (const char* text : {"a", "b", "c"}) push(text);
  (void)take();
  box.rewind();
  (void)take(1);
  box.rewind();
  BOOST_TEST(take() == names({"a", "b", "c"}), boost::test_tools::per_element());
  BOOST_TEST(box.in_flight(1)->attempts == 3U);
  BOOST_TEST(box.in_flight(3)->attempts == 2U);
}

BOOST_AUTO_TEST_CASE(a_resumed_session_may_confirm_what_was_not_written_again) {
  for (const char* text : {"a", "b", "c"}) push(text);
  (void)take();
  box.rewind();
  BOOST_TEST(confirm(2) == names({"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(take() == names({"c"}), boost::test_tools::per_element());
  BOOST_TEST(last_range.first == 3U);
}

BOOST_AUTO_TEST_CASE(at_most_once_ends_what_is_unconfirmed_and_goes_on_behind_it) {
  for (const char* text : {"a", "b", "c"}) push(text);
  (void)take(2);
  box.fail_unconfirmed(gone);
  BOOST_TEST((departures() == delivery::departures({{"a", "unknown"}, {"b", "unknown"}})));
  BOOST_TEST(take() == names({"c"}), boost::test_tools::per_element());
  BOOST_TEST(last_range.first == 3U);
  BOOST_TEST(confirm(3) == names({"c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_message_can_be_withdrawn_until_it_is_written) {
  push("a");
  const auto a = last_id;
  push("b");
  const auto b = last_id;
  push(urgent("u"));
  const auto u = last_id;
  (void)take(1);
  BOOST_TEST(!box.withdraw(u, gone));
  BOOST_TEST(box.withdraw(b, gone));
  BOOST_TEST(!box.withdraw(b, gone));
  BOOST_TEST(!box.withdraw(999, gone));
  BOOST_TEST((departures() == delivery::departures({{"b", "withdrawn"}})));
  BOOST_TEST(box.withdraw(a, gone));
  BOOST_TEST(!box.anything_to_take());
  BOOST_TEST(!box.empty());
}

BOOST_AUTO_TEST_CASE(a_message_that_was_written_before_a_break_cannot_be_withdrawn) {
  push("a");
  const auto a = last_id;
  (void)take();
  box.rewind();
  BOOST_TEST(!box.withdraw(a, gone));
}

BOOST_AUTO_TEST_CASE(senders_that_keep_giving_up_do_not_wear_the_queue_out) {
  push("old");
  for (int i = 0; i < 200; ++i) {
    push("short-lived");
    BOOST_TEST_REQUIRE(box.withdraw(last_id, gone));
  }
  push("new");
  BOOST_TEST(take() == names({"old", "new"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(taking_everything_out_says_what_may_have_arrived) {
  for (const char* text : {"a", "b", "c"}) push(text);
  (void)take(1);
  push(urgent("u"));
  box.take_all(gone);
  BOOST_TEST((departures() ==
              delivery::departures({{"a", "unknown"}, {"b", "withdrawn"}, {"c", "withdrawn"}, {"u", "withdrawn"}})));
  BOOST_TEST(box.empty());
  push("d");
  BOOST_TEST(take() == names({"d"}), boost::test_tools::per_element());
  BOOST_TEST(last_range.first == 2U);
  BOOST_TEST(confirm(1).empty());
}

BOOST_AUTO_TEST_CASE(empty_messages_count_as_messages) {
  push(message(payload_kind::binary, ""));
  BOOST_TEST(box.size().queued_messages == 1U);
  BOOST_TEST(box.size().queued_bytes == 0U);
  BOOST_TEST(take(5, 0).size() == 1U);
  BOOST_TEST(box.size().unconfirmed_messages == 1U);
  BOOST_TEST(confirm(1).size() == 1U);
}

BOOST_AUTO_TEST_CASE(sizes_follow_a_message_from_queued_to_unconfirmed_to_gone) {
  push("12345");
  push("678");
  BOOST_TEST(box.size().queued_bytes == 8U);
  (void)take(1);
  BOOST_TEST(box.size().queued_messages == 1U);
  BOOST_TEST(box.size().queued_bytes == 3U);
  BOOST_TEST(box.size().unconfirmed_messages == 1U);
  BOOST_TEST(box.size().unconfirmed_bytes == 5U);
  box.rewind();
  BOOST_TEST(box.size().unconfirmed_messages == 1U);
  BOOST_TEST(box.anything_to_take());
  (void)take();
  (void)confirm(2);
  BOOST_TEST(box.size().unconfirmed_bytes == 0U);
  BOOST_TEST(box.empty());
}

BOOST_AUTO_TEST_SUITE_END()
