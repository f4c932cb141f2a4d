// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a server bounds over all its sessions, and what it counts.
#include "session_world.hpp"

namespace tautline::testing {
namespace {

server_options little_memory() {
  auto o = session_world::server_defaults();
  o.max_session_bytes = 1'000;
  return o;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_sessions_of_a_server)

BOOST_FIXTURE_TEST_CASE(let_no_new_one_in_while_they_hold_too_much_together, session_world) {
  start_server(little_memory());
  on_peer = [](peer_record& p) { p.paused = true; };
  up();
  (void)send(std::string(1'000, 'x'));
  run_for(1s);
  link second(io.get_executor(), client_options(), net.make_environment());
  second.async_run([](error_code) {});
  run_for(5s);
  BOOST_TEST((second.status().state == link_state::reconnecting));
  BOOST_TEST(second.status().why.close_code == 4429);
  BOOST_TEST(server->metrics().sessions == 1U);
  // Who is here may come back, and once there is room others may come, too.
  host.reset_all();
  BOOST_TEST(until([&] { return count(event_kind::resumed) == 1; }, 10s));
  peers.front().paused = false;
  receive(peers.front());
  BOOST_TEST(until([&] { return second.status().state == link_state::connected; }));
  BOOST_TEST(server->metrics().sessions == 2U);
}

BOOST_FIXTURE_TEST_CASE(are_counted_by_how_they_begin_and_end, session_world) {
  up();
  host.reset_all();
  BOOST_REQUIRE(until([&] { return count(event_kind::resumed) == 1; }, 10s));
  auto m = server->metrics();
  BOOST_TEST(m.sessions == 1U);
  BOOST_TEST(m.sessions_opened == 1U);
  BOOST_TEST(m.sessions_resumed == 1U);
  BOOST_TEST(m.sessions_lost == 0U);
  host.black_hole(direction::both);
  host.reset_all();
  run_for(2min);  // longer than it is kept
  m = server->metrics();
  BOOST_TEST(m.sessions == 0U);
  BOOST_TEST(m.sessions_lost == 1U);
  host.heal();
  BOOST_REQUIRE(until([&] { return client->status().state == link_state::connected; }));
  std::optional<error_code> closed;
  client->async_close([&](error_code ec) { closed = ec; });
  BOOST_REQUIRE(until([&] { return closed && peers.back().ended; }, 10s));
  m = server->metrics();
  BOOST_TEST(m.sessions == 0U);
  BOOST_TEST(m.sessions_opened == 2U);
  BOOST_TEST(m.sessions_resumed == 1U);
  BOOST_TEST(m.sessions_lost == 1U);
}

BOOST_FIXTURE_TEST_CASE(that_are_lost_again_and_again_do_not_fill_a_client_that_does_not_read, session_world) {
  on_peer = [](peer_record& p) {
    for (int i = 0; i < 100; ++i) (void)p.l.try_send(message("x"));
  };
  start_server();
  auto o = client_options();
  o.inbox.max_messages = 10;
  link idle(io.get_executor(), std::move(o), net.make_environment());
  idle.async_run([](error_code) {});
  for (int i = 0; i < 6; ++i) {
    run_for(1min);
    restart_server();
  }
  BOOST_TEST(idle.metrics().received == 21U);  // two windows, and what showed that they are full
  // It goes on as soon as the application does.
  std::size_t taken = 0;
  std::function<void()> read_on = [&] {
    idle.async_receive([&](error_code ec, message) {
      if (!ec && ++taken < 60) read_on();
    });
  };
  read_on();
  BOOST_TEST(until([&] { return taken == 60; }));
  idle.cancel();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tautline::testing
