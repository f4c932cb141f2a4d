// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// When a link tries again, and when it stops trying.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

using namespace tautline;
using namespace tautline::testing;

namespace {

/// Exact delays: 1 s, 2 s, 4 s, ...
options without_jitter() {
  options o("ws://server/");
  o.backoff.jitter = jitter::none;
  return o;
}

std::vector<duration> attempt_times(const world& w) {
  std::vector<duration> all;
  for (const auto& a : w.host.attempts()) all.push_back(a.time - w.start);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(backoff_suite)

BOOST_AUTO_TEST_CASE(delays_double_up_to_the_cap) {
  auto o = without_jitter();
  o.backoff.max = 5s;
  world w(o);
  w.host.answers(answer::fail([] {
    cause c;
    c.where = phase::resolve;
    c.code = asio::error::host_not_found_try_again;
    return c;
  }()));
  w.run();
  w.run_for(17s);
  const std::vector<duration> expected = {0s, 1s, 3s, 7s, 12s, 17s};
  BOOST_TEST((attempt_times(w) == expected));
}

BOOST_AUTO_TEST_CASE(a_stable_connection_is_retried_within_100_ms_and_a_fleet_spreads_over_them) {
  std::vector<duration> waits;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    world w(options("ws://server/"), seed);
    w.up();
    w.run_for(6s);
    w.host.reset_all();
    const auto cut = w.elapsed();
    BOOST_TEST(w.until([&] { return w.host.attempts().size() == 2; }, 1s));
    waits.push_back(w.host.attempts()[1].time - w.start - cut);
  }
  std::sort(waits.begin(), waits.end());
  BOOST_TEST((waits.back() <= 101ms));
  BOOST_TEST((waits.back() >= 80ms));
  BOOST_TEST((waits.front() <= 20ms));
  BOOST_TEST((waits[20] >= 25ms));
  BOOST_TEST((waits[20] <= 75ms));
}

BOOST_AUTO_TEST_CASE(the_count_of_failures_returns_to_zero_only_after_a_stable_connection) {
  world w(without_jitter());
  w.follow_events();
  w.host.answers_next(answer::refuse());
  w.host.answers_next(answer::refuse());
  w.up();
  BOOST_TEST(w.l->status().attempt == 3U);
  w.run_for(3s);
  w.host.reset_all();
  w.run_for(0s);
  BOOST_REQUIRE(w.last(event_kind::retry_in));
  BOOST_TEST(w.last(event_kind::retry_in)->status.attempt == 4U);
  BOOST_TEST((w.last(event_kind::retry_in)->delay == 4s));
  BOOST_TEST(w.until([&] { return w.l->status().state == link_state::connected; }, 10s));
  w.run_for(6s);
  w.host.reset_all();
  w.run_for(0s);
  BOOST_TEST(w.last(event_kind::retry_in)->status.attempt == 1U);
  BOOST_TEST((w.last(event_kind::retry_in)->delay <= 100ms));
}

BOOST_AUTO_TEST_CASE(time_alone_does_not_make_a_connection_stable_without_a_pong) {
  auto o = without_jitter();
  o.heartbeat.interval = 1min;
  o.heartbeat.timeout = 1min;
  world w(o);
  w.follow_events();
  w.host.answers_pings(habit::no);
  w.up();
  w.run_for(10s);
  w.host.reset_all();
  w.run_for(0s);
  BOOST_REQUIRE(w.last(event_kind::retry_in));
  BOOST_TEST((w.last(event_kind::retry_in)->delay == 1s));
}

BOOST_AUTO_TEST_CASE(a_server_that_accepts_and_closes_at_once_sees_at_most_five_connections_in_three_seconds) {
  std::size_t all = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    world w(options("ws://server/"), seed);
    w.host.answers(answer::accept_and_close(1013, "try again later"));
    w.run();
    w.run_for(3s);
    BOOST_TEST(w.host.connections() <= 5U);
    BOOST_TEST(w.host.connections() >= 1U);
    all += w.host.connections();
  }
  BOOST_TEST(all <= 50U * 4U, "four are already more than typical");
}

BOOST_AUTO_TEST_CASE(attempts_that_are_used_up_end_the_run_and_keep_the_queue) {
  world w;
  w.follow_events();
  w.host.answers(answer::refuse());
  w.send("kept");
  auto& run = w.run();
  BOOST_TEST(w.until([&] { return run.code.has_value(); }));
  BOOST_TEST((run.code == make_error_code(errc::attempts_exhausted)));
  BOOST_TEST(w.host.attempts().size() == 10U);
  BOOST_TEST((w.l->status().state == link_state::disconnected));
  BOOST_TEST(w.l->status().why.code == asio::error::connection_refused);
  BOOST_TEST(w.l->status().queued_messages == 1U);
  BOOST_TEST(w.count(event_kind::gave_up) == 1U);
  BOOST_TEST((w.sends[0].r.outcome() == outcome::pending));
  BOOST_TEST((w.sends[0].ended == make_error_code(errc::attempts_exhausted)));

  w.host.answers(answer::accept());
  result again;
  w.sends[0].r.async_wait(stage::delivered, [&](error_code ec, outcome) { again.set(ec); });
  w.run();
  BOOST_TEST(w.until([&] { return again.code.has_value(); }, 10s));
  BOOST_TEST((again.code == error_code()));
  BOOST_TEST((w.payloads() == std::vector<std::string>{"kept"}));
}

