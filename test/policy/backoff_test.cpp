// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Backoff: the delays, their spread, the count of failures, and the shared budget.
#define BOOST_TEST_DYN_LINK
#include "policy/backoff.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <random>
#include <stdexcept>

using namespace tautline;
using namespace tautline::policy;
using namespace std::chrono_literals;

namespace {

constexpr double almost_one = 1.0 - 1e-16;

backoff_options with(jitter j) {
  backoff_options o;
  o.jitter = j;
  return o;
}

cause broken() {
  cause c;
  c.where = phase::open;
  return c;
}

cause asked_for(duration d) {
  cause c = broken();
  c.retry_after = d;
  return c;
}

/// How many of 10,000 delays with evenly drawn chance fall into each tenth of [low, high].
std::array<int, 10> spread_of(const backoff_options& o, unsigned failures, duration previous, duration low,
                              duration high) {
  std::mt19937_64 random(42);
  std::array<int, 10> tenths{};
  for (int i = 0; i < 10'000; ++i) {
    const double r = static_cast<double>(random() >> 11U) * 0x1p-53;
    const duration d = backoff_delay(o, failures, previous, r);
    BOOST_TEST_REQUIRE((d >= low && d <= high));
    const auto tenth = static_cast<std::size_t>(10 * (d - low) / (high - low + 1ns));
    ++tenths.at(tenth);
  }
  return tenths;
}

void check_even(const std::array<int, 10>& tenths) {
  for (const int n : tenths) BOOST_TEST((n > 850 && n < 1'150), "a tenth holds " << n << " of 10,000");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_delay)

BOOST_AUTO_TEST_CASE(doubles_from_the_initial_one_up_to_the_cap) {
  const auto o = with(jitter::none);
  const std::array<duration, 8> expected{1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s};
  for (unsigned i = 0; i < expected.size(); ++i) BOOST_TEST((backoff_delay(o, i + 1, 0s, 0.5) == expected.at(i)));
}

BOOST_AUTO_TEST_CASE(takes_zero_failures_for_one) { BOOST_TEST((backoff_delay(with(jitter::none), 0, 0s, 0) == 1s)); }

BOOST_AUTO_TEST_CASE(does_not_overflow_after_a_thousand_million_failures) {
  for (const jitter j : {jitter::none, jitter::full, jitter::equal, jitter::decorrelated}) {
    backoff_options o = with(j);
    for (const unsigned failures : {63U, 64U, 1'000U, 1'000'000'000U, 4'294'967'295U}) {
      const duration d = backoff_delay(o, failures, 30s, almost_one);
      BOOST_TEST((d > 29s && d <= 30s));
    }
    o.max = duration::max();
    o.multiplier = 1e300;
    BOOST_TEST((backoff_delay(o, 4'000'000'000U, duration::max(), almost_one) >= 0s));
  }
}

BOOST_AUTO_TEST_CASE(stays_constant_with_a_multiplier_of_one) {
  backoff_options o = with(jitter::none);
  o.multiplier = 1;
  BOOST_TEST((backoff_delay(o, 1'000'000'000U, 0s, 0) == 1s));
}

BOOST_AUTO_TEST_CASE(with_full_jitter_is_even_between_zero_and_the_whole) {
  check_even(spread_of(with(jitter::full), 3, 0s, 0s, 4s));
}

BOOST_AUTO_TEST_CASE(with_equal_jitter_is_even_in_the_upper_half) {
  check_even(spread_of(with(jitter::equal), 3, 0s, 2s, 4s));
}

BOOST_AUTO_TEST_CASE(with_decorrelated_jitter_is_even_up_to_three_times_the_last) {
  check_even(spread_of(with(jitter::decorrelated), 3, 5s, 1s, 15s));
}

BOOST_AUTO_TEST_CASE(is_spread_at_the_first_failure_too_when_decorrelated) {
  check_even(spread_of(with(jitter::decorrelated), 1, 0s, 1s, 3s));
}

BOOST_AUTO_TEST_CASE(does_not_bunch_a_fleet_at_the_cap) {
  check_even(spread_of(with(jitter::full), 20, 30s, 0s, 30s));
  check_even(spread_of(with(jitter::equal), 20, 30s, 15s, 30s));
  check_even(spread_of(with(jitter::decorrelated), 20, 30s, 1s, 30s));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_links_backoff)

BOOST_AUTO_TEST_CASE(gives_up_after_the_last_attempt_and_not_before) {
  policy::backoff b(backoff_options{});
  for (unsigned failure = 1; failure < 10; ++failure) {
    const auto d = b.on_end(broken(), false, 0.5);
    BOOST_TEST(!d.give_up);
    BOOST_TEST(d.attempt == failure + 1);
  }
  BOOST_TEST(b.on_end(broken(), false, 0.5).give_up);
  BOOST_TEST(b.failures() == 10U);
}

BOOST_AUTO_TEST_CASE(never_gives_up_when_unlimited) {
  backoff_options o;
  o.max_attempts = unlimited;
  policy::backoff b(o);
  for (int i = 0; i < 1'000; ++i) BOOST_TEST_REQUIRE(!b.on_end(broken(), false, 0.5).give_up);
}

BOOST_AUTO_TEST_CASE(with_one_attempt_gives_up_at_the_first_failure) {
  backoff_options o;
  o.max_attempts = 1;
  policy::backoff b(o);
  BOOST_TEST(!b.on_end(broken(), true, 0.5).give_up);
  BOOST_TEST(b.on_end(broken(), false, 0.5).give_up);
}

BOOST_AUTO_TEST_CASE(starts_over_after_a_stable_connection_within_the_spread) {
  policy::backoff b(backoff_options{});
  for (int i = 0; i < 9; ++i) (void)b.on_end(broken(), false, 0.5);
  const auto d = b.on_end(broken(), true, 0.5);
  BOOST_TEST(!d.give_up);
  BOOST_TEST(d.attempt == 1U);
  BOOST_TEST((d.delay == 50ms));
  BOOST_TEST((b.on_end(broken(), false, almost_one).delay < 1s));
  BOOST_TEST(b.failures() == 1U);
}

BOOST_AUTO_TEST_CASE(counts_a_connection_that_was_not_stable_as_a_failure) {
  policy::backoff b(with(jitter::none));
  BOOST_TEST((b.on_end(broken(), false, 0).delay == 1s));
  BOOST_TEST((b.on_end(broken(), false, 0).delay == 2s));
}

BOOST_AUTO_TEST_CASE(waits_as_long_as_the_peer_asks_and_never_shorter) {
  policy::backoff b(with(jitter::none));
  BOOST_TEST((b.on_end(asked_for(20s), false, 0).delay == 20s));
  BOOST_TEST((b.on_end(asked_for(0s), false, 0).delay == 2s));
  BOOST_TEST((b.on_end(asked_for(1s), false, 0).delay == 4s));
  BOOST_TEST((b.on_end(asked_for(1s), true, 0).delay == 1s));
}

BOOST_AUTO_TEST_CASE(spreads_a_fleet_that_was_sent_away_until_the_same_moment) {
  policy::backoff b(with(jitter::none));
  BOOST_TEST((b.on_end(asked_for(20s), false, 0.25).delay == 20s + 25ms));
}

BOOST_AUTO_TEST_CASE(does_not_let_what_the_peer_asked_for_grow_into_later_delays) {
  policy::backoff b(with(jitter::decorrelated));
  (void)b.on_end(asked_for(24h), false, 0);
  BOOST_TEST((b.on_end(broken(), false, almost_one).delay <= 3s));
}

BOOST_AUTO_TEST_CASE(asks_a_users_own_policy_and_tells_it_all) {
  backoff_options o;
  backoff_input seen;
  o.custom = [&](const backoff_input& in) {
    seen = in;
    return 7s;
  };
  policy::backoff b(o);
  BOOST_TEST((b.on_end(broken(), false, 0.25).delay == 7s));
  BOOST_TEST(seen.failures == 1U);
  BOOST_TEST((seen.previous == 0s));
  BOOST_TEST(seen.random == 0.25);
  BOOST_TEST((seen.why.where == phase::open));
  (void)b.on_end(broken(), false, 0.5);
  BOOST_TEST(seen.failures == 2U);
  BOOST_TEST((seen.previous == 7s));
  (void)b.on_end(broken(), true, 0.5);
  BOOST_TEST(seen.was_stable);
  BOOST_TEST(seen.failures == 0U);
}

BOOST_AUTO_TEST_CASE(bounds_what_a_users_own_policy_returns) {
  backoff_options o;
  duration answer{};
  o.custom = [&](const backoff_input&) { return answer; };
  policy::backoff b(o);
  answer = -5s;
  BOOST_TEST((b.on_end(broken(), false, 0).delay == 0s));
  BOOST_TEST((b.on_end(asked_for(3s), false, 0).delay == 3s));
  answer = duration::max();
  BOOST_TEST((time_point(clock::now()) + b.on_end(broken(), false, 0).delay > time_point(clock::now())));
}

BOOST_AUTO_TEST_CASE(falls_back_to_the_formula_when_a_users_own_policy_throws) {
  backoff_options o = with(jitter::none);
  o.custom = [](const backoff_input&) -> duration { throw std::runtime_error("no"); };
  policy::backoff b(o);
  BOOST_TEST((b.on_end(broken(), false, 0).delay == 1s));
}

BOOST_AUTO_TEST_CASE(can_be_reset) {
  policy::backoff b(with(jitter::none));
  (void)b.on_end(broken(), false, 0);
  (void)b.on_end(broken(), false, 0);
  b.reset();
  BOOST_TEST(b.failures() == 0U);
  BOOST_TEST((b.on_end(broken(), false, 0).delay == 1s));
}

BOOST_AUTO_TEST_CASE(calls_a_connection_stable_after_its_time_and_one_confirmation) {
  const backoff_options o;
  BOOST_TEST(proved_stable(o, 5s, true));
  BOOST_TEST(!proved_stable(o, 5s - 1ns, true));
  BOOST_TEST(!proved_stable(o, 1h, false));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_budget_of_attempts)

BOOST_AUTO_TEST_CASE(spaces_the_attempts_of_all_who_share_it) {
  attempt_budget b(10);
  const time_point now(1h);
  for (int i = 0; i < 5; ++i) BOOST_TEST((b.reserve(now) == now + i * 100ms));
  BOOST_TEST((b.reserve(now + 450ms) == now + 500ms));
  BOOST_TEST((b.reserve(now + 10s) == now + 10s));
}

BOOST_AUTO_TEST_CASE(lets_a_burst_start_at_once_after_a_rest_and_no_more) {
  attempt_budget b(1, 3);
  const time_point now(1h);
  for (int i = 0; i < 3; ++i) BOOST_TEST((b.reserve(now) == now));
  BOOST_TEST((b.reserve(now) == now + 1s));
  BOOST_TEST((b.reserve(now) == now + 2s));
  const time_point later = now + 1min;
  for (int i = 0; i < 3; ++i) BOOST_TEST((b.reserve(later) == later));
  BOOST_TEST((b.reserve(later) == later + 1s));
}

BOOST_AUTO_TEST_CASE(refuses_numbers_that_make_no_sense) {
  BOOST_CHECK_THROW(attempt_budget(0), std::invalid_argument);
  BOOST_CHECK_THROW(attempt_budget(-1), std::invalid_argument);
  BOOST_CHECK_THROW(attempt_budget(std::nan("")), std::invalid_argument);
  BOOST_CHECK_THROW(attempt_budget(1, 0), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(takes_the_smallest_and_the_largest_rate) {
  const time_point now(1h);
  attempt_budget slow(1e-300, 4'000'000'000U);
  BOOST_TEST((slow.reserve(now) == now));
  attempt_budget fast(1e300);
  for (int i = 0; i < 1'000; ++i) BOOST_TEST((fast.reserve(now) == now));
}

BOOST_AUTO_TEST_SUITE_END()
