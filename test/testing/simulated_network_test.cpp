// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The simulated network: attempts, faults of the path, cut points, the trace.
#define BOOST_TEST_DYN_LINK
#include "network_fixture.hpp"

#include <boost/asio/error.hpp>

using namespace tautline;
using namespace tautline::testing;

BOOST_AUTO_TEST_SUITE(simulated_network_suite)

BOOST_FIXTURE_TEST_CASE(an_attempt_takes_two_round_trips, network_fixture) {
  const auto r = connect("ws://server/path?x=1");
  BOOST_TEST(r.conn != nullptr);
  BOOST_TEST((time->now() - start == 2ms));
  BOOST_TEST(r.conn->info().peer == "server:80");
  BOOST_TEST(host.connections() == 1U);
  BOOST_REQUIRE(host.attempts().size() == 1U);
  BOOST_TEST(host.attempts()[0].url == "ws://server/path?x=1");
}

BOOST_FIXTURE_TEST_CASE(tls_costs_one_more_round_trip_and_another_port, network_fixture) {
  (void)net.host("server:443");
  const auto r = connect("wss://user:secret@server/");
  BOOST_REQUIRE(r.conn);
  BOOST_TEST(r.conn->info().tls);
  BOOST_TEST((time->now() - start == 3ms));
}

BOOST_FIXTURE_TEST_CASE(a_name_that_nobody_named_does_not_resolve, network_fixture) {
  const auto r = connect("ws://elsewhere/");
  BOOST_TEST(!r.conn);
  BOOST_TEST((r.why.where == phase::resolve));
  BOOST_TEST(r.why.code == asio::error::host_not_found);
}

BOOST_FIXTURE_TEST_CASE(answers_are_used_up_in_order_and_then_the_usual_one_is_given, network_fixture) {
  host.answers_next(answer::refuse());
  host.answers_next(answer::http(503, 7s));
  host.answers_next(answer::redirect(302, "ws://other/"));
  auto r = connect("ws://server/");
  BOOST_TEST(r.why.code == asio::error::connection_refused);
  BOOST_TEST((r.why.where == phase::connect));
  r = connect("ws://server/");
  BOOST_TEST(r.why.http_status == 503U);
  BOOST_TEST((r.why.retry_after == duration(7s)));
  r = connect("ws://server/");
  BOOST_TEST(r.why.location == "ws://other/");
  BOOST_TEST(connect("ws://server/").conn != nullptr);
}

BOOST_FIXTURE_TEST_CASE(an_answer_to_every_attempt_takes_the_place_of_those_that_were_planned, network_fixture) {
  host.answers_next(answer::refuse());
  host.answers(answer::accept());
  BOOST_TEST(connect("ws://server/").conn != nullptr);
}

BOOST_FIXTURE_TEST_CASE(an_attempt_that_hangs_ends_at_its_deadline, network_fixture) {
  host.answers(answer::hang(phase::upgrade));
  const auto r = connect("ws://server/");
  BOOST_TEST((r.why.where == phase::upgrade));
  BOOST_TEST((time->now() - start == 10s));
}

BOOST_FIXTURE_TEST_CASE(cancel_ends_the_attempt_under_way, network_fixture) {
  host.answers(answer::hang(phase::connect));
  const auto r = begin_connect("ws://server/");
  time->run_for(1s);
  env.connector->cancel();
  time->run_for(0s);
  BOOST_REQUIRE(r->has_value());
  BOOST_TEST((**r).why.code == asio::error::operation_aborted);
}

