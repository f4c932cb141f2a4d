// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The heartbeat: round trips, silence, stuck writes, and a process that slept.
#define BOOST_TEST_DYN_LINK
#include "policy/heartbeat.hpp"

#include <boost/test/unit_test.hpp>

using namespace tautline;
using namespace tautline::policy;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(a_round_trip)

BOOST_AUTO_TEST_CASE(knows_nothing_before_the_first_sample) {
  const round_trip r;
  BOOST_TEST(!r.smoothed().has_value());
  BOOST_TEST(!r.limit().has_value());
}

BOOST_AUTO_TEST_CASE(starts_with_the_first_sample_and_half_of_it_as_variation) {
  round_trip r;
  r.sample(100ms);  // RFC 6298, 2.2
  BOOST_TEST((r.smoothed() == 100ms));
  BOOST_TEST((r.limit() == 300ms));
}

BOOST_AUTO_TEST_CASE(is_smoothed_as_rfc_6298_says) {
  round_trip r;
  r.sample(100ms);
  r.sample(180ms);  // RTTVAR = 3/4 x 50 + 1/4 x |100 - 180| = 57.5; SRTT = 7/8 x 100 + 1/8 x 180 = 110
  BOOST_TEST((r.smoothed() == 110ms));
  BOOST_TEST((r.limit() == 110ms + 4 * 57'500us));
  r.sample(30ms);  // RTTVAR = 3/4 x 57.5 + 1/4 x 80 = 63.125; SRTT = 7/8 x 110 + 1/8 x 30 = 100
  BOOST_TEST((r.smoothed() == 100ms));
  BOOST_TEST((r.limit() == 100ms + 4 * 63'125us));
}

BOOST_AUTO_TEST_CASE(has_a_limit_of_at_least_50_ms) {
  round_trip r;
  r.sample(1ms);
  BOOST_TEST((r.limit() == 50ms));
}

BOOST_AUTO_TEST_CASE(ignores_a_sample_from_before_its_ping) {
  round_trip r;
  r.sample(-1ms);
  BOOST_TEST(!r.smoothed().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

heartbeat_options of_kind(heartbeat_kind k) {
  heartbeat_options o;
  o.kind = k;
  return o;
}

/// Interval 30 s, timeout 10 s, round trip 100 ms (so a pong is late after 300 ms).
struct watched {
  explicit watched(heartbeat_kind k = heartbeat_kind::websocket) : m(of_kind(k), now) { rtt.sample(100ms); }

  heartbeat_action decide() { return m.decide(now, rtt); }
  /// Goes from decision to decision, as the loop does, until there is something to tell.
  heartbeat_action wait(bool until_degraded = false) {
    for (int i = 0; i < 100; ++i) {
      const auto a = decide();
      if (a.ping || a.dead || (until_degraded && a.degraded)) return a;
      now = a.next;
    }
    return {};
  }

  time_point now = time_point(1h);
  time_point start = now;
  round_trip rtt;
  heartbeat_monitor m;
};

struct silent_kind : watched {
  silent_kind() : watched(heartbeat_kind::none) {}
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_heartbeat, watched)

BOOST_AUTO_TEST_CASE(asks_after_exactly_the_interval_of_silence) {
  BOOST_TEST(wait().ping);
  BOOST_TEST((now == start + 30s));
}

BOOST_AUTO_TEST_CASE(counts_any_byte_as_life) {
  now += 5s;
  m.on_bytes(now);
  BOOST_TEST(wait().ping);
  BOOST_TEST((now == start + 35s));
}

BOOST_AUTO_TEST_CASE(asks_once_and_waits_for_the_answer) {
  (void)wait();
  const auto a = decide();
  BOOST_TEST(!a.ping);
  BOOST_TEST((a.next > now));
}

BOOST_AUTO_TEST_CASE(is_patient_with_a_question_behind_a_backlog_that_gets_on) {
  (void)wait();
  m.on_ping_sent(now);
  for (int i = 0; i < 10; ++i) {
    now += 9s;
    m.on_backlog_moved(now);
    BOOST_TEST(!decide().dead.has_value());
  }
  const auto moved = now;
  BOOST_TEST((*wait().dead == errc::heartbeat_timeout));
  BOOST_TEST((now == moved + 10s));
}

BOOST_AUTO_TEST_CASE(asks_in_time_although_a_backlog_gets_on) {
  now += 29s;
  m.on_backlog_moved(now);
  BOOST_TEST(wait().ping);
  BOOST_TEST((now == start + 30s));
}

BOOST_AUTO_TEST_CASE(declares_death_exactly_at_the_timeout_after_asking) {
  (void)wait();
  m.on_ping_sent(now);
  const auto a = wait();
  BOOST_TEST_REQUIRE(a.dead.has_value());
  BOOST_TEST((*a.dead == errc::heartbeat_timeout));
  BOOST_TEST((now == start + 40s));
}

BOOST_AUTO_TEST_CASE(is_satisfied_by_any_byte_after_asking) {
  (void)wait();
  (void)wait(true);
  now += 4s;
  m.on_bytes(now);
  const auto answered = now;
  BOOST_TEST(wait().ping);
  BOOST_TEST((now == answered + 30s));
}

BOOST_AUTO_TEST_CASE(is_degraded_when_a_pong_is_later_than_the_limit) {
  (void)wait();
  const auto a = wait(true);
  BOOST_TEST(a.degraded);
  BOOST_TEST(!a.dead.has_value());
  BOOST_TEST((now == start + 30s + 300ms));
  m.on_bytes(now);
  BOOST_TEST(!decide().degraded);
}

BOOST_AUTO_TEST_CASE(is_never_degraded_before_a_round_trip_is_known) {
  rtt = round_trip();
  (void)wait();
  now += 9s;
  BOOST_TEST(!decide().degraded);
}

BOOST_AUTO_TEST_CASE(watches_a_barriers_ping_like_its_own) {
  now += 1s;
  (void)decide();
  m.on_ping_sent(now);
  const auto a = wait();
  BOOST_TEST_REQUIRE(a.dead.has_value());
  BOOST_TEST((now == start + 11s));
}

BOOST_AUTO_TEST_CASE(counts_from_the_oldest_unanswered_ping) {
  m.on_ping_sent(now);
  now += 5s;
  (void)decide();
  m.on_ping_sent(now);
  (void)wait();
  BOOST_TEST((now == start + 10s));
}

BOOST_AUTO_TEST_CASE(is_answered_by_a_pong) {
  m.on_ping_sent(now);
  now += 1s;
  m.on_pong(now);
  BOOST_TEST(wait().ping);
  BOOST_TEST((now == start + 31s));
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_the_answer_of_a_ping_that_is_not_out_yet) {
  m.on_ping_framed(100);
  BOOST_TEST(!m.on_write_state(60, 40, now));
  BOOST_TEST(m.ping_waits());
  BOOST_TEST(!m.asking());
  now += 3s;
  BOOST_TEST(m.on_write_state(0, 100, now));
  BOOST_TEST(!m.ping_waits());
  BOOST_TEST_REQUIRE(wait().dead.has_value());
  BOOST_TEST((now == start + 13s));
}

BOOST_AUTO_TEST_CASE(is_satisfied_by_a_pong_that_is_quicker_than_the_news_that_its_ping_went_out) {
  m.on_ping_framed(100);
  m.on_pong(now);
  now += 1ms;
  BOOST_TEST(!m.on_write_state(0, 100, now));
  BOOST_TEST(!m.asking());
  BOOST_TEST(wait().ping);
  BOOST_TEST((now == start + 30s));
}

BOOST_AUTO_TEST_CASE(learns_of_a_ping_at_most_one_timeout_late_if_nobody_wakes_it) {
  const auto next = decide().next;
  BOOST_TEST((next <= now + 10s));
}

BOOST_AUTO_TEST_CASE(asks_once_an_interval_even_if_the_timeout_is_longer) {
  heartbeat_options o;
  o.interval = 1s;
  o.timeout = 30s;
  heartbeat_monitor patient(o, start);
  const round_trip none_yet;
  patient.on_ping_sent(start);
  const auto asked = patient.decide(start, none_yet);
  patient.on_pong(start + 100ms);
  const auto answered = patient.decide(asked.next, none_yet);
  BOOST_TEST((answered.next == start + 1'100ms));
  BOOST_TEST(patient.decide(answered.next, none_yet).ping);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_stuck_write, watched)

BOOST_AUTO_TEST_CASE(is_not_stuck_while_what_lies_before_it_gets_on) {
  m.on_write_state(1'000, 0, now);
  for (int i = 0; i < 4; ++i) {
    now += 4s;
    m.on_write_state(1'000, 0, now);
    m.on_backlog_moved(now);
    BOOST_TEST(!decide().dead.has_value());
  }
  const auto moved = now;
  BOOST_TEST((*wait().dead == errc::write_timeout));
  BOOST_TEST((now == moved + 10s));
}

BOOST_AUTO_TEST_CASE(is_dead_after_the_timeout_without_progress) {
  m.on_write_state(1'000, 0, now);
  (void)decide();
  m.on_write_state(1'000, 0, now + 5s);
  m.on_bytes(now + 6s);
  const auto a = wait();
  BOOST_TEST_REQUIRE(a.dead.has_value());
  BOOST_TEST((*a.dead == errc::write_timeout));
  BOOST_TEST((now == start + 10s));
}

BOOST_AUTO_TEST_CASE(is_alive_as_long_as_bytes_go) {
  m.on_write_state(1'000, 0, now);
  for (std::uint64_t i = 1; i <= 100; ++i) {
    now += 9s;
    m.on_bytes(now);
    m.on_write_state(1'000, i, now);
    BOOST_TEST(!decide().dead.has_value());
  }
}

BOOST_AUTO_TEST_CASE(is_over_when_everything_has_gone) {
  m.on_write_state(1'000, 0, now);
  now += 9s;
  m.on_write_state(0, 1'000, now);
  now += 5s;
  BOOST_TEST(!decide().dead.has_value());
  m.on_write_state(10, 1'000, now);
  (void)decide();
  BOOST_TEST((*wait().dead == errc::write_timeout));
  BOOST_TEST((now == start + 24s));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(without_a_heartbeat, silent_kind)

BOOST_AUTO_TEST_CASE(nothing_is_asked_and_silence_is_no_death) {
  for (int i = 0; i < 100; ++i) {
    const auto a = decide();
    BOOST_TEST_REQUIRE(!a.ping);
    BOOST_TEST_REQUIRE(!a.dead.has_value());
    now = a.next;
  }
  BOOST_TEST((now > start + 10min));
}

BOOST_AUTO_TEST_CASE(an_unanswered_barrier_is_no_death_but_shows) {
  m.on_ping_sent(now);
  now += 9s;
  BOOST_TEST(decide().degraded);
  now += 4s;
  BOOST_TEST(!decide().dead.has_value());
}

BOOST_AUTO_TEST_CASE(a_stuck_write_is_still_dead) {
  m.on_write_state(1, 0, now);
  BOOST_TEST((*wait().dead == errc::write_timeout));
}

BOOST_AUTO_TEST_CASE(a_suspended_process_does_not_start_to_ask) {
  (void)decide();
  now += 1h;
  BOOST_TEST(!decide().ping);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_process_that_was_suspended, watched)

BOOST_AUTO_TEST_CASE(probes_at_once_instead_of_trusting) {
  const auto before = decide();
  now = before.next + 5s + 1ns;
  const auto a = decide();
  BOOST_TEST(a.ping);
  BOOST_TEST(!a.dead.has_value());
}

BOOST_AUTO_TEST_CASE(does_not_kill_blindly_while_it_waited_for_an_answer) {
  (void)wait();
  const auto asked = decide();
  now = asked.next + 1h;
  const auto a = decide();
  BOOST_TEST(!a.dead.has_value());
  BOOST_TEST(a.ping);
  BOOST_TEST(!a.degraded);
  const auto woke = now;
  BOOST_TEST((*wait().dead == errc::heartbeat_timeout));
  BOOST_TEST((now == woke + 10s));
}

BOOST_AUTO_TEST_CASE(gives_a_stuck_write_its_whole_timeout_again) {
  m.on_write_state(100, 0, now);
  now = decide().next + 1h;
  BOOST_TEST(!decide().dead.has_value());
  const auto woke = now;
  m.on_bytes(now + 1s);
  BOOST_TEST((*wait().dead == errc::write_timeout));
  BOOST_TEST((now == woke + 10s));
}

BOOST_AUTO_TEST_CASE(is_not_confused_with_a_timer_that_was_a_little_late) {
  now = decide().next + 5s;
  const auto a = decide();
  BOOST_TEST(!a.ping);
  (void)wait();
  BOOST_TEST((now == start + 30s));
}

BOOST_AUTO_TEST_CASE(dies_when_a_late_timer_meets_a_timeout) {
  (void)wait();
  const auto asked = now;
  while (decide().next < asked + 10s) now = decide().next;
  now = asked + 14s;
  BOOST_TEST((*decide().dead == errc::heartbeat_timeout));
}

BOOST_AUTO_TEST_SUITE_END()
