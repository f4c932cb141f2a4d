// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Peers that do not speak tautline.v1, and those that only seem to.
#include "raw_server.hpp"
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

namespace session_sockets {
namespace {

options automatic(std::string url) {
  auto o = client_options(std::move(url));
  o.session = session_use::automatic;
  o.heartbeat.interval = 50ms;
  return o;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(without_a_session)

BOOST_AUTO_TEST_CASE(a_server_that_has_them_off_is_talked_to_in_plain_mode) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.session = false;
    site here(io, o);
    here.open();
    end_point client(link(io.get_executor(), automatic(here.url())));
    const auto r = client.send("1");
    client.start();
    client.send_numbers(2, 10);
    co_await eventually([&] { return here.got().size() == 10 && r.outcome() == outcome::delivered; });
    BOOST_TEST(here.got() == numbers(1, 10), boost::test_tools::per_element());
    BOOST_TEST(client.l.status().subprotocol.empty());
    BOOST_TEST((client.l.status().session == session_state::none));
    BOOST_TEST(here.peers[0].ids[0] == 0U);
  });
}

BOOST_AUTO_TEST_CASE(and_with_one_required_the_run_ends) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.session = false;
    site here(io, o);
    here.open();
    end_point client(link(io.get_executor(), client_options(here.url())));
    const auto r = client.send("1");
    client.start();
    co_await eventually([&] { return client.ended.has_value(); });
    BOOST_TEST((*client.ended == errc::session_unavailable));
    BOOST_TEST((client.l.status().why.code == errc::session_unavailable));
    BOOST_TEST(r.outcome() == outcome::pending);  // it can be had back
    BOOST_TEST(client.l.take_undelivered().size() == 1U);
    BOOST_TEST(here.got().empty());
  });
}

BOOST_AUTO_TEST_CASE(a_server_that_chooses_everything_and_echoes_it_gets_plain_messages) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    raw_server echo(io, habit::echo);
    end_point client(link(io.get_executor(), automatic(echo.url())));
    client.send_numbers(1, 20);
    client.start();
    client.consume();
    co_await eventually([&] { return client.got.size() == 20; });
    BOOST_TEST(client.got == numbers(1, 20), boost::test_tools::per_element());
    BOOST_TEST(echo.plain == numbers(1, 20), boost::test_tools::per_element());
    BOOST_TEST(echo.spoken_to.size() == 1U);  // the hello, and nothing of the application's
    BOOST_TEST(echo.connections == 2);
    co_await eventually([&] { return client.l.metrics().delivered == 20; });
  });
}

BOOST_AUTO_TEST_CASE(a_server_that_chooses_everything_and_says_nothing_gets_plain_messages) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    raw_server silent(io, habit::silent);
    end_point client(link(io.get_executor(), automatic(silent.url())));
    client.send_numbers(1, 20);
    client.start();
    co_await eventually([&] { return client.l.metrics().delivered == 20; });
    BOOST_TEST(silent.plain == numbers(1, 20), boost::test_tools::per_element());
    BOOST_TEST(silent.spoken_to.size() == 1U);
    BOOST_TEST(silent.connections == 2);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_sockets
