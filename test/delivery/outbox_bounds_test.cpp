// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The outbox: bounds, overflow policies, coalescing keys, time to live.
#define BOOST_TEST_DYN_LINK
#include "delivery/outbox_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace tautline;
using namespace tautline::delivery;
using namespace std::chrono_literals;

namespace {

message urgent(const char* text) { return message(text).urgency(priority::urgent); }
message keyed(const char* text, const char* key = "k") { return message(text).key(key); }
message mortal(const char* text, duration ttl) { return message(text).time_to_live(ttl); }

struct of_two : outbox_fixture {
  explicit of_two(tautline::overflow o) : outbox_fixture(limits(2, 10, o)) {}
};
struct waiting : of_two {
  waiting() : of_two(overflow::wait) {}
};
struct rejecting : of_two {
  rejecting() : of_two(overflow::reject) {}
};
struct dropping_old : of_two {
  dropping_old() : of_two(overflow::drop_oldest) {}
};
struct dropping_new : of_two {
  dropping_new() : of_two(overflow::drop_newest) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(the_bounds_of_an_outbox)

BOOST_FIXTURE_TEST_CASE(a_full_queue_makes_the_sender_wait_and_leaves_its_message_alone, waiting) {
  push("a");
  push("b");
  message m("c");
  BOOST_TEST(box.push(m, nullptr, now, last_id, gone) == admission::wait);
  BOOST_TEST(m.payload() == "c");
  BOOST_TEST(!box.has_room(1));
  (void)take();
  BOOST_TEST(push("c") == admission::wait);
  (void)confirm(1);
  BOOST_TEST(box.has_room(1));
  BOOST_TEST(push("c") == admission::accepted);
}

BOOST_FIXTURE_TEST_CASE(a_full_queue_can_reject, rejecting) {
  push("a");
  push("b");
  BOOST_TEST(push("c") == admission::rejected);
  BOOST_TEST(departures().empty());
}

BOOST_FIXTURE_TEST_CASE(a_full_queue_can_drop_the_newest, dropping_new) {
  push("a");
  push("b");
  BOOST_TEST(push("c") == admission::dropped_new);
  BOOST_TEST(take() == names({"a", "b"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_full_queue_can_drop_the_oldest, dropping_old) {
  push("a");
  push("b");
  BOOST_TEST(push("c") == admission::accepted);
  BOOST_TEST((departures() == delivery::departures({{"a", "dropped"}})));
  BOOST_TEST(take() == names({"b", "c"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(as_many_of_the_oldest_go_as_a_big_one_needs, dropping_old) {
  push("aaaa");
  push("bbbb");
  BOOST_TEST(push("1234567890") == admission::accepted);
  BOOST_TEST((departures() == delivery::departures({{"aaaa", "dropped"}, {"bbbb", "dropped"}})));
}

BOOST_FIXTURE_TEST_CASE(what_is_on_its_way_is_never_dropped, dropping_old) {
  push("a");
  push("b");
  (void)take(1);
  BOOST_TEST(push("c") == admission::accepted);
  BOOST_TEST((departures() == delivery::departures({{"b", "dropped"}})));
  (void)take(1);
  BOOST_TEST(push("d") == admission::dropped_new);
  BOOST_TEST(departures().empty());
}

BOOST_FIXTURE_TEST_CASE(nothing_is_dropped_for_a_message_that_stays_out_anyway, dropping_old) {
  push("12345");
  (void)take();
  push("b");
  BOOST_TEST(push("1234567") == admission::dropped_new);
  BOOST_TEST(departures().empty());
  BOOST_TEST(take() == names({"b"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(normal_messages_are_dropped_before_urgent_ones, dropping_old) {
  push(urgent("u"));
  push("n");
  BOOST_TEST(push(urgent("v")) == admission::accepted);
  BOOST_TEST((departures() == delivery::departures({{"n", "dropped"}})));
  BOOST_TEST(push("m") == admission::dropped_new);
  BOOST_TEST(departures().empty());
  BOOST_TEST(push(urgent("w")) == admission::accepted);
  BOOST_TEST((departures() == delivery::departures({{"u", "dropped"}})));
}

BOOST_FIXTURE_TEST_CASE(a_message_beyond_the_whole_queue_is_refused_by_every_policy, dropping_old) {
  BOOST_TEST(push("12345678901") == admission::too_large);
  BOOST_TEST(push("1234567890") == admission::accepted);
  BOOST_TEST(!box.has_room(0 + 1));
  BOOST_TEST(box.has_room(0));
}

BOOST_AUTO_TEST_CASE(a_queue_of_one_takes_one_at_a_time) {
  outbox_fixture f(outbox_fixture::limits(1, 100, overflow::wait));
  for (std::uint64_t i = 1; i <= 50; ++i) {
    BOOST_TEST(f.push("x") == admission::accepted);
    BOOST_TEST(f.push("y") == admission::wait);
    BOOST_TEST(f.take().size() == 1U);
    BOOST_TEST(f.push("y") == admission::wait);
    BOOST_TEST(f.confirm(i).size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_huge_message_fills_the_queue_alone) {
  const std::size_t huge = 32U << 20U;
  outbox_fixture f(outbox_fixture::limits(10, huge, overflow::wait));
  BOOST_TEST(f.push(std::string(huge, 'x')) == admission::accepted);
  BOOST_TEST(f.push("y") == admission::wait);
  BOOST_TEST(f.take(1, 1).front().size() == huge);
  BOOST_TEST(f.box.size().unconfirmed_bytes == huge);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(coalescing_keys, outbox_fixture)

BOOST_AUTO_TEST_CASE(a_newer_message_takes_the_place_of_the_older_with_its_key) {
  push(keyed("one"));
  const auto first = last_id;
  push("between");
  push(keyed("two"));
  BOOST_TEST((departures() == delivery::departures({{"one", "superseded"}})));
  BOOST_TEST(!box.withdraw(first, gone));
  BOOST_TEST(take() == names({"two", "between"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_replacement_can_be_withdrawn_and_its_key_is_free_then) {
  push("before");
  push(keyed("one"));
  push(keyed("two"));
  push(keyed("three"));
  BOOST_TEST(box.withdraw(last_id, gone));
  push("after");
  push(keyed("four"));
  BOOST_TEST(take() == names({"before", "after", "four"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(other_keys_and_no_keys_are_left_alone) {
  push(keyed("a", "1"));
  push(keyed("b", "2"));
  push("c");
  push("d");
  BOOST_TEST(departures().empty());
  BOOST_TEST(take().size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_message_on_its_way_is_not_replaced) {
  push(keyed("one"));
  (void)take();
  push(keyed("two"));
  box.rewind();
  push(keyed("three"));
  BOOST_TEST((departures() == delivery::departures({{"two", "superseded"}})));
  BOOST_TEST(take() == names({"one", "three"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_urgent_replacement_of_a_normal_message_overtakes) {
  push("a");
  push(keyed("normal"));
  push(keyed("urgent").urgency(priority::urgent));
  BOOST_TEST((departures() == delivery::departures({{"normal", "superseded"}})));
  push(keyed("normal again"));
  BOOST_TEST(take() == names({"normal again", "a"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(replacing_needs_no_room_beyond_the_difference) {
  outbox_fixture f(limits(2, 10, overflow::reject));
  f.push(keyed("12345"));
  f.push("12345");
  BOOST_TEST(f.push(keyed("1234")) == admission::accepted);
  BOOST_TEST(f.box.size().queued_bytes == 9U);
  BOOST_TEST(f.push(keyed("123456")) == admission::rejected);
  BOOST_TEST(f.push(keyed("54321")) == admission::accepted);
  BOOST_TEST(f.take() == names({"54321", "12345"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_bigger_replacement_may_push_others_out_but_keeps_its_place) {
  outbox_fixture f(limits(4, 10, overflow::drop_oldest));
  f.push(keyed("12"));
  f.push("aaa");
  f.push("bbb");
  BOOST_TEST(f.push(keyed("1234567")) == admission::accepted);
  BOOST_TEST((f.departures() == delivery::departures({{"aaa", "dropped"}, {"12", "superseded"}})));
  BOOST_TEST(f.take() == names({"1234567", "bbb"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(time_to_live, outbox_fixture)

BOOST_AUTO_TEST_CASE(a_queued_message_expires_exactly_at_its_time) {
  push(mortal("a", 5s));
  BOOST_TEST((box.next_expiry() == now + 5s));
  now += 5s - 1ns;
  box.expire(now, gone);
  BOOST_TEST(departures().empty());
  now += 1ns;
  box.expire(now, gone);
  BOOST_TEST((departures() == delivery::departures({{"a", "expired"}})));
  BOOST_TEST((box.next_expiry() == time_point::max()));
}

BOOST_AUTO_TEST_CASE(without_a_time_to_live_nothing_ever_expires) {
  push("a");
  BOOST_TEST((box.next_expiry() == time_point::max()));
  push(mortal("b", duration::max()));
  BOOST_TEST((box.next_expiry() == time_point::max()));
}

BOOST_AUTO_TEST_CASE(a_time_that_has_passed_before_the_send_expires_at_once) {
  push(mortal("late", -1s));
  BOOST_TEST(take().empty());
  BOOST_TEST((departures() == delivery::departures({{"late", "expired"}})));
}

BOOST_AUTO_TEST_CASE(the_queues_default_applies_to_messages_that_set_none) {
  queue_options q;
  q.time_to_live = 1s;
  outbox_fixture f(q);
  f.push("default");
  f.push(mortal("own", 3s));
  f.now += 2s;
  BOOST_TEST(f.take() == names({"own"}), boost::test_tools::per_element());
  BOOST_TEST((f.departures() == delivery::departures({{"default", "expired"}})));
}

BOOST_AUTO_TEST_CASE(taking_passes_over_the_expired) {
  push(mortal("a", 1s));
  push("b");
  push(mortal("c", 1s));
  push("d");
  now += 1s;
  BOOST_TEST(take() == names({"b", "d"}), boost::test_tools::per_element());
  BOOST_TEST(last_range.last == 3U);
  BOOST_TEST(departures().size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_is_written_does_not_expire_while_the_connection_lives) {
  push(mortal("a", 1s));
  (void)take();
  now += 1h;
  box.expire(now, gone);
  BOOST_TEST(departures().empty());
  BOOST_TEST(confirm(1).size() == 1U);
}

BOOST_AUTO_TEST_CASE(after_a_break_its_outcome_is_unknown_and_its_number_is_void) {
  push("a");
  push(mortal("b", 1s));
  push("c");
  push(mortal("d", 1s));
  (void)take();
  now += 2s;
  box.expire(now, gone);  // forgets deadlines of what is on its way
  box.rewind();
  BOOST_TEST((box.next_expiry() <= now));
  BOOST_TEST(take() == names({"a", "(void)", "c", "(void)"}), boost::test_tools::per_element());
  BOOST_TEST((departures() == delivery::departures({{"b", "unknown"}, {"d", "unknown"}})));
  BOOST_TEST(last_range.first == 1U);
  BOOST_TEST(last_range.last == 5U);
  BOOST_TEST(box.in_flight(3)->seq == 3U);
  push("e");
  BOOST_TEST(take() == names({"e"}), boost::test_tools::per_element());
  BOOST_TEST(last_range.first == 5U);
  BOOST_TEST(confirm(5).size() == 3U);
}

BOOST_AUTO_TEST_CASE(what_waits_to_be_written_again_expires_while_the_link_is_down) {
  push(mortal("a", 1s));
  (void)take();
  box.rewind();
  BOOST_TEST((box.next_expiry() == now + 1s));
  now += 1s;
  box.expire(now, gone);
  BOOST_TEST((departures() == delivery::departures({{"a", "unknown"}})));
  BOOST_TEST(box.empty());
  BOOST_TEST(box.anything_to_take());  // a void
  push("b");
  BOOST_TEST(take() == names({"(void)", "b"}), boost::test_tools::per_element());
  BOOST_TEST(last_range.first == 1U);
}

BOOST_AUTO_TEST_CASE(the_expired_make_room_before_anything_else_has_to) {
  outbox_fixture f(limits(2, 100, overflow::drop_oldest));
  f.push("keep");
  f.push(mortal("dead", 1s));
  f.now += 1s;
  BOOST_TEST(f.push("new") == admission::accepted);
  BOOST_TEST((f.departures() == delivery::departures({{"dead", "expired"}})));
}

BOOST_AUTO_TEST_CASE(a_replacement_has_its_own_time) {
  push(keyed("old").time_to_live(1s));
  push(keyed("new").time_to_live(10s));
  (void)departures();
  now += 5s;
  box.expire(now, gone);
  BOOST_TEST(departures().empty());
  now += 5s;
  box.expire(now, gone);
  BOOST_TEST((departures() == delivery::departures({{"new", "expired"}})));
}

BOOST_AUTO_TEST_SUITE_END()
