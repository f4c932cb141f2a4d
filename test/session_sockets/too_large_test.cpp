// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A message that the other end does not take fails, and only that.
#include "raw_peer.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

namespace session_test {

BOOST_AUTO_TEST_SUITE(a_message_that_is_too_large)

BOOST_AUTO_TEST_CASE(for_the_client_fails_at_the_server_which_has_been_told_the_limit) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    auto o = client_options(s->url());
    o.max_message_bytes = 1'000;
    running client(io, o);
    auto peer = co_await accepted(*s);
    co_await send(*peer, "1");
    receipt r = co_await (*peer)->async_send(message(std::string(1'001, 'x')), asio::use_awaitable);
    co_await send(*peer, "2");
    const bool both = co_await receives_numbers(client, 1, 2);
    BOOST_TEST(both);
    BOOST_TEST(r.error() == errc::message_too_large);
    BOOST_TEST(r.outcome() == outcome::not_sent);
    BOOST_TEST(client->metrics().connections == 1U);
  });
}

BOOST_AUTO_TEST_CASE(for_a_server_whose_limit_is_not_known_yet_fails_once_it_was_refused) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.max_message_bytes = 1'000;
    const auto s = listening(io, so);
    auto o = client_options(s->url());
    o.session = session_use::require;  // it does not wait for the welcome
    link client(io.get_executor(), o);
    receipt r;
    BOOST_REQUIRE(!client.try_send(message(std::string(2'000, 'x')), r));
    BOOST_REQUIRE(!client.try_send(message("1")));
    running on(std::move(client));
    auto peer = co_await accepted(*s);
    const bool came = co_await receives_numbers(*peer, 1, 1);
    BOOST_TEST(came);
    BOOST_TEST(r.error() == errc::message_too_large);
    BOOST_TEST(r.outcome() == outcome::not_sent);
    co_await eventually([&] { return on->metrics().pending == 0; });
    const auto m = on->metrics();
    BOOST_TEST(m.delivered == 1U);
    BOOST_TEST(m.not_sent == 1U);
    BOOST_TEST(m.unknown == 0U);
  });
}

BOOST_AUTO_TEST_CASE(for_a_peer_that_never_says_its_limit_fails_at_the_4413_and_the_rest_goes_on) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    tcp::acceptor listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    running client(io, client_options(url_of(listener.local_endpoint())));
    raw_peer p(io.get_executor());
    co_await p.accept(listener);
    (void)co_await hear_hello(p);
    co_await p.say(R"({"type":"welcome","version":1,"session":"s","resumed":false,"reason":"new","recv":0,"from":1})");
    co_await send(client, "small");
    receipt r = co_await client->async_send(message(std::string(100, 'x')), asio::use_awaitable);
    co_await send(client, "last");
    const auto small = co_await p.hear_data();
    BOOST_TEST(small == "1:small");
    (void)co_await p.hear_data();
    co_await p.close(4413);
    raw_peer q(io.get_executor());
    co_await q.accept(listener);
    const auto h = co_await hear_hello(q);
    BOOST_TEST(h.from == 1U);
    BOOST_TEST(r.error() == errc::message_too_large);
    co_await q.say(R"({"type":"welcome","version":1,"session":"s","resumed":true,"recv":1,"from":1})");
    // It did not wait for the welcome.
    const auto again = co_await q.hear_data();
    BOOST_TEST(again == "1:small");
    const auto gap = co_await q.hear_data();
    BOOST_TEST(gap == "2:void");
    const auto next = co_await q.hear_data();
    BOOST_TEST(next == "3:last");
    co_await q.say(R"({"type":"ack","recv":3})");
    co_await eventually([&] { return client->metrics().pending == 0; });
    BOOST_TEST(client->metrics().delivered == 2U);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
