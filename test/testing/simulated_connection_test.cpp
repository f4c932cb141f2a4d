// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A simulated connection keeps the contract of src/transport/connection.hpp.
#define BOOST_TEST_DYN_LINK
#include "network_fixture.hpp"

#include <boost/asio/error.hpp>

using namespace tautline;
using namespace tautline::testing;

BOOST_AUTO_TEST_SUITE(simulated_connection_suite)

BOOST_FIXTURE_TEST_CASE(a_write_only_frames_and_nothing_leaves_before_a_flush, network_fixture) {
  const auto e = connect_and_read();
  BOOST_TEST(!e->conn->write("abc", payload_kind::text));
  time->run_for(1h);
  BOOST_TEST(host.received().empty());
  BOOST_TEST(e->conn->unflushed() == 9U);
  BOOST_TEST(e->conn->bytes_flushed() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_flush_never_ends_inside_its_call, network_fixture) {
  const auto e = connect_and_read();
  begin_flush(e);
  BOOST_TEST(!e->flushed.has_value());
  time->run_for(0s);
  BOOST_TEST((e->flushed == error_code()));
}

BOOST_FIXTURE_TEST_CASE(a_flush_may_leave_some, network_fixture) {
  const auto e = connect_to_a_deaf_server(10);
  BOOST_TEST(!e->conn->write(std::string(24, 'x'), payload_kind::text));
  begin_flush(e, 20);
  time->run_for(1s);
  BOOST_TEST((e->flushed == error_code()));
  BOOST_TEST(e->conn->unflushed() == 20U);
}

BOOST_FIXTURE_TEST_CASE(two_flushes_at_a_time_both_end, network_fixture) {
  const auto e = connect_to_a_deaf_server(10);
  BOOST_TEST(!e->conn->write(std::string(24, 'x'), payload_kind::text));
  const auto other = std::make_shared<end>();
  other->conn = e->conn;
  begin_flush(e);
  begin_flush(other, 20);
  time->run_for(1s);
  BOOST_TEST(!e->flushed.has_value());
  BOOST_TEST((other->flushed == error_code()));
  begin_flush(other);
  e->conn->abort();
  time->run_for(0s);
  BOOST_TEST((e->flushed == asio::error::operation_aborted));
  BOOST_TEST((other->flushed == asio::error::operation_aborted));
}

BOOST_FIXTURE_TEST_CASE(pings_of_the_peer_are_answered_by_the_read, network_fixture) {
  std::vector<std::string> pongs;
  net.on_event([&](const network_event& e) {
    if (e.what == step::pong && e.way == direction::up) pongs.emplace_back("pong");
    return interference::none;
  });
  std::optional<simulated_peer> peer;
  host.on_open([&](simulated_peer p) { peer = std::move(p); });
  const auto e = connect_and_read();
  peer->ping("are you there");
  time->run_for(1s);
  BOOST_TEST(pongs.size() == 1U);
  BOOST_TEST(seen.bytes > 0);
}

BOOST_FIXTURE_TEST_CASE(an_unanswered_ping_stays_while_nobody_reads, network_fixture) {
  int pongs = 0;
  net.on_event([&](const network_event& e) {
    if (e.what == step::pong) ++pongs;
    return interference::none;
  });
  const auto r = connect("ws://server/");
  host.send_all("x");
  time->run_for(1s);
  BOOST_TEST(pongs == 0);
  BOOST_TEST(r.conn->bytes_read() == 0U);
}

BOOST_FIXTURE_TEST_CASE(pongs_are_told_to_the_observer, network_fixture) {
  const auto e = connect_and_read();
  BOOST_TEST(!e->conn->write_ping("42"));
  begin_flush(e);
  time->run_for(1s);
  BOOST_REQUIRE(seen.pongs.size() == 1U);
  BOOST_TEST(seen.pongs[0] == "42");
  BOOST_TEST(host.pings().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_host_may_ignore_pings, network_fixture) {
  host.answers_pings(habit::no);
  const auto e = connect_and_read();
  BOOST_TEST(!e->conn->write_ping("42"));
  begin_flush(e);
  time->run_for(1min);
  BOOST_TEST(seen.pongs.empty());
  BOOST_TEST(host.pings().size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(messages_before_a_close_are_handed_out_first, network_fixture) {
  std::optional<simulated_peer> peer;
  host.on_open([&](simulated_peer p) { peer = std::move(p); });
  const auto e = connect_and_read();
  peer->send("first");
  peer->close(4001, "go away");
  time->run_for(1s);
  BOOST_TEST(e->got.size() == 1U);
  BOOST_REQUIRE(e->read_ended.has_value());
  BOOST_TEST(*e->read_ended == make_error_code(errc::closed));
  BOOST_TEST(e->conn->close_code() == 4001);
  BOOST_TEST(e->conn->close_reason() == "go away");
  BOOST_TEST(host.last_close_code() == 4001);
}

BOOST_FIXTURE_TEST_CASE(a_close_without_a_code_reads_as_1005, network_fixture) {
  const auto e = connect_and_read();
  host.close_all(0);
  time->run_for(1s);
  BOOST_TEST(e->conn->close_code() == 1005);
}

BOOST_FIXTURE_TEST_CASE(a_close_of_ours_is_answered_in_the_read_under_way, network_fixture) {
  const auto e = connect_and_read();
  begin_close(e, 1000);
  time->run_for(1s);
  BOOST_TEST((e->closed == error_code()));
  BOOST_TEST(host.last_close_code() == 1000);
  BOOST_REQUIRE(e->read_ended.has_value());
  BOOST_TEST(*e->read_ended == make_error_code(errc::closed));
  BOOST_TEST(bool(e->conn->write("x", payload_kind::text)));
}

BOOST_FIXTURE_TEST_CASE(a_host_may_ignore_a_close, network_fixture) {
  host.answers_closes(habit::no);
  const auto e = connect_and_read();
  begin_close(e, 1000);
  time->run_for(1min);
  BOOST_TEST(e->closed.has_value());
  BOOST_TEST(!e->read_ended.has_value());
}

BOOST_FIXTURE_TEST_CASE(a_drop_reads_as_end_of_file_behind_what_was_sent, network_fixture) {
  const auto e = connect_and_read();
  host.send_all("last");
  host.drop_all();
  time->run_for(1s);
  BOOST_TEST(e->got.size() == 1U);
  BOOST_REQUIRE(e->read_ended.has_value());
  BOOST_TEST(*e->read_ended == asio::error::eof);
  BOOST_TEST(e->conn->close_code() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_breaks_the_protocol_is_told_its_close_code, network_fixture) {
  std::optional<simulated_peer> peer;
  host.on_open([&](simulated_peer p) { peer = std::move(p); });
  const auto e = connect_and_read();
  peer->misbehave(errc::invalid_utf8);
  time->run_for(1s);
  BOOST_REQUIRE(e->read_ended.has_value());
  BOOST_TEST(*e->read_ended == make_error_code(errc::invalid_utf8));
  BOOST_TEST(host.last_close_code() == 1007);
}

BOOST_FIXTURE_TEST_CASE(abort_ends_read_and_flush, network_fixture) {
  const auto e = connect_to_a_deaf_server(10);
  BOOST_TEST(!e->conn->write(std::string(100, 'x'), payload_kind::text));
  begin_flush(e);
  time->run_for(1s);
  e->conn->abort();
  BOOST_TEST(!e->read_ended.has_value());
  time->run_for(0s);
  BOOST_TEST((e->read_ended == error_code(asio::error::operation_aborted)));
  BOOST_TEST((e->flushed == error_code(asio::error::operation_aborted)));
}

BOOST_FIXTURE_TEST_CASE(what_the_system_had_still_arrives_after_an_abort, network_fixture) {
  const auto e = connect_and_read();
  send(e, "handed over");
  BOOST_TEST(!e->conn->write("only framed", payload_kind::text));
  e->conn->abort();
  time->run_for(1s);
  BOOST_REQUIRE(host.received().size() == 1U);
  BOOST_TEST(host.received()[0].payload == "handed over");
  BOOST_TEST(host.open_connections() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_connection_may_be_destroyed_with_operations_pending, network_fixture) {
  auto r = connect("ws://server/");
  const auto e = std::make_shared<end>();
  asio::co_spawn(
      strand,
      [](transport::connection* c, std::shared_ptr<end> into) -> asio::awaitable<void> {
        const auto ec = co_await c->async_read(into->got, 1);
        into->read_ended = ec;
      }(r.conn.get(), e),
      asio::detached);
  time->run_for(1s);
  r.conn.reset();
  time->run_for(1s);
  BOOST_TEST((e->read_ended == error_code(asio::error::operation_aborted)));
  BOOST_TEST(host.open_connections() == 0U);
}

BOOST_AUTO_TEST_CASE(an_io_context_may_be_destroyed_with_everything_pending) {
  const auto watch = std::make_shared<int>(0);
  {
    network_fixture f;
    const auto e = f.connect_and_read();
    f.host.on_message([watch](simulated_peer, const arrival&) {});
    f.host.black_hole(direction::both);
    BOOST_TEST(!e->conn->write(std::string(1'000'000, 'x'), payload_kind::text));
    f.begin_flush(e);
    (void)f.begin_connect("ws://server/");
    f.time->run_for(1s);
  }
  BOOST_TEST(watch.use_count() == 1);
}

BOOST_FIXTURE_TEST_CASE(both_ends_can_be_connections, network_fixture) {
  std::optional<environment> other;
  host.on_link([&](environment handed) { other = std::move(handed); });
  const auto client = connect_and_read();
  BOOST_REQUIRE(other.has_value());
  BOOST_TEST(!other->connector->reconnects());
  env = *other;
  auto r = connect("ws://client/");
  BOOST_REQUIRE(r.conn);
  const auto server = std::make_shared<end>();
  server->conn = std::move(r.conn);
  begin_read(server);
  send(client, "up");
  send(server, "down");
  time->run_for(1s);
  BOOST_REQUIRE(server->got.size() == 1U);
  BOOST_REQUIRE(client->got.size() == 1U);
  BOOST_TEST(server->got[0].payload() == "up");
  BOOST_TEST(client->got[0].payload() == "down");
}

BOOST_AUTO_TEST_SUITE_END()
