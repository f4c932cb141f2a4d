// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Confirmation in plain mode: barriers, repeats, unknown outcomes, peers that answer no pings.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

#include <set>

using namespace tautline;
using namespace tautline::testing;

namespace {

options quiet() {
  options o("ws://server/");
  o.heartbeat.kind = heartbeat_kind::none;  // so that every ping is a barrier
  return o;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(delivery_suite)

BOOST_AUTO_TEST_CASE(stages_and_outcomes_have_words) {
  BOOST_TEST(to_string(stage::queued) == "queued");
  BOOST_TEST(to_string(stage::written) == "written");
  BOOST_TEST(to_string(stage::delivered) == "delivered");
  BOOST_TEST(to_string(outcome::pending) == "pending");
  BOOST_TEST(to_string(outcome::delivered) == "delivered");
  BOOST_TEST(to_string(outcome::not_sent) == "not sent");
  BOOST_TEST(to_string(outcome::unknown) == "unknown");
}

BOOST_AUTO_TEST_CASE(a_receipt_of_nothing_says_that_nothing_was_sent) {
  const receipt none;
  BOOST_TEST((none.stage() == stage::queued));
  BOOST_TEST((none.outcome() == outcome::not_sent));
  BOOST_TEST(none.attempts() == 0U);
  BOOST_TEST(!none.error());
}

BOOST_AUTO_TEST_CASE(a_single_message_is_confirmed_within_a_round_trip) {
  world w(quiet());
  w.up();
  w.run_for(1s);
  const auto before = w.time->now();
  auto& s = w.send("x");
  BOOST_TEST(w.until([&] { return s.ended.has_value(); }, 1s));
  BOOST_TEST((w.time->now() - before <= 2ms));
  BOOST_TEST((s.ended == error_code()));
  BOOST_TEST(w.host.pings().size() == 1U);
}

// It stands behind them: one ping is both the heartbeat's first question and the barrier.
BOOST_AUTO_TEST_CASE(what_waited_for_the_connection_is_confirmed_by_its_first_ping) {
  options o = quiet();
  o.heartbeat.kind = heartbeat_kind::websocket;
  o.heartbeat.interval = 10s;
  world w(o);
  auto& s = w.send("x");
  w.up();
  BOOST_TEST(w.until([&] { return s.ended.has_value(); }, 1s));
  BOOST_TEST((s.ended == error_code()));
  w.run_for(1s);
  BOOST_TEST(w.host.pings().size() == 1U);
}

BOOST_AUTO_TEST_CASE(nothing_is_delivered_before_its_pong) {
  world w(quiet());
  w.host.answers_pings(habit::no);
  w.up();
  auto& s = w.send("x");
  w.run_for(1h);
  BOOST_TEST(w.host.received().size() == 1U);
  BOOST_TEST(!s.ended.has_value());
  BOOST_TEST((s.r.stage() == stage::written));
  BOOST_TEST(w.l->status().unconfirmed_messages == 1U);
}

BOOST_AUTO_TEST_CASE(a_pong_confirms_only_what_stood_before_its_ping) {
  world w(quiet());
  std::vector<std::string> pings;
  std::optional<simulated_peer> peer;
  w.host.answers_pings(habit::no);
  w.host.on_open([&](simulated_peer p) { peer = std::move(p); });
  w.up();
  auto& first = w.send("1");
  w.run_for(1s);
  auto& second = w.send("2");
  w.run_for(1s);
  BOOST_REQUIRE(w.host.pings().size() == 1U);
  peer->pong(w.host.pings()[0].payload);
  w.run_for(10ms);
  BOOST_TEST((first.ended == error_code()));
  BOOST_TEST(!second.ended.has_value());
}

BOOST_AUTO_TEST_CASE(a_pong_that_answers_nothing_of_ours_confirms_nothing) {
  world w(quiet());
  std::optional<simulated_peer> peer;
  w.host.answers_pings(habit::no);
  w.host.on_open([&](simulated_peer p) { peer = std::move(p); });
  w.up();
  auto& s = w.send("1");
  w.run_for(1s);
  for (const auto* payload : {"", "1", "0000000000000000"}) peer->pong(payload);
  w.run_for(1s);
  BOOST_TEST(!s.ended.has_value());
}

BOOST_AUTO_TEST_CASE(a_peer_that_stops_answering_pings_and_goes_on_talking_is_noticed_once) {
  auto o = options("ws://server/");
  o.delivery.written_is_enough = true;
  world w(o);
  w.follow_events();
  w.up();
  auto& confirmed = w.send("1");
  w.run_for(1s);
  BOOST_TEST((confirmed.ended == error_code()));
  w.host.answers_pings(habit::no);
  auto& s = w.send("2");
  for (int i = 0; i < 60; ++i) {
    w.host.send_all(message("tick"));
    w.run_for(1s);
  }
  BOOST_TEST(w.count(event_kind::unconfirmed) == 1U);
  BOOST_TEST(w.host.connections() == 1U);
  BOOST_TEST(!s.ended.has_value());  // it has shown that it can answer: written is not enough for it
}

BOOST_AUTO_TEST_CASE(a_pong_of_an_earlier_connection_confirms_nothing) {
  world w(quiet());
  std::optional<simulated_peer> peer;
  w.host.answers_pings(habit::no);
  w.host.on_open([&](simulated_peer p) { peer = std::move(p); });
  w.up();
  auto& s = w.send("1");
  w.run_for(1s);
  const auto old = w.host.pings().at(0).payload;
  w.host.reset_all();
  BOOST_TEST(w.until([&] { return w.host.received().size() == 2; }, 1min));
  peer->pong(old);
  w.run_for(1s);
  BOOST_TEST(!s.ended.has_value());
}

BOOST_AUTO_TEST_CASE(a_steady_stream_costs_at_most_one_barrier_per_interval) {
  world w(quiet());
  w.up();
  for (int i = 0; i < 10'000; ++i) {
    w.send(message(std::to_string(i)));
    w.run_for(1ms);
  }
  w.run_for(1s);
  BOOST_TEST(w.l->metrics().delivered == 10'000U);
  BOOST_TEST(w.host.pings().size() <= 101U);
  BOOST_TEST(w.host.pings().size() >= 50U);
  BOOST_TEST(w.l->metrics().barriers == w.host.pings().size());
}

BOOST_AUTO_TEST_CASE(a_quarter_of_the_queue_unconfirmed_asks_at_once) {
  auto o = quiet();
  o.queue.max_messages = 100;
  o.delivery.barrier_interval = 1h;
  world w(o);
  w.up();
  w.send("first");
  w.run_for(10ms);
  BOOST_TEST(w.host.pings().size() == 1U);
  for (int i = 0; i < 25; ++i) w.send("x");
  w.run_for(10ms);
  BOOST_TEST(w.host.pings().size() == 1U);
  w.send("one more than a quarter");
  w.run_for(10ms);
  BOOST_TEST(w.host.pings().size() == 2U);
  BOOST_TEST(w.l->status().unconfirmed_messages == 0U);
}

BOOST_AUTO_TEST_CASE(what_was_unconfirmed_at_a_break_is_sent_again_first_and_counted) {
  world w(quiet());
  w.host.answers_pings(habit::no);
  w.up();
  for (const auto& n : numbers(1, 3)) w.send(message(n));
  w.run_for(10ms);
  w.host.answers_pings(habit::yes);
  w.host.reset_all();
  w.run_for(0s);
  w.send(message("4"));
  w.run_for(10s);
  BOOST_TEST((w.payloads(1) == numbers(1, 3)));
  BOOST_TEST((w.payloads(2) == numbers(1, 4)));
  BOOST_TEST(w.l->metrics().resent == 3U);
  BOOST_TEST(w.sends[0].r.attempts() == 2U);
  BOOST_TEST(w.sends[3].r.attempts() == 1U);
}

BOOST_AUTO_TEST_CASE(at_most_once_reports_unknown_and_never_repeats) {
  auto o = quiet();
  o.delivery.mode = delivery_mode::at_most_once;
  world w(o);
  w.host.answers_pings(habit::no);
  w.up();
  for (const auto& n : numbers(1, 3)) w.send(message(n));
  w.run_for(10ms);
  w.host.answers_pings(habit::yes);
  w.host.reset_all();
  w.run_for(0s);
  w.send(message("4"));
  w.run_for(10s);
  BOOST_TEST((w.payloads() == numbers(1, 4)));
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST((w.sends[i].ended == make_error_code(errc::outcome_unknown)));
    BOOST_TEST((w.sends[i].r.outcome() == outcome::unknown));
  }
  BOOST_TEST((w.sends[3].r.outcome() == outcome::delivered));
  BOOST_TEST(w.l->metrics().unknown == 3U);
  BOOST_TEST(w.l->metrics().resent == 0U);
  w.check_the_sum();
}

BOOST_AUTO_TEST_CASE(a_path_that_goes_dark_and_is_then_reset_loses_nothing_of_a_stream) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    world w(options("ws://server/"), seed);
    w.up();
    w.run_for(6s);
    int n = 0;
    const auto stream = [&](int count) {
      for (int i = 0; i < count; ++i) {
        w.send(message(std::to_string(++n)));
        w.run_for(10ms);
      }
    };
    stream(100);
    w.host.black_hole(direction::both);
    stream(50);
    w.host.reset_all();
    w.host.heal();
    stream(150);
    w.run_for(2s);
    const auto got = w.payloads();
    const std::set<std::string> distinct(got.begin(), got.end());
    BOOST_TEST(distinct.size() == 300U);
    BOOST_TEST(w.l->metrics().delivered == 300U);
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_answers_no_pings_is_noticed_once_and_written_is_enough_if_allowed) {
  options o("ws://server/");
  o.delivery.written_is_enough = true;
  world w(o);
  w.follow_events();
  w.host.answers_pings(habit::no);
  w.up();
  for (int i = 0; i < 40; ++i) {
    w.send(message(std::to_string(i)));
    w.run_for(1s);
  }
  BOOST_TEST(w.count(event_kind::unconfirmed) == 1U);
  BOOST_TEST(w.count(event_kind::down) == 0U);
  BOOST_TEST(w.l->metrics().delivered == 40U);
  BOOST_TEST(w.host.received().size() == 40U);
}

BOOST_AUTO_TEST_CASE(without_that_permission_nothing_counts_as_delivered) {
  world w(quiet());
  w.follow_events();
  w.host.answers_pings(habit::no);
  w.up();
  w.send("x");
  w.run_for(5min);
  BOOST_TEST(w.l->metrics().delivered == 0U);
  BOOST_TEST(w.count(event_kind::unconfirmed) <= 1U);
}

BOOST_AUTO_TEST_CASE(drained_is_said_when_nothing_is_left) {
  world w(quiet());
  w.follow_events();
  w.up();
  w.send("1");
  w.send("2");
  w.run_for(5ms);
  BOOST_TEST(w.count(event_kind::drained) == 1U);
  w.run_for(1h);
  BOOST_TEST(w.count(event_kind::drained) == 1U);
}

BOOST_AUTO_TEST_CASE(the_senders_wait_when_the_socket_takes_no_more) {
  auto o = quiet();
  o.queue.max_messages = 50;
  world w(o);
  path_options p;
  p.window = 1'000;
  w.host.path(p);
  w.up();
  w.host.pause_reading();
  int queued = 0;
  for (int i = 0; i < 200; ++i)
    w.l->async_send(message(std::string(100, 'x')), [&](error_code ec, receipt) { queued += ec ? 0 : 1; });
  w.run_for(5s);
  BOOST_TEST(queued == 50);
  w.host.resume_reading();
  w.run_for(1min);
  BOOST_TEST(queued == 200);
  BOOST_TEST(w.host.received().size() == 200U);
}

BOOST_AUTO_TEST_SUITE_END()
