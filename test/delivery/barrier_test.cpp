// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Pong barriers: when they are due, and what a pong proves.
#define BOOST_TEST_DYN_LINK
#include "delivery/barrier.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace tautline;
using namespace tautline::delivery;
using namespace std::chrono_literals;

namespace {

struct barrier_fixture {
  barrier_fixture() { b.reset(1); }

  bool due(std::uint64_t last_written, bool closing = false) const { return b.due(now, last_written, size, closing); }
  std::string place(std::uint64_t last_written) { return b.place(now, last_written); }
  std::uint64_t confirmed_by(std::string_view payload) {
    const auto a = b.on_pong(payload, now);
    return a ? a->confirmed : 0;
  }

  time_point now = time_point(1h);
  outbox_size size;
  barrier b{100ms, 10, 1'000};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_barrier, barrier_fixture)

BOOST_AUTO_TEST_CASE(is_not_due_while_nothing_is_written) {
  BOOST_TEST(!due(0));
  BOOST_TEST(!due(0, true));
  BOOST_TEST((b.next(0) == time_point::max()));
}

BOOST_AUTO_TEST_CASE(is_due_at_once_when_none_was_placed) {
  BOOST_TEST(due(1));
  BOOST_TEST((b.next(1) <= now));
}

BOOST_AUTO_TEST_CASE(waits_for_the_interval_after_the_last_one) {
  BOOST_TEST(confirmed_by(place(1)) == 1U);
  now += 99ms;
  BOOST_TEST(!due(2));
  BOOST_TEST((b.next(2) == now + 1ms));
  now += 1ms;
  BOOST_TEST(due(2));
}

BOOST_AUTO_TEST_CASE(is_not_due_for_what_an_earlier_ping_covers) {
  (void)place(5);
  now += 1s;
  BOOST_TEST(!due(5));
  BOOST_TEST(!due(4));
}

BOOST_AUTO_TEST_CASE(is_never_due_while_one_is_outstanding) {
  const auto payload = place(1);
  now += 10s;
  size.unconfirmed_messages = 100;
  BOOST_TEST(!due(50));
  BOOST_TEST(!due(50, true));
  BOOST_TEST((b.next(50) == time_point::max()));
  BOOST_TEST(confirmed_by(payload) == 1U);
  BOOST_TEST(due(50));
}

BOOST_AUTO_TEST_CASE(is_due_at_once_beyond_a_quarter_of_the_messages) {
  BOOST_TEST(confirmed_by(place(1)) == 1U);
  size.unconfirmed_messages = 10;
  BOOST_TEST(!due(20));
  size.unconfirmed_messages = 11;
  BOOST_TEST(due(20));
}

BOOST_AUTO_TEST_CASE(is_due_at_once_beyond_a_quarter_of_the_bytes) {
  BOOST_TEST(confirmed_by(place(1)) == 1U);
  size.unconfirmed_bytes = 1'000;
  BOOST_TEST(!due(20));
  size.unconfirmed_bytes = 1'001;
  BOOST_TEST(due(20));
}

BOOST_AUTO_TEST_CASE(is_due_at_once_on_close) {
  BOOST_TEST(confirmed_by(place(1)) == 1U);
  BOOST_TEST(due(2, true));
  BOOST_TEST(!due(1, true));
}

BOOST_AUTO_TEST_CASE(confirms_what_was_written_before_it_and_measures_the_round_trip) {
  const auto payload = place(7);
  now += 30ms;
  const auto a = b.on_pong(payload, now);
  BOOST_TEST_REQUIRE(a.has_value());
  BOOST_TEST(a->confirmed == 7U);
  BOOST_TEST((a->round_trip == 30ms));
  BOOST_TEST(b.answered() == 1U);
}

BOOST_AUTO_TEST_CASE(a_pong_answers_its_ping_and_all_before_it) {
  const auto first = place(1);
  now += 1ms;
  const auto second = place(2);
  const auto third = place(3);
  BOOST_TEST(confirmed_by(second) == 2U);
  BOOST_TEST(confirmed_by(first) == 0U);
  BOOST_TEST(b.outstanding());
  BOOST_TEST(confirmed_by(third) == 3U);
  BOOST_TEST(!b.outstanding());
}

BOOST_AUTO_TEST_CASE(a_duplicate_pong_proves_nothing) {
  const auto payload = place(1);
  BOOST_TEST(confirmed_by(payload) == 1U);
  BOOST_TEST(!b.on_pong(payload, now).has_value());
  BOOST_TEST(b.answered() == 1U);
}

BOOST_AUTO_TEST_CASE(a_forged_pong_proves_nothing) {
  const auto payload = place(1);
  for (const std::string& forged : {std::string(), std::string("hello"), payload + "0", payload.substr(1),
                                    std::string(payload.size(), '0'), std::string(125, 'f')})
    BOOST_TEST(!b.on_pong(forged, now).has_value());
  BOOST_TEST(b.outstanding());
}

BOOST_AUTO_TEST_CASE(a_pong_of_an_earlier_connection_proves_nothing) {
  const auto old = place(9);
  b.reset(2);
  BOOST_TEST(!b.outstanding());
  BOOST_TEST(!b.on_pong(old, now).has_value());
  (void)place(1);
  BOOST_TEST(!b.on_pong(old, now).has_value());
}

BOOST_AUTO_TEST_CASE(a_new_connection_starts_without_memory) {
  (void)place(9);
  b.reset(2);
  BOOST_TEST(b.answered() == 0U);
  BOOST_TEST(!b.waiting_since().has_value());
  BOOST_TEST(due(1));
}

BOOST_AUTO_TEST_CASE(payloads_are_short_and_unlike_each_other) {
  std::set<std::string> seen;
  for (std::uint64_t salt = 0; salt < 10; ++salt) {
    b.reset(salt);
    for (std::uint64_t seq = 0; seq < 10; ++seq) {
      const auto payload = place(seq);
      BOOST_TEST(payload.size() <= 125U);
      BOOST_TEST(seen.insert(payload).second);
    }
  }
}

BOOST_AUTO_TEST_CASE(says_since_when_the_oldest_ping_waits) {
  const auto since = now;
  (void)place(1);
  now += 1s;
  const auto second = place(2);
  BOOST_TEST((b.waiting_since() == since));
  BOOST_TEST(confirmed_by(second) == 2U);
  BOOST_TEST(!b.waiting_since().has_value());
}

BOOST_AUTO_TEST_CASE(a_peer_that_answers_nothing_does_not_make_it_forget_the_first_or_the_last) {
  const auto since = now;
  const auto first = place(1);
  std::string last;
  for (std::uint64_t i = 2; i < 1'000; ++i) {
    now += 1s;
    last = place(i);
  }
  BOOST_TEST((b.waiting_since() == since));
  BOOST_TEST(confirmed_by(first) == 1U);
  BOOST_TEST(confirmed_by(last) == 999U);
}

BOOST_AUTO_TEST_CASE(a_ping_before_anything_is_written_confirms_nothing) {
  const auto payload = place(0);
  const auto a = b.on_pong(payload, now);
  BOOST_TEST_REQUIRE(a.has_value());
  BOOST_TEST(a->confirmed == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
