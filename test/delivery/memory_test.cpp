// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the outbox costs in memory: nothing piles up, and a steady stream allocates only payloads.
#define BOOST_TEST_DYN_LINK

#include "allocations/counted_new.hpp"

#ifndef TAUTLINE_ALLOCATION_IS_TAKEN

#include "delivery/barrier.hpp"
#include "delivery/outbox_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace tautline;
using namespace tautline::delivery;
using namespace std::chrono_literals;

namespace {

std::size_t held() { return counted_new::bytes_held; }
std::size_t allocations() { return counted_new::calls; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(the_memory_of_an_outbox, outbox_fixture)

BOOST_AUTO_TEST_CASE(an_idle_one_holds_next_to_nothing) {
  const std::size_t before = held();
  const outbox idle{queue_options()};
  BOOST_TEST(held() - before == 0U);
  BOOST_TEST(sizeof(idle) < 1'024U);
}

BOOST_AUTO_TEST_CASE(a_steady_stream_of_small_messages_allocates_nothing) {
  const std::string small(64, 'x');
  take_limit all;
  all.messages = all.bytes = 1'000'000;
  std::vector<ended> done;
  std::size_t confirmed = 0;
  const auto turn = [&] {
    for (int i = 0; i < 500; ++i) push(std::string_view(small));
    (void)box.take(all, now, gone);
    confirmed += box.confirm_quietly(box.last_written(), done);
  };
  turn();
  turn();
  const std::size_t before = allocations();
  for (int i = 0; i < 100; ++i) turn();
  BOOST_TEST(allocations() == before);
  BOOST_TEST(confirmed == 102U * 500U);
  BOOST_TEST(done.empty());
}

BOOST_AUTO_TEST_CASE(a_burst_is_given_back) {
  const std::size_t before = held();
  for (int i = 0; i < 100'000; ++i) push("short");
  BOOST_TEST(held() - before > 10'000'000U);
  box.take_all(gone);
  gone = std::vector<ended>();
  BOOST_TEST(held() - before < 300'000U);
}

BOOST_AUTO_TEST_CASE(a_burst_with_keys_and_times_is_given_back) {
  const std::size_t before = held();
  for (int turn = 0; turn < 2; ++turn)
    for (int i = 0; i < 100'000; ++i) push(message("short").key(std::to_string(i)).time_to_live(1h));
  box.take_all(gone);
  gone = std::vector<ended>();
  BOOST_TEST(held() - before < 300'000U);
}

BOOST_AUTO_TEST_CASE(withdrawn_messages_leave_nothing_behind_an_old_one) {
  push("old");
  const auto turn = [&] {
    push("short-lived");
    (void)box.withdraw(last_id, gone);
    gone.clear();
  };
  for (int i = 0; i < 1'000; ++i) turn();
  const std::size_t before = held();
  for (int i = 0; i < 100'000; ++i) turn();
  BOOST_TEST(held() - before < 1'000U);
}

BOOST_AUTO_TEST_CASE(replaced_messages_leave_nothing_behind) {
  const auto turn = [&] {
    push(message("value").key("k").time_to_live(1h));
    gone.clear();
  };
  for (int i = 0; i < 1'000; ++i) turn();
  const std::size_t before = held();
  for (int i = 0; i < 100'000; ++i) turn();
  BOOST_TEST(held() - before < 1'000U);
}

BOOST_AUTO_TEST_CASE(keys_that_were_replaced_and_delivered_leave_nothing_behind) {
  push("old");
  std::vector<ended> done;
  const auto turn = [&] {
    push(message("value").key("k"));
    push(message("value").key("k"));
    (void)take();
    (void)confirm(box.last_written() - 1);
    gone.clear();
  };
  for (int i = 0; i < 1'000; ++i) turn();
  const std::size_t before = held();
  for (int i = 0; i < 10'000; ++i) turn();
  BOOST_TEST(held() - before < 1'000U);
}

BOOST_AUTO_TEST_CASE(deadlines_of_the_delivered_do_not_pile_up) {
  push("old");
  const auto turn = [&] {
    push(message("x").time_to_live(1h));
    (void)take();
    (void)confirm(box.last_written() - 1);
  };
  for (int i = 0; i < 1'000; ++i) turn();
  const std::size_t before = held();
  for (int i = 0; i < 100'000; ++i) turn();
  BOOST_TEST(held() - before < 1'000U);
}

BOOST_AUTO_TEST_CASE(unanswered_pings_do_not_pile_up) {
  barrier b(100ms, 1, 1);
  b.reset(1);
  for (std::uint64_t i = 0; i < 100; ++i) (void)b.place(now, i);
  const std::size_t before = held();
  for (std::uint64_t i = 0; i < 10'000; ++i) (void)b.place(now, i);
  BOOST_TEST(held() == before);
}

BOOST_AUTO_TEST_SUITE_END()

#endif
