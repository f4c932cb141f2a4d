// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The receiving half of a session.
#define BOOST_TEST_DYN_LINK
#include "delivery/session_inbound.hpp"

#include <boost/test/unit_test.hpp>

#include <ostream>

namespace tautline::delivery {
// Boost.Test wants to print it.
static std::ostream& operator<<(std::ostream& out, session_inbound::verdict v) { return out << static_cast<int>(v); }
}  // namespace tautline::delivery

using namespace tautline;
using namespace tautline::delivery;
using namespace std::chrono_literals;
using verdict = session_inbound::verdict;

namespace {

struct inbound_fixture {
  verdict data(std::uint64_t seq, std::size_t bytes = 1) {
    data_head h;
    h.seq = seq;
    return in.on_data(h, bytes, now);
  }
  verdict voids(std::uint64_t seq, std::uint64_t count) {
    data_head h;
    h.seq = seq;
    h.is_void = true;
    h.count = count;
    return in.on_data(h, 0, now);
  }
  void accept(std::uint64_t from, std::uint64_t to, std::size_t bytes = 1) {
    for (; from <= to; ++from) BOOST_TEST(data(from, bytes) == verdict::deliver);
  }

  time_point now = time_point(1h);
  session_inbound in{session_window(10, 1'000)};
};

struct wide_fixture : inbound_fixture {
  wide_fixture() { in = session_inbound(session_window(100, 100'000)); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(an_inbound_session, inbound_fixture)

BOOST_AUTO_TEST_CASE(delivers_the_next_and_drops_what_it_knows) {
  accept(1, 3);
  BOOST_TEST(data(2) == verdict::duplicate);
  BOOST_TEST(data(3) == verdict::duplicate);
  BOOST_TEST(data(4) == verdict::deliver);
  BOOST_TEST(in.accepted() == 4U);
  BOOST_TEST(in.duplicates() == 2U);
}

BOOST_AUTO_TEST_CASE(refuses_a_number_beyond_the_next_and_stays_as_it_was) {
  BOOST_TEST(data(2) == verdict::gap);
  BOOST_TEST(in.accepted() == 0U);
  BOOST_TEST(data(1) == verdict::deliver);
  BOOST_TEST(data(UINT64_MAX) == verdict::gap);
}

BOOST_AUTO_TEST_CASE(is_responsible_for_what_was_taken_over) {
  accept(1, 5);
  BOOST_TEST(in.recv() == 0U);
  in.taken_over(3, now);
  BOOST_TEST(in.recv() == 3U);
  in.taken_over(2, now);
  BOOST_TEST(in.recv() == 3U);
  in.taken_over(9, now);
  BOOST_TEST(in.recv() == 5U);
  BOOST_TEST(in.accepted() == 5U);
}

BOOST_AUTO_TEST_CASE(waits_for_the_first_when_single_ones_are_acknowledged) {
  accept(1, 4);
  in.acknowledged(2, now);
  in.acknowledged(4, now);
  BOOST_TEST(in.recv() == 0U);
  in.acknowledged(1, now);
  BOOST_TEST(in.recv() == 2U);
  in.acknowledged(3, now);
  BOOST_TEST(in.recv() == 4U);
}

BOOST_AUTO_TEST_CASE(ignores_an_acknowledgement_of_what_does_not_wait) {
  accept(1, 2);
  for (const std::uint64_t seq : {std::uint64_t{0}, std::uint64_t{3}, UINT64_MAX}) in.acknowledged(seq, now);
  BOOST_TEST(in.recv() == 0U);
  in.acknowledged(1, now);
  in.acknowledged(1, now);
  BOOST_TEST(in.recv() == 1U);
}

BOOST_AUTO_TEST_CASE(taking_over_a_part_takes_along_what_was_acknowledged_behind_it) {
  accept(1, 4);
  in.acknowledged(3, now);
  in.taken_over(2, now);
  BOOST_TEST(in.recv() == 3U);
}

BOOST_AUTO_TEST_CASE(passes_over_voids_and_takes_them_over_by_itself) {
  BOOST_TEST(voids(1, 3) == verdict::voided);
  BOOST_TEST(in.accepted() == 3U);
  BOOST_TEST(in.recv() == 3U);
  BOOST_TEST(in.anything_to_say());
  BOOST_TEST(data(4) == verdict::deliver);
}

BOOST_AUTO_TEST_CASE(does_not_take_voids_over_before_the_message_that_waits_in_front_of_them) {
  accept(1, 1);
  BOOST_TEST(voids(2, 2) == verdict::voided);
  accept(4, 4);
  BOOST_TEST(in.recv() == 0U);
  in.taken_over(1, now);
  BOOST_TEST(in.recv() == 3U);
  in.acknowledged(4, now);
  BOOST_TEST(in.recv() == 4U);
}

BOOST_AUTO_TEST_CASE(passes_over_that_part_of_a_void_that_is_new) {
  accept(1, 3);
  BOOST_TEST(voids(2, 2) == verdict::duplicate);
  BOOST_TEST(voids(2, 5) == verdict::voided);
  BOOST_TEST(in.accepted() == 6U);
  BOOST_TEST(voids(8, 1) == verdict::gap);
  BOOST_TEST(voids(7, UINT64_MAX - 6) == verdict::voided);
  BOOST_TEST(in.accepted() == UINT64_MAX);
  BOOST_TEST(in.duplicates() == 0U);
}

BOOST_AUTO_TEST_CASE(has_nothing_to_say_before_it_took_something_over) {
  accept(1, 5);
  BOOST_TEST(!in.anything_to_say());
  BOOST_TEST(!in.ack_due(now + 1h));
  BOOST_TEST((in.next_ack() == time_point::max()));
}

BOOST_AUTO_TEST_CASE(tells_20_ms_after_the_first_that_was_taken_over) {
  accept(1, 3);
  const auto first = now;
  in.taken_over(1, now);
  now += 15ms;
  in.taken_over(2, now);
  BOOST_TEST((in.next_ack() == first + 20ms));
  BOOST_TEST(!in.ack_due(first + 19ms));
  BOOST_TEST(in.ack_due(first + 20ms));
  BOOST_TEST(in.tell() == 2U);
  BOOST_TEST(!in.anything_to_say());
  BOOST_TEST((in.next_ack() == time_point::max()));
  now += 1s;
  in.taken_over(3, now);
  BOOST_TEST((in.next_ack() == now + 20ms));
}

BOOST_AUTO_TEST_CASE(tells_at_once_when_half_of_the_messages_were_taken_over) {
  accept(1, 9);
  in.taken_over(4, now);
  BOOST_TEST(!in.ack_due(now));
  in.taken_over(5, now);
  BOOST_TEST(in.ack_due(now));
  BOOST_TEST((in.next_ack() <= now));
  BOOST_TEST(in.tell() == 5U);
  in.taken_over(9, now);
  BOOST_TEST(!in.ack_due(now));
}

BOOST_AUTO_TEST_CASE(tells_at_once_when_half_of_the_bytes_were_taken_over) {
  accept(1, 2, 250);
  in.taken_over(1, now);
  BOOST_TEST(!in.ack_due(now));
  in.taken_over(2, now);
  BOOST_TEST(in.ack_due(now));
}

BOOST_AUTO_TEST_CASE(tells_a_peer_that_asked_when_all_is_taken_over_that_was_here) {
  accept(1, 3);
  in.taken_over(1, now);
  BOOST_TEST(in.tell() == 1U);
  in.asked();
  accept(4, 4);
  in.taken_over(2, now);
  BOOST_TEST(!in.ack_due(now));
  in.taken_over(3, now);
  BOOST_TEST(in.ack_due(now));
  BOOST_TEST(in.tell() == 3U);
  in.taken_over(4, now);
  BOOST_TEST(!in.ack_due(now));  // one answer
}

BOOST_AUTO_TEST_CASE(tells_of_voids_after_a_while) {
  BOOST_TEST(voids(1, 100) == verdict::voided);
  BOOST_TEST(!in.ack_due(now));
  BOOST_TEST(in.ack_due(now + 20ms));
  BOOST_TEST(in.tell() == 100U);
}

BOOST_AUTO_TEST_CASE(a_window_of_one_message_is_told_of_every_message) {
  in = session_inbound(session_window(1, 1));
  accept(1, 1, 0);
  BOOST_TEST(!in.ack_due(now));
  in.taken_over(1, now);
  BOOST_TEST(in.ack_due(now));
}

BOOST_AUTO_TEST_CASE(a_small_window_still_bears_what_comes_before_the_first_welcome) {
  accept(1, 128);
  BOOST_TEST(data(129) == verdict::too_much);
}

BOOST_AUTO_TEST_CASE(begins_a_new_session_without_memory) {
  accept(1, 5);
  in.taken_over(2, now);
  in.acknowledged(4, now);
  in.reset(0);
  BOOST_TEST(in.accepted() == 0U);
  BOOST_TEST(in.recv() == 0U);
  BOOST_TEST(!in.anything_to_say());
  BOOST_TEST(data(1) == verdict::deliver);
  in.acknowledged(4, now);
  in.taken_over(1, now);
  BOOST_TEST(in.tell() == 1U);
}

BOOST_AUTO_TEST_CASE(begins_a_new_session_behind_what_is_known) {
  in.reset(41);
  BOOST_TEST(in.recv() == 41U);
  BOOST_TEST(!in.anything_to_say());
  BOOST_TEST(data(41) == verdict::duplicate);
  BOOST_TEST(data(42) == verdict::deliver);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(an_inbound_session_with_a_window_beyond_the_first_one, wide_fixture)

BOOST_AUTO_TEST_CASE(bears_twice_the_messages_of_its_window) {
  accept(1, 200);
  BOOST_TEST(data(201) == verdict::too_much);
  BOOST_TEST(in.accepted() == 200U);
}

BOOST_AUTO_TEST_CASE(counts_what_was_taken_over_until_it_is_told) {
  accept(1, 200);
  in.taken_over(200, now);
  BOOST_TEST(data(201) == verdict::too_much);
  BOOST_TEST(in.tell() == 200U);
  BOOST_TEST(data(201) == verdict::deliver);
}

BOOST_AUTO_TEST_CASE(bears_twice_the_bytes_of_its_window) {
  accept(1, 2, 100'000);
  BOOST_TEST(data(3, 0) == verdict::deliver);
  BOOST_TEST(data(4, 1) == verdict::too_much);
}

BOOST_AUTO_TEST_CASE(bears_any_single_message_when_nothing_else_is_untold) {
  accept(1, 1, 1'000'000);
  BOOST_TEST(data(2, 0) == verdict::too_much);
  in.taken_over(1, now);
  BOOST_TEST(in.ack_due(now));
  (void)in.tell();
  accept(2, 2, 1'000'000);
}

BOOST_AUTO_TEST_CASE(does_not_count_duplicates_against_the_window) {
  accept(1, 200);
  BOOST_TEST(data(7, 1'000'000) == verdict::duplicate);
}

BOOST_AUTO_TEST_CASE(bears_the_largest_window_that_can_be_said) {
  in = session_inbound(session_window(UINT64_MAX, UINT64_MAX));
  accept(1, 1'000, 1'000);
  in.taken_over(1'000, now);
  BOOST_TEST(!in.ack_due(now));
}

BOOST_AUTO_TEST_SUITE_END()
