// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Two connections of one client: the newer has the session, whatever the older still says.
#include "raw_peer.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

namespace session_test {
namespace {

delivery::hello again(std::uint64_t attach, const delivery::welcome& seen, std::uint64_t recv = 0,
                      std::uint64_t from = 1) {
  auto h = hello_of('1', attach);
  h.session = seen.session;
  h.recv = recv;
  h.from = from;
  return h;
}

asio::awaitable<ending> refused(asio::io_context& io, const tcp::endpoint& to, delivery::hello h) {
  raw_peer p(io.get_executor());
  co_await p.connect(to);
  co_await p.say(delivery::encode(h));
  ending e = co_await p.hear_end();
  co_return e;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fencing)

BOOST_AUTO_TEST_CASE(a_higher_attach_takes_the_session_over_and_the_older_connection_is_told) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    raw_peer older(io.get_executor());
    co_await say_hello(older, s->local_endpoint(), hello_of('1', 100));
    auto peer = co_await accepted(*s);
    const auto first = co_await hear_welcome(older);
    raw_peer newer(io.get_executor());
    const auto second = co_await open_session(newer, s->local_endpoint(), again(101, first));
    const auto end = co_await older.hear_end();
    BOOST_TEST(end.error == "superseded");
    BOOST_TEST(end.close == 4409);
    BOOST_TEST(second.resumed);
    BOOST_TEST(second.session == first.session);
    BOOST_TEST((*peer)->status().state == link_state::connected);
  });
}

BOOST_AUTO_TEST_CASE(what_both_connections_sent_is_taken_once_and_what_the_older_sends_afterwards_is_ignored) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    raw_peer older(io.get_executor());
    co_await say_hello(older, s->local_endpoint(), hello_of('1', 100));
    auto peer = co_await accepted(*s);
    const auto first = co_await hear_welcome(older);
    for (int i = 1; i <= 5; ++i) co_await older.send(data(static_cast<std::uint64_t>(i), std::to_string(i)));
    raw_peer newer(io.get_executor());
    const auto second = co_await open_session(newer, s->local_endpoint(), again(101, first));
    co_await older.try_send(data(6, "of the older"));
    for (int i = 1; i <= 6; ++i) co_await newer.send(data(static_cast<std::uint64_t>(i), std::to_string(i)));
    co_await newer.send(data(7, "7"));
    const bool once_each = co_await receives_numbers(*peer, 1, 7);
    BOOST_TEST(once_each);
    BOOST_TEST((*peer)->metrics().received == 7U);
    BOOST_TEST(second.recv <= 5U);
  });
}

BOOST_AUTO_TEST_CASE(what_the_server_sent_into_the_older_connection_comes_again_on_the_newer) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    raw_peer older(io.get_executor());
    co_await say_hello(older, s->local_endpoint(), hello_of('1', 100));
    auto peer = co_await accepted(*s);
    const auto first = co_await hear_welcome(older);
    co_await send_numbers(*peer, 1, 5);
    raw_peer newer(io.get_executor());
    const auto second = co_await open_session(newer, s->local_endpoint(), again(101, first, 2));
    BOOST_TEST(second.from == 3U);
    for (int i = 3; i <= 5; ++i) {
      const auto got = co_await newer.hear_data();
      BOOST_TEST(got == std::to_string(i) + ":" + std::to_string(i));
    }
  });
}

BOOST_AUTO_TEST_CASE(an_attach_that_is_not_higher_is_superseded_and_disturbs_nothing) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    asio::co_spawn(io, serve_echo(*s), asio::detached);
    raw_peer present(io.get_executor());
    const auto first = co_await open_session(present, s->local_endpoint(), hello_of('1', 100));
    for (const std::uint64_t attach : {100U, 99U, 0U}) {
      const auto end = co_await refused(io, s->local_endpoint(), again(attach, first));
      BOOST_TEST(end.error == "superseded");
      BOOST_TEST(end.close == 4409);
    }
    co_await present.send(data(1, "still here"));
    const auto back = co_await present.hear_data();
    BOOST_TEST(back == "1:still here");
  });
}

BOOST_AUTO_TEST_CASE(a_wrong_token_is_unauthorized_and_a_link_s_session_goes_on_undisturbed) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    running client(io, client_options(s->url()));
    auto peer = co_await accepted(*s);
    co_await send(client, "who I am");
    const message m = co_await (*peer)->async_receive(asio::use_awaitable);
    auto h = hello_of('1', UINT64_MAX, 'b');
    h.origin = std::string(m.id().origin);
    const auto end = co_await refused(io, s->local_endpoint(), h);
    BOOST_TEST(end.error == "unauthorized");
    BOOST_TEST(end.close == 4401);
    co_await send(*peer, "undisturbed");
    const auto text = co_await receive(client);
    BOOST_TEST(text == "undisturbed");
    BOOST_TEST(client->metrics().reconnects == 0U);
    BOOST_TEST((*peer)->metrics().reconnects == 0U);
  });
}

BOOST_AUTO_TEST_CASE(two_attaches_at_the_same_time_leave_the_higher_with_the_session) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    raw_peer a(io.get_executor());
    co_await say_hello(a, s->local_endpoint(), hello_of('1', 1));
    auto peer = co_await accepted(*s);
    const auto first = co_await hear_welcome(a);
    for (std::uint64_t round = 1; round <= 50; ++round) {
      raw_peer b(io.get_executor());
      raw_peer c(io.get_executor());
      co_await b.connect(s->local_endpoint());
      co_await c.connect(s->local_endpoint());
      co_await b.say(delivery::encode(again(2 * round, first)));
      co_await c.say(delivery::encode(again(2 * round + 1, first)));
      const auto lower = co_await b.hear_end();
      BOOST_TEST(lower.error == "superseded");
      BOOST_TEST(lower.close == 4409);
      const delivery::control answer = co_await c.hear_control();
      BOOST_TEST(std::holds_alternative<delivery::welcome>(answer));
      co_await c.send(data(round, std::to_string(round)));
      const auto text = co_await receive(*peer);
      BOOST_TEST(text == std::to_string(round));
      a = std::move(c);
    }
    BOOST_TEST((*peer)->status().state == link_state::connected);
  });
}

BOOST_AUTO_TEST_CASE(a_client_that_is_told_so_comes_back_with_a_higher_attach) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    tcp::acceptor listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    running client(io, client_options(url_of(listener.local_endpoint())));
    raw_peer first(io.get_executor());
    co_await first.accept(listener);
    const auto before = co_await hear_hello(first);
    co_await welcome_new(first, "s1");
    co_await first.say(delivery::encode(delivery::session_error("superseded", "a newer connection")));
    co_await first.close(4409, "superseded");
    raw_peer second(io.get_executor());
    co_await second.accept(listener);
    const auto after = co_await hear_hello(second);
    BOOST_TEST(after.attach > before.attach);
    BOOST_TEST(after.session == "s1");
    BOOST_TEST(after.token == before.token);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
