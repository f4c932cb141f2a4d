// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The channel in which the loops meet.
#define BOOST_TEST_DYN_LINK
#include "link/channel_bench.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

namespace {

using namespace channel_bench;

BOOST_AUTO_TEST_SUITE(the_channel)

BOOST_AUTO_TEST_CASE(hands_out_in_the_order_of_pushing) {
  bench b;
  BOOST_TEST(b.try_push("a"));
  BOOST_TEST(b.try_push("b"));
  taken first, second;
  b.pop(first);
  b.pop(second, 2);
  b.run();
  BOOST_TEST(first.value == "a");
  BOOST_TEST(second.value == "b");
}

BOOST_AUTO_TEST_CASE(a_pop_on_an_empty_channel_waits_for_a_push) {
  bench b;
  taken r;
  b.pop(r);
  b.io.poll();
  BOOST_TEST(!r.ended);
  BOOST_TEST(b.try_push("a"));
  b.run();
  BOOST_TEST(r.value == "a");
}

BOOST_AUTO_TEST_CASE(never_completes_from_inside_an_initiating_function) {
  bench b;
  taken r;
  BOOST_TEST(b.try_push("a"));
  b.pop(r);
  BOOST_TEST(!r.ended);
  b.run();
  BOOST_TEST(r.ended);
}

BOOST_AUTO_TEST_CASE(a_push_into_a_channel_full_by_count_waits_until_a_pop_makes_room) {
  bench b(1);
  BOOST_TEST(b.try_push("a"));
  BOOST_TEST(!b.try_push("b"));
  taken pushed, popped;
  b.push("b", pushed);
  b.io.poll();
  BOOST_TEST(!pushed.ended);
  b.pop(popped);
  b.run();
  BOOST_TEST(pushed.ended);
  BOOST_TEST(!pushed.ec);
  BOOST_TEST(b.c.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_push_into_a_channel_full_by_bytes_waits) {
  bench b(100, 4);
  BOOST_TEST(b.try_push("abc"));
  BOOST_TEST(!b.try_push("de"));
  BOOST_TEST(b.try_push("d"));
  BOOST_TEST(b.c.bytes() == 4u);
}

BOOST_AUTO_TEST_CASE(an_oversized_value_fits_into_an_empty_channel_only) {
  bench b(100, 4);
  BOOST_TEST(b.try_push("abcdefgh"));
  BOOST_TEST(!b.try_push("i"));
}

BOOST_AUTO_TEST_CASE(nobody_overtakes_a_push_that_waits) {
  bench b(100, 4);
  BOOST_TEST(b.try_push("abc"));
  taken big;
  b.push("xyz", big);
  BOOST_TEST(!b.try_push("d"));
  taken popped, next;
  b.pop(popped);
  b.pop(next, 2);
  b.run();
  BOOST_TEST(next.value == "xyz");
}

BOOST_AUTO_TEST_CASE(a_batch_pop_takes_what_is_there_up_to_its_maximum) {
  bench b;
  for (const char* s : {"a", "b", "c"}) BOOST_TEST(b.try_push(s));
  taken two, rest;
  b.pop_batch(2, two);
  b.pop_batch(10, rest);
  b.run();
  BOOST_TEST(two.values == (std::vector<std::string>{"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(rest.values == (std::vector<std::string>{"c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_batch_pop_that_makes_room_lets_several_waiting_pushes_in) {
  bench b(2);
  BOOST_TEST(b.try_push("a"));
  BOOST_TEST(b.try_push("b"));
  taken c, d, popped;
  b.push("c", c);
  b.push("d", d, 51);
  b.pop_batch(2, popped);
  b.run();
  BOOST_TEST(c.ended);
  BOOST_TEST(d.ended);
  BOOST_TEST(b.c.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_cancelled_pop_ends_aborted_and_the_next_push_is_not_lost) {
  bench b;
  taken cancelled, next;
  b.pop(cancelled, 7);
  BOOST_TEST(b.c.cancel(7));
  BOOST_TEST(b.try_push("a"));
  b.pop(next, 8);
  b.run();
  BOOST_TEST(cancelled.ec == asio::error::operation_aborted);
  BOOST_TEST(next.value == "a");
}

BOOST_AUTO_TEST_CASE(cancelling_an_operation_that_has_completed_does_nothing) {
  bench b;
  taken r;
  b.pop(r, 7);
  BOOST_TEST(b.try_push("a"));
  BOOST_TEST(!b.c.cancel(7));
  b.run();
  BOOST_TEST(r.value == "a");
}

BOOST_AUTO_TEST_CASE(a_pop_that_is_cancelled_between_completion_and_handler_gives_its_payload_back) {
  bench b;
  asio::cancellation_signal signal;
  taken aborted, next;
  auto handler = asio::bind_cancellation_slot(signal.slot(), [&](error_code ec, std::string v) {
    aborted.ended = true;
    aborted.ec = ec;
    aborted.value = std::move(v);
  });
  auto op = b.pop_operation(std::move(handler), 7);
  op->on_cancel([&](asio::cancellation_type) { b.c.cancel(7); },
                [&](error_code, std::string v) { b.c.unpop(std::move(v)); });
  b.c.pop(std::move(op));
  BOOST_TEST(b.try_push("a"));
  BOOST_TEST(b.try_push("b"));
  signal.emit(asio::cancellation_type::terminal);  // both are due at once
  b.run();
  BOOST_TEST(aborted.ec == asio::error::operation_aborted);
  BOOST_TEST(aborted.value.empty());
  b.pop(next, 8);
  b.run();
  BOOST_TEST(next.value == "a");
}

BOOST_AUTO_TEST_CASE(a_cancelled_push_takes_its_value_with_it_and_makes_way) {
  bench b(1);
  BOOST_TEST(b.try_push("a"));
  taken cancelled, next, popped, last;
  b.push("b", cancelled, 60);
  b.push("c", next, 61);
  BOOST_TEST(b.c.cancel(60));
  b.pop(popped);
  b.pop(last, 2);
  b.run();
  BOOST_TEST(cancelled.ec == asio::error::operation_aborted);
  BOOST_TEST(last.value == "c");
}

BOOST_AUTO_TEST_CASE(closing_lets_what_is_there_be_drained_and_then_says_why) {
  bench b;
  BOOST_TEST(b.try_push("a"));
  b.c.close(asio::error::eof);
  BOOST_TEST(!b.try_push("b"));
  taken drained, ended;
  b.pop(drained);
  b.pop(ended, 2);
  b.run();
  BOOST_TEST(drained.value == "a");
  BOOST_TEST(!drained.ec);
  BOOST_TEST(ended.ec == asio::error::eof);
}

BOOST_AUTO_TEST_CASE(closing_ends_waiting_pops_and_pushes) {
  bench b(1);
  taken popped, pushed;
  b.pop(popped);
  b.c.close(asio::error::eof);
  b.push("late", pushed);
  b.run();
  BOOST_TEST(popped.ec == asio::error::eof);
  BOOST_TEST(pushed.ec == asio::error::eof);
}

BOOST_AUTO_TEST_CASE(a_closed_channel_can_be_opened_again) {
  bench b;
  b.c.close(asio::error::eof);
  b.c.reopen();
  BOOST_TEST(b.try_push("a"));
  taken r;
  b.pop(r);
  b.run();
  BOOST_TEST(r.value == "a");
}

BOOST_AUTO_TEST_CASE(an_evicting_push_drops_the_oldest_and_counts_them) {
  bench b(2);
  for (const char* s : {"a", "b"}) BOOST_TEST(b.c.hold_evicting(s) == 0u);
  BOOST_TEST(b.c.hold_evicting("c") == 1u);
  b.c.hand_out();
  taken r;
  b.pop_batch(9, r);
  b.run();
  BOOST_TEST(r.values == (std::vector<std::string>{"b", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_held_reaches_who_waits_only_when_it_is_handed_out_and_in_order) {
  bench b(2);
  taken first, second;
  b.pop(first);
  b.pop(second);
  BOOST_TEST(b.c.hold_evicting("a") == 0u);
  b.io.poll();
  BOOST_TEST(!first.ended);
  BOOST_TEST(b.c.hold_evicting("b") == 0u);
  b.c.hand_out();
  b.run();
  BOOST_TEST(first.value == "a");
  BOOST_TEST(second.value == "b");
}

BOOST_AUTO_TEST_CASE(a_forced_push_goes_in_beyond_the_limit_and_the_channel_says_it_is_full) {
  bench b(1);
  b.c.force_push("a");
  b.c.force_push("b");
  BOOST_TEST(b.c.size() == 2u);
  BOOST_TEST(b.c.full());
  BOOST_TEST(b.c.room() == 0u);
}

BOOST_AUTO_TEST_CASE(tells_when_room_was_made) {
  bench b(1);
  int told = 0;
  b.c.on_room([&told] { ++told; });
  BOOST_TEST(b.try_push("a"));
  BOOST_TEST(told == 0);
  taken r;
  b.pop(r);
  BOOST_TEST(told == 1);
  b.run();
}

BOOST_AUTO_TEST_CASE(abandoning_destroys_handlers_without_calling_them) {
  bench b(1);
  taken popped;
  b.pop(popped);
  b.c.abandon();
  b.run();
  BOOST_TEST(!popped.ended);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