BOOST_AUTO_TEST_CASE(an_unlimited_link_never_gives_up) {
  auto o = without_jitter();
  o.backoff.max_attempts = unlimited;
  world w(o);
  w.host.answers(answer::refuse());
  auto& run = w.run();
  w.run_for(8h);
  BOOST_TEST(!run.code.has_value());
  BOOST_TEST(w.host.attempts().size() > 900U);
  w.host.answers(answer::accept());
  BOOST_TEST(w.until([&] { return w.l->status().state == link_state::connected; }, 31s));
}

BOOST_AUTO_TEST_CASE(retry_now_makes_the_planned_attempt_at_once) {
  world w(without_jitter());
  w.host.answers_next(answer::http(503, 60s));
  w.run();
  w.run_for(2s);
  BOOST_REQUIRE(w.l->status().next_attempt_in.has_value());
  BOOST_TEST((*w.l->status().next_attempt_in > 50s));
  w.l->retry_now();
  w.run_for(10ms);
  BOOST_TEST((w.l->status().state == link_state::connected));
}

BOOST_AUTO_TEST_CASE(retry_now_while_connected_does_nothing) {
  world w;
  w.up();
  w.l->retry_now();
  w.run_for(1s);
  BOOST_TEST(w.host.attempts().size() == 1U);
}

BOOST_AUTO_TEST_CASE(retry_after_lengthens_the_delay) {
  world w(without_jitter());
  w.host.answers_next(answer::http(503, 20s));
  w.run();
  w.run_for(25s);
  BOOST_REQUIRE(w.host.attempts().size() == 2U);
  const auto waited = w.host.attempts()[1].time - w.host.attempts()[0].time;
  BOOST_TEST((waited >= 20s));
  BOOST_TEST((waited <= 20s + 110ms));
}

BOOST_AUTO_TEST_CASE(retry_after_never_shortens_the_delay) {
  auto o = without_jitter();
  o.backoff.initial = 10s;
  world w(o);
  w.host.answers_next(answer::http(503, 1s));
  w.run();
  w.run_for(9s);
  BOOST_TEST(w.host.attempts().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_custom_backoff_decides_and_one_that_throws_falls_back_to_the_formula) {
  auto o = without_jitter();
  std::vector<unsigned> asked;
  o.backoff.custom = [&](const backoff_input& in) -> duration {
    asked.push_back(in.failures);
    if (in.failures == 2) throw std::runtime_error("no idea");
    return 7s;
  };
  world w(o);
  w.host.answers(answer::refuse());
  w.run();
  w.run_for(20s);
  const auto t = attempt_times(w);
  BOOST_REQUIRE(t.size() >= 3U);
  BOOST_TEST((t[1] - t[0] >= 7s && t[1] - t[0] < 7100ms));
  BOOST_TEST((t[2] - t[1] >= 2s && t[2] - t[1] < 2100ms));
  BOOST_TEST((asked.size() >= 2 && asked[0] == 1 && asked[1] == 2));
}

BOOST_AUTO_TEST_CASE(links_that_share_a_budget_attempt_in_turn) {
  auto o = without_jitter();
  o.backoff.budget = std::make_shared<attempt_budget>(2.0, 1);
  world w(o);
  tautline::link second(w.io.get_executor(), o, w.net.make_environment());
  tautline::link third(w.io.get_executor(), o, w.net.make_environment());
  w.run();
  second.async_run([](error_code) {});
  third.async_run([](error_code) {});
  w.run_for(5s);
  const auto t = attempt_times(w);
  BOOST_REQUIRE(t.size() == 3U);
  BOOST_TEST((t[1] - t[0] >= 500ms));
  BOOST_TEST((t[2] - t[1] >= 500ms));
}

BOOST_AUTO_TEST_CASE(the_same_seed_replays_a_stormy_hour_exactly) {
  const auto storm = [](std::uint64_t seed) {
    auto o = options("ws://server/");
    o.backoff.max_attempts = unlimited;
    world w(o, seed);
    w.host.echoes();
    w.up();
    for (int i = 0; i < 60; ++i) {
      w.send(message(std::to_string(i)));
      w.run_for(59s);
      w.host.reset_all();
      if (i % 3 == 0) w.host.answers_next(answer::refuse());
      w.run_for(1s);
    }
    return w.net.trace_hash();
  };
  const auto first = storm(5);
  BOOST_TEST(first == storm(5));
  BOOST_TEST(first != storm(6));
}

BOOST_AUTO_TEST_SUITE_END()