BOOST_FIXTURE_TEST_CASE(an_attempt_into_a_black_hole_goes_on_when_it_heals, network_fixture) {
  host.black_hole(direction::down);
  const auto r = begin_connect("ws://server/");
  time->run_for(4s);
  BOOST_TEST(!r->has_value());
  host.heal();
  time->run_for(2s);
  BOOST_REQUIRE(r->has_value());
  BOOST_TEST((**r).conn != nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_message_arrives_after_the_latency_and_is_recorded, network_fixture) {
  path_options p;
  p.latency_up = 40ms;
  host.path(p);
  const auto e = connect_and_read();
  const auto sent = time->now();
  send(e, "hello");
  time->run_for(39ms);
  BOOST_TEST(host.received().empty());
  time->run_for(1ms);
  BOOST_REQUIRE(host.received().size() == 1U);
  BOOST_TEST(host.received()[0].payload == "hello");
  BOOST_TEST(host.received()[0].connection == 1U);
  BOOST_TEST((host.received()[0].time - sent == 40ms));
}

BOOST_FIXTURE_TEST_CASE(jitter_never_changes_the_order, network_fixture) {
  path_options p;
  p.jitter = 500ms;
  host.path(p);
  const auto e = connect_and_read();
  for (int i = 0; i < 50; ++i) {
    send(e, std::to_string(i));
    time->run_for(1ms);
  }
  time->run_for(5s);
  BOOST_REQUIRE(host.received().size() == 50U);
  for (std::size_t i = 0; i < 50; ++i) BOOST_TEST(host.received()[i].payload == std::to_string(i));
}

BOOST_FIXTURE_TEST_CASE(a_reset_loses_what_is_under_way, network_fixture) {
  const auto e = connect_and_read();
  send(e, "lost");
  host.reset_all();
  time->run_for(1s);
  BOOST_TEST(host.received().empty());
  BOOST_REQUIRE(e->read_ended.has_value());
  BOOST_TEST(*e->read_ended == asio::error::connection_reset);
  BOOST_TEST(e->conn->write("x", payload_kind::text) == asio::error::connection_reset);
  BOOST_TEST(host.open_connections() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_black_hole_keeps_what_enters_it_until_it_heals, network_fixture) {
  const auto e = connect_and_read();
  host.black_hole(direction::up);
  send(e, "late");
  host.send_all("down is open");
  time->run_for(1min);
  BOOST_TEST(host.received().empty());
  BOOST_TEST(e->got.size() == 1U);
  host.heal();
  time->run_for(1s);
  BOOST_TEST(host.received().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(what_entered_a_black_hole_is_lost_with_a_reset, network_fixture) {
  const auto e = connect_and_read();
  host.black_hole(direction::both);
  send(e, "lost");
  time->run_for(500ms);
  host.reset_all();
  host.heal();
  time->run_for(1s);
  BOOST_TEST(host.received().empty());
}

BOOST_FIXTURE_TEST_CASE(bandwidth_and_window_leave_the_rest_with_the_sender, network_fixture) {
  path_options p;
  p.bytes_per_second = 1'000;
  p.window = 500;
  host.path(p);
  const auto e = connect_and_read();
  BOOST_TEST(!e->conn->write(std::string(1'992, 'x'), payload_kind::binary));
  BOOST_TEST(e->conn->unflushed() == 2'000U);
  begin_flush(e);
  time->run_for(0s);
  BOOST_TEST(e->conn->unflushed() == 1'500U);
  time->run_for(1s);
  BOOST_TEST(e->conn->bytes_flushed() > 1'400U);
  BOOST_TEST(e->conn->bytes_flushed() < 1'600U);
  BOOST_TEST(!e->flushed.has_value());
  time->run_for(2s);
  BOOST_TEST(e->flushed.has_value());
  BOOST_TEST(host.received().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_server_that_stops_reading_fills_the_window, network_fixture) {
  const auto e = connect_to_a_deaf_server(100);
  for (int i = 0; i < 10; ++i) BOOST_TEST(!e->conn->write(std::string(14, 'x'), payload_kind::text));
  begin_flush(e);
  time->run_for(1min);
  BOOST_TEST(e->conn->unflushed() == 100U);
  BOOST_TEST(host.received().empty());
  host.resume_reading();
  time->run_for(1s);
  BOOST_TEST(host.received().size() == 10U);
  BOOST_TEST(e->flushed.has_value());
}

BOOST_FIXTURE_TEST_CASE(every_event_can_be_cut, network_fixture) {
  net.cut_at(1);
  BOOST_TEST((connect("ws://server/").why.where == phase::resolve));
  net.cut_at(net.events() + 3);
  auto r = connect("ws://server/");
  BOOST_TEST((r.why.where == phase::upgrade));
  BOOST_TEST(r.why.code == asio::error::connection_reset);
  net.on_event(nullptr);
  const auto e = connect_and_read();
  net.cut_at(net.events() + 2);
  send(e, "never arrives");
  time->run_for(1s);
  BOOST_TEST(host.received().empty());
  BOOST_TEST(e->read_ended.has_value());
}

BOOST_FIXTURE_TEST_CASE(an_event_names_what_happens_where, network_fixture) {
  std::string trace;
  net.on_event([&](const network_event& e) {
    trace += std::string(to_string(e.what)) + (e.way == direction::up ? "^" : "v") + std::to_string(e.connection) + " ";
    return interference::none;
  });
  host.echoes();
  const auto e = connect_and_read();
  send(e, "x");
  time->run_for(1s);
  BOOST_TEST(trace == "resolve^0 connect^0 upgrade^0 flush^1 data^1 datav1 ");
}

BOOST_FIXTURE_TEST_CASE(a_connection_can_fall_silent_at_an_event, network_fixture) {
  const auto e = connect_and_read();
  net.cut_at(net.events() + 2, interference::silence);
  send(e, "a");
  send(e, "b");
  host.send_all("c");
  time->run_for(1h);
  BOOST_TEST(host.received().empty());
  BOOST_TEST(e->got.empty());
  BOOST_TEST(!e->read_ended.has_value());
}

BOOST_FIXTURE_TEST_CASE(an_orphan_arrives_in_order_after_its_sender_has_gone, network_fixture) {
  const auto e = connect_and_read();
  net.cut_at(net.events() + 3, interference::orphan);
  send(e, "a");
  send(e, "b");
  time->run_for(10ms);
  BOOST_TEST(host.received().empty());
  BOOST_TEST(e->read_ended.value_or(error_code()) == asio::error::connection_reset);
  e->conn->abort();
  BOOST_TEST(host.open_connections() == 1U);
  time->run_for(10s);
  BOOST_REQUIRE(host.received().size() == 2U);
  BOOST_TEST(host.received()[0].payload == "a");
  BOOST_TEST(host.received()[1].payload == "b");
  BOOST_TEST(host.open_connections() == 0U);
}

namespace {
std::uint64_t trace_of(std::uint64_t seed, const std::string& text) {
  network_fixture f;
  simulated_network net(f.time, seed);
  auto host = net.host("server");
  path_options p;
  p.jitter = 10ms;
  host.path(p);
  f.env = net.make_environment();
  const auto e = f.connect_and_read();
  f.send(e, text);
  f.time->run_for(1s);
  return net.trace_hash();
}
}  // namespace

BOOST_AUTO_TEST_CASE(the_same_seed_replays_the_same_trace_and_any_difference_shows) {
  const auto first = trace_of(1, "x");
  BOOST_TEST(first == trace_of(1, "x"));
  BOOST_TEST(first != trace_of(2, "x"));
  BOOST_TEST(first != trace_of(1, "y"));
}

BOOST_AUTO_TEST_SUITE_END()
