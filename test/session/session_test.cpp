// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A conversation that outlives its connections, on both ends.
#include "session_world.hpp"

namespace tautline::testing {

BOOST_AUTO_TEST_SUITE(a_session)

BOOST_FIXTURE_TEST_CASE(is_new_at_the_first_connection, session_world) {
  up();
  BOOST_TEST((client->status().session == session_state::fresh));
  BOOST_TEST(count(event_kind::up) == 1U);
  BOOST_TEST(count(event_kind::session_reset) == 0U);
  BOOST_TEST(peers.size() == 1U);
  BOOST_TEST((peers.back().l.status().state == link_state::connected));
}

BOOST_FIXTURE_TEST_CASE(says_hello_and_what_is_queued_in_one_write, session_world) {
  up();
  host.stop();
  BOOST_REQUIRE(until([&] { return client->status().state == link_state::reconnecting; }));
  send_numbers(1, 100);
  host.start();
  int writes = 0, arrived = 0;
  net.on_event([&](const network_event& e) {
    if (e.what == step::flush && e.way == direction::up && arrived == 0) ++writes;
    if (e.what == step::data && e.way == direction::up) ++arrived;
    return interference::none;
  });
  BOOST_REQUIRE(until([&] { return at_server().size() == 100; }));
  BOOST_TEST(writes == 1);
  BOOST_TEST(at_server() == numbers(1, 100), boost::test_tools::per_element());
}

// A peer that answers nothing gives way to one that speaks the protocol.
BOOST_AUTO_TEST_CASE(counts_nothing_as_delivered_that_is_only_written_whatever_was_before) {
  auto o = session_world::client_options();
  o.session = session_use::automatic;
  o.delivery.written_is_enough = true;
  session_world w(o);
  auto mute = w.net.host("mute");
  mute.answers_pings(habit::no);
  w.net.resolves("server", "mute");
  w.up();
  const auto before = w.send("written");
  BOOST_REQUIRE(w.until([&] { return before.outcome() == outcome::delivered; }, 1min));

  w.net.resolves("server", "server");
  mute.reset_all();
  BOOST_REQUIRE(w.until([&] { return w.client->status().session == session_state::fresh; }, 1min));
  w.run_for(1s);
  w.serve_numbers(1, 10);
  BOOST_TEST(w.until([&] { return w.peers.back().l.metrics().delivered == 10; }, 1s));
  w.host.black_hole(direction::up);
  const auto r = w.send("on its way");
  w.run_for(2s);
  BOOST_TEST((r.outcome() == outcome::pending));
  w.host.heal();
  BOOST_TEST(w.until([&] { return r.outcome() == outcome::delivered; }, 1min));
}

BOOST_FIXTURE_TEST_CASE(is_not_degraded_before_it_is_connected, session_world) {
  up();
  (void)send("so that the round trip is known");
  run_for(1s);
  std::vector<environment> kept;
  host.on_link([&](environment env) { kept.push_back(std::move(env)); });  // it upgrades, and says nothing
  host.reset_all();
  run_for(9s);
  BOOST_TEST((client->status().state == link_state::reconnecting));
  BOOST_TEST(!client->status().degraded);
  BOOST_TEST(count(event_kind::degraded) == 0U);
}

BOOST_FIXTURE_TEST_CASE(delivers_once_acknowledged, session_world) {
  up();
  const auto r = send("hello");
  BOOST_TEST(until([&] { return r.outcome() == outcome::delivered; }, 1s));
  BOOST_TEST(at_server() == std::vector<std::string>{"hello"}, boost::test_tools::per_element());
  BOOST_TEST(peers.back().ids == std::vector<std::uint64_t>{1}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(keeps_text_and_binary_apart, session_world) {
  up();
  (void)client->try_send(message::binary("\x01\x02"));
  (void)client->try_send(message("text"));
  BOOST_REQUIRE(until([&] { return peers.back().kept.size() == 2; }, 1s));
  BOOST_TEST((peers.back().kept[0].kind() == payload_kind::binary));
  BOOST_TEST(peers.back().kept[0].payload() == "\x01\x02");
  BOOST_TEST((peers.back().kept[1].kind() == payload_kind::text));
}

BOOST_FIXTURE_TEST_CASE(goes_on_after_a_break_both_ways, session_world) {
  up();
  for (int round = 0; round < 5; ++round) {
    send_numbers(round * 10 + 1, round * 10 + 10);
    serve_numbers(round * 10 + 1, round * 10 + 10);
    run_for(3ms);
    host.reset_all();
    BOOST_REQUIRE(until([&] { return client->status().state == link_state::connected; }));
  }
  BOOST_TEST(until([&] { return at_server().size() == 50 && got.size() == 50; }));
  BOOST_TEST(at_server() == numbers(1, 50), boost::test_tools::per_element());
  BOOST_TEST(got == numbers(1, 50), boost::test_tools::per_element());
  BOOST_TEST(peers.size() == 1U);  // one link for all connections
  BOOST_TEST(count(event_kind::resumed) == 5U);
  BOOST_TEST(count(event_kind::session_reset) == 0U);
}

// It once asked without end, at no time at all, so that this test did not end either.
BOOST_FIXTURE_TEST_CASE(that_is_to_close_waits_for_the_peer_s_window_and_does_not_spin, session_world) {
  auto narrow = server_defaults();
  narrow.link.inbox.max_messages = 2;
  on_peer = [](peer_record& p) { p.paused = true; };
  restart_server(std::move(narrow));
  up();
  send_numbers(1, 10);
  run_for(1s);
  std::optional<error_code> closed;
  client->async_close([&](error_code ec) { closed = ec; });
  run_for(5s);
  BOOST_TEST(!closed.has_value());
  peers.back().paused = false;
  receive(peers.back());
  BOOST_TEST(until([&] { return closed.has_value(); }, 10s));
  BOOST_TEST((closed == error_code()));
  BOOST_TEST(at_server() == numbers(1, 10), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(keeps_what_the_server_sends_while_nobody_is_there, session_world) {
  up();
  host.black_hole(direction::both);
  host.reset_all();
  run_for(1s);
  serve_numbers(1, 100);
  host.heal();
  BOOST_TEST(until([&] { return got.size() == 100; }));
  BOOST_TEST(got == numbers(1, 100), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(ends_by_agreement_when_the_client_closes, session_world) {
  up();
  send_numbers(1, 10);
  std::optional<error_code> closed;
  client->async_close([&](error_code ec) { closed = ec; });
  BOOST_REQUIRE(until([&] { return closed && client_ended && peers.back().ended; }, 10s));
  BOOST_TEST(*closed == error_code());
  BOOST_TEST(*client_ended == error_code());
  BOOST_TEST(*peers.back().ended == error_code());
  BOOST_TEST((*peers.back().received == errc::closed));
  BOOST_TEST(at_server() == numbers(1, 10), boost::test_tools::per_element());
  BOOST_TEST(count(event_kind::down) == 0U);
}

BOOST_AUTO_TEST_CASE(that_closes_while_the_peers_window_is_full_waits_without_spinning) {
  session_world w;
  auto o = session_world::server_defaults();
  o.link.inbox.max_messages = 4;
  w.on_peer = [](peer_record& p) { p.paused = true; };
  w.restart_server(std::move(o));
  w.up();
  w.send_numbers(1, 20);
  w.run_for(1s);
  std::optional<error_code> closed;
  w.client->async_close([&](error_code ec) { closed = ec; });
  const auto before = w.time->handlers();
  w.run_for(1s);
  BOOST_TEST(w.time->handlers() - before < 100U);
  w.peers.back().paused = false;
  w.receive(w.peers.back());
  BOOST_TEST(w.until([&] { return closed.has_value(); }, 10s));
  BOOST_TEST(w.at_server() == numbers(1, 20), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(that_the_client_closes_still_brings_what_the_server_has_queued, session_world) {
  up();
  serve_numbers(1, 500);
  std::optional<error_code> closed;
  client->async_close([&](error_code ec) { closed = ec; });
  BOOST_REQUIRE(until([&] { return closed && peers.back().ended; }, 2s));
  BOOST_TEST(*closed == error_code());
  BOOST_TEST(got == numbers(1, 500), boost::test_tools::per_element());
  BOOST_TEST(peers.back().l.metrics().delivered == 500U);
}

BOOST_FIXTURE_TEST_CASE(begins_anew_without_a_reset_when_the_server_closes_it, session_world) {
  up();
  send_numbers(1, 10);
  BOOST_REQUIRE(until([&] { return at_server().size() == 10; }));
  std::optional<error_code> closed;
  peers.back().l.async_close([&](error_code ec) { closed = ec; });
  BOOST_REQUIRE(until([&] { return closed && peers.size() == 2; }, 1min));
  BOOST_TEST(*closed == error_code());
  send_numbers(11, 20);
  BOOST_TEST(until([&] { return at_server().size() == 20; }));
  BOOST_TEST(at_server() == numbers(1, 20), boost::test_tools::per_element());
  BOOST_TEST(count(event_kind::session_reset) == 0U);
}

BOOST_FIXTURE_TEST_CASE(ends_at_the_server_when_nobody_comes_back, session_world) {
  up();
  client->cancel();
  BOOST_TEST(until([&] { return peers.back().ended.has_value(); }, 2min));
  BOOST_TEST((*peers.back().ended == errc::session_expired));
  BOOST_TEST((*peers.back().received == errc::session_expired));
}

BOOST_FIXTURE_TEST_CASE(tells_exactly_what_became_of_the_messages_of_an_expired_one, session_world) {
  up();
  send_numbers(1, 10);
  BOOST_REQUIRE(until([&] { return client->status().unconfirmed_messages == 0; }));
  // Taken over, and the acknowledgement does not get through.
  host.black_hole(direction::down);
  send_numbers(11, 15);
  BOOST_REQUIRE(until([&] { return at_server().size() == 15; }));
  client->cancel();
  serve_numbers(1, 3);
  BOOST_REQUIRE(until([&] { return peers.back().ended.has_value(); }, 5min));
  host.heal();
  send_numbers(16, 20);
  up();
  BOOST_REQUIRE(until([&] { return count(event_kind::session_reset) == 1U && at_server().size() == 20; }));
  BOOST_TEST(at_server() == numbers(1, 20), boost::test_tools::per_element());
  const auto& e = last(event_kind::session_reset);
  BOOST_TEST(e.certain == 5U);
  BOOST_TEST(e.uncertain == 0U);
  BOOST_TEST((e.lost == std::optional<std::uint64_t>(3)));
}

BOOST_FIXTURE_TEST_CASE(that_a_restart_wiped_out_is_reported_and_its_uncertain_messages_go_again, session_world) {
  up();
  send_numbers(1, 10);
  BOOST_REQUIRE(until([&] { return client->status().unconfirmed_messages == 0; }));
  host.black_hole(direction::down);
  send_numbers(11, 15);
  BOOST_REQUIRE(until([&] { return at_server().size() == 15; }));
  restart_server();
  host.heal();
  BOOST_REQUIRE(until([&] { return count(event_kind::session_reset) == 1U && at_server().size() >= 20; }));
  const auto& e = last(event_kind::session_reset);
  BOOST_TEST(e.certain == 0U);
  BOOST_TEST(e.uncertain == 5U);
  BOOST_TEST(!e.lost.has_value());
  BOOST_TEST(peers.back().ids.front() == 11U);  // the same names, so that repeats can be told
}

// The peer would acknowledge by its own window of thousands, or after 20 ms.
BOOST_FIXTURE_TEST_CASE(is_as_fast_with_a_queue_much_smaller_than_the_window_of_the_peer, session_world) {
  auto o = client_options();
  o.queue.max_messages = 100;
  link sender(io.get_executor(), std::move(o), net.make_environment());
  start_server();
  sender.async_run([](error_code) {});
  int left = 10'000;
  std::function<void()> send_on = [&] {
    sender.async_send(message("x"), [&](error_code ec, const receipt&) {
      if (!ec && --left > 0) send_on();
    });
  };
  send_on();
  const auto start = time->now();
  BOOST_REQUIRE(until([&] { return left == 0; }));
  BOOST_TEST((time->now() - start < 500ms));  // 100 queues of 20 ms are 2 s
  sender.cancel();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tautline::testing
