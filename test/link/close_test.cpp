// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Closing and cancelling: what is waited for, how long, and what is left.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

using namespace tautline;
using namespace tautline::testing;

namespace {

options with_limits() {
  options o("ws://server/");
  o.drain_timeout = 20s;
  o.close_timeout = 5s;
  return o;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(close_suite)

BOOST_AUTO_TEST_CASE(a_close_delivers_what_is_queued_and_says_1000) {
  world w(with_limits());
  w.up();
  for (const auto& n : numbers(1, 100)) w.send(message(n));
  auto& c = w.close();
  w.run_for(1s);
  BOOST_TEST((c.code == error_code()));
  BOOST_TEST((w.runs[0].code == error_code()));
  BOOST_TEST((w.payloads() == numbers(1, 100)));
  BOOST_TEST(w.host.last_close_code() == 1000);
  BOOST_TEST((w.l->status().state == link_state::disconnected));
  for (const auto& s : w.sends) BOOST_TEST((s.r.outcome() == outcome::delivered));
}

BOOST_AUTO_TEST_CASE(a_close_waits_for_a_reconnect_to_deliver) {
  world w(with_limits());
  w.host.answers(answer::refuse());
  w.run();
  w.send("late");
  auto& c = w.close();
  w.run_for(500ms);
  BOOST_TEST(!c.code.has_value());
  w.host.answers(answer::accept());
  BOOST_TEST(w.until([&] { return c.code.has_value(); }, 15s));
  BOOST_TEST((c.code == error_code()));
  BOOST_TEST(w.host.received().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_close_with_nothing_to_deliver_does_not_wait_for_a_connection) {
  world w(with_limits());
  w.host.answers(answer::hang(phase::connect));
  w.run();
  w.run_for(1s);
  auto& c = w.close();
  w.run_for(0s);
  BOOST_TEST((c.code == error_code()));
  BOOST_TEST((w.runs[0].code == error_code()));
}

BOOST_AUTO_TEST_CASE(a_drain_that_takes_too_long_is_given_up_and_the_rest_can_be_had) {
  world w(with_limits());
  w.host.answers_pings(habit::no);
  w.up();
  auto& s = w.send("never confirmed");
  w.run_for(1s);
  const auto before = w.time->now();
  auto& c = w.close();
  BOOST_TEST(w.until([&] { return c.code.has_value(); }, 1min));
  BOOST_TEST((c.code == make_error_code(errc::drain_timeout)));
  BOOST_TEST((w.time->now() - before >= 10s));
  BOOST_TEST((w.time->now() - before <= 25s));
  BOOST_TEST(s.completions == 1);
  BOOST_TEST(w.l->take_undelivered().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_answer_the_close_is_left_after_the_limit) {
  world w(with_limits());
  w.host.answers_closes(habit::no);
  w.up();
  const auto before = w.time->now();
  auto& c = w.close();
  BOOST_TEST(w.until([&] { return c.code.has_value(); }, 1min));
  BOOST_TEST((c.code == make_error_code(errc::close_timeout)));
  BOOST_TEST((w.time->now() - before >= 5s));
  BOOST_TEST((w.time->now() - before <= 5500ms));
  w.run_for(1s);
  BOOST_TEST(w.host.open_connections() == 0U);
}

BOOST_AUTO_TEST_CASE(after_a_close_nothing_is_taken_and_no_run_starts) {
  world w(with_limits());
  w.host.answers_pings(habit::no);
  w.up();
  w.send("x");
  w.close();
  w.run_for(0s);
  BOOST_TEST(w.l->try_send(message("too late")) == make_error_code(errc::closing));
  w.run_for(1min);
  BOOST_TEST(bool(w.l->try_send(message("later still"))));
  auto& again = w.run();
  w.run_for(0s);
  BOOST_TEST((again.code == make_error_code(errc::closed)));
}

BOOST_AUTO_TEST_CASE(several_closes_end_together) {
  world w(with_limits());
  w.up();
  auto& a = w.close();
  auto& b = w.close();
  w.run_for(1s);
  BOOST_TEST(a.completions == 1);
  BOOST_TEST(b.completions == 1);
  BOOST_TEST(w.host.connections() == 1U);
}

BOOST_AUTO_TEST_CASE(a_close_ends_although_nobody_receives_and_the_inbox_is_full) {
  auto o = with_limits();
  o.inbox.max_messages = 2;
  world w(o);
  w.up();
  for (const auto& n : numbers(1, 20)) w.host.send_all(message(n));
  w.run_for(1s);
  BOOST_TEST(w.l->metrics().received <= 3U);
  w.send("goodbye");
  const auto before = w.time->now();
  auto& c = w.close();
  BOOST_TEST(w.until([&] { return c.code.has_value(); }, 1min));
  BOOST_TEST((c.code == error_code()));
  BOOST_TEST((w.time->now() - before < 1s));
  BOOST_TEST((w.payloads() == std::vector<std::string>{"goodbye"}));
  w.follow_messages();
  w.run_for(0s);
  BOOST_TEST(w.messages.size() == 20U, "what came before the end is still handed out");
}

BOOST_AUTO_TEST_CASE(a_cancelled_close_stops_the_waiting_only) {
  world w(with_limits());
  w.up();
  w.host.black_hole(direction::both);
  w.send("x");
  asio::cancellation_signal cancel;
  result c;
  w.l->async_close(asio::bind_cancellation_slot(cancel.slot(), [&](error_code ec) { c.set(ec); }));
  w.run_for(1s);
  cancel.emit(asio::cancellation_type::terminal);
  w.run_for(0s);
  BOOST_TEST((c.code == error_code(operation_aborted)));
  w.host.heal();
  w.run_for(10s);
  BOOST_TEST((w.runs[0].code == error_code()));
  BOOST_TEST(w.host.last_close_code() == 1000);
}

BOOST_AUTO_TEST_CASE(a_close_without_a_run_only_marks_the_link) {
  world w(with_limits());
  auto& c = w.close();
  w.run_for(0s);
  BOOST_TEST((c.code == error_code()));
  auto& run = w.run();
  w.run_for(0s);
  BOOST_TEST((run.code == make_error_code(errc::closed)));
  BOOST_TEST(w.host.attempts().empty());
}

BOOST_AUTO_TEST_CASE(a_cancelled_run_keeps_the_queue_and_the_next_run_delivers_it) {
  world w(with_limits());
  w.host.answers_pings(habit::no);
  asio::cancellation_signal cancel;
  result first;
  w.l->async_run(asio::bind_cancellation_slot(cancel.slot(), [&](error_code ec) { first.set(ec); }));
  w.run_for(1s);
  w.send("1");
  w.run_for(1s);
  cancel.emit(asio::cancellation_type::partial);
  w.run_for(0s);
  BOOST_TEST((first.code == error_code(operation_aborted)));
  w.send("2");
  w.run_for(1s);
  BOOST_TEST(w.host.connections() == 1U);
  w.host.answers_pings(habit::yes);
  w.run();
  w.run_for(1s);
  BOOST_TEST((w.payloads(2) == numbers(1, 2)));
  BOOST_TEST((w.sends[0].r.outcome() == outcome::delivered));
}

BOOST_AUTO_TEST_CASE(a_second_run_is_refused_while_one_is_under_way) {
  world w;
  w.up();
  result second;
  w.l->async_run([&](error_code ec) { second.set(ec); });
  w.run_for(1s);
  BOOST_TEST((second.code == make_error_code(errc::already_running)));
  BOOST_TEST((w.l->status().state == link_state::connected));
}

BOOST_AUTO_TEST_CASE(cancel_ends_everything_at_once_wherever_the_link_is) {
  for (const auto where : {phase::resolve, phase::connect, phase::upgrade, phase::open, phase::none}) {
    BOOST_TEST_CONTEXT(to_string(where)) {
      world w(with_limits());
      w.follow_events();
      w.follow_messages();
      if (where == phase::none) w.host.answers(answer::http(503, 1h));
      if (where != phase::none && where != phase::open) w.host.answers(answer::hang(where));
      w.run();
      w.run_for(2s);
      w.send("x");
      result waited;
      w.l->async_wait(link_state::disconnected, [](error_code) {});
      w.l->async_wait(where == phase::open ? link_state::reconnecting : link_state::connected,
                      [&](error_code ec) { waited.set(ec); });
      w.l->cancel();
      w.run_for(0s);
      BOOST_TEST((w.runs[0].code == error_code(operation_aborted)));
      BOOST_TEST((w.events_ended == error_code(operation_aborted)));
      BOOST_TEST((w.messages_ended == error_code(operation_aborted)));
      BOOST_TEST((waited.code == error_code(operation_aborted)));
      BOOST_TEST(w.sends[0].completions == 1);
      w.run_for(1s);
      BOOST_TEST(w.host.open_connections() == 0U);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_wait_for_a_state_ends_when_it_is_reached_or_cannot_be) {
  world w;
  result connected, never;
  w.l->async_wait(link_state::connected, [&](error_code ec) { connected.set(ec); });
  w.run_for(1s);
  BOOST_TEST(connected.completions == 0);
  w.run();
  w.run_for(1s);
  BOOST_TEST((connected.code == error_code()));
  w.l->async_wait(link_state::reconnecting, [&](error_code ec) { never.set(ec); });
  w.close();
  w.run_for(1s);
  BOOST_TEST(bool(never.code.value_or(error_code())));
}

BOOST_AUTO_TEST_CASE(the_status_tells_the_story_of_a_reconnect) {
  world w;
  BOOST_TEST((w.l->status().state == link_state::disconnected));
  w.up();
  w.run_for(10s);
  auto s = w.l->status();
  BOOST_TEST((s.uptime >= 9s));
  BOOST_TEST(s.reconnects == 0U);
  BOOST_TEST(s.endpoint == "ws://server/");
  w.host.answers(answer::refuse());
  w.host.reset_all();
  w.run_for(200ms);
  s = w.l->status();
  BOOST_TEST((s.state == link_state::reconnecting));
  BOOST_TEST(s.why.code == asio::error::connection_refused);
  BOOST_TEST((s.uptime == 0s));
  BOOST_TEST(s.next_attempt_in.has_value());
  w.host.answers(answer::accept());
  w.up();
  BOOST_TEST(w.l->status().reconnects == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
