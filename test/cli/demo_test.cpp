// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the demo draws, and how it counts.
#define BOOST_TEST_DYN_LINK
#include "cli/demo_schedule.hpp"
#include "cli/demo_tally.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace tautline;
using namespace tautline::cli;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

bool same(const fault& a, const fault& b) { return a.kind == b.kind && a.after == b.after && a.length == b.length; }

}  // namespace

BOOST_AUTO_TEST_SUITE(demo_schedule)

BOOST_AUTO_TEST_CASE(a_seed_draws_the_same_faults_again) {
  const auto a = draw_schedule(7, 25), b = draw_schedule(7, 25), other = draw_schedule(8, 25);
  BOOST_TEST(std::equal(a.begin(), a.end(), b.begin(), b.end(), same));
  BOOST_TEST(!std::equal(a.begin(), a.end(), other.begin(), other.end(), same));
}

BOOST_AUTO_TEST_CASE(a_seed_means_the_same_faults_everywhere) {
  const auto first = draw_schedule(1, 25).front();
  BOOST_TEST(to_string(first.kind) == "stall");
  BOOST_TEST((first.after == milliseconds(266)));
}

BOOST_AUTO_TEST_CASE(five_cuts_are_one_of_each_kind) {
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    BOOST_TEST(cuts_by_kind(draw_schedule(seed, 5)) == "1 reset, 1 close, 1 stall, 1 black hole, 1 refusal");
}

BOOST_AUTO_TEST_CASE(there_are_as_many_cuts_as_asked_for) {
  BOOST_TEST(draw_schedule(1, 0).empty());
  BOOST_TEST(draw_schedule(1, 60).size() == 60U);
  BOOST_TEST(cuts_by_kind(draw_schedule(1, 25)) == "9 resets, 6 closes, 4 stalls, 2 black holes, 4 refusals");
  BOOST_TEST(cuts_by_kind({}) == "none");
}

BOOST_AUTO_TEST_CASE(a_black_hole_lasts_half_a_second) {
  for (const auto& f : draw_schedule(3, 25))
    if (f.kind == fault_kind::black_hole) BOOST_TEST((f.length == milliseconds(500)));
}

BOOST_AUTO_TEST_CASE(the_default_demo_takes_about_ten_seconds_whatever_the_seed) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto planned = planned_time(draw_schedule(seed, 25));
    BOOST_TEST((planned > seconds(7) && planned < seconds(11)), "seed " << seed);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(demo_tally)

BOOST_AUTO_TEST_CASE(each_number_counts_once_and_repeats_are_told) {
  tally t(3);
  for (const char* m : {"1 of 3", "2 of 3", "2 of 3", "3 of 3"}) t.take(m);
  BOOST_TEST(t.delivered() == 3U);
  BOOST_TEST(t.repeated() == 1U);
  BOOST_TEST(t.lost() == 0U);
  BOOST_TEST(t.out_of_order() == 0U);
}

BOOST_AUTO_TEST_CASE(what_never_came_is_lost) {
  tally t(3);
  t.take("2");
  BOOST_TEST(t.lost() == 2U);
}

BOOST_AUTO_TEST_CASE(a_first_arrival_behind_a_later_number_is_out_of_order) {
  tally t(4);
  for (const char* m : {"1", "3", "2", "3", "4"}) t.take(m);
  BOOST_TEST(t.out_of_order() == 1U);
  BOOST_TEST(t.repeated() == 1U);
  BOOST_TEST(t.lost() == 0U);
}

BOOST_AUTO_TEST_CASE(what_was_never_sent_is_foreign) {
  tally t(2);
  for (const char* m : {"0", "3", "x", "", "-1"}) t.take(m);
  BOOST_TEST(t.foreign() == 5U);
  BOOST_TEST(t.delivered() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
