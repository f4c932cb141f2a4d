// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Peers that send more than they may, or read nothing: what they cost stays bounded.
#include "raw_peer.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <variant>

namespace session_test {

BOOST_AUTO_TEST_SUITE(floods)

BOOST_AUTO_TEST_CASE(more_than_twice_the_window_is_too_large) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.inbox.max_messages = 100;
    const auto s = listening(io, so);
    raw_peer p(io.get_executor());
    co_await say_hello(p, s->local_endpoint(), hello_of('1', 1));
    auto peer = co_await accepted(*s);
    const auto w = co_await hear_welcome(p);
    BOOST_TEST(w.window.messages == 100U);
    for (std::uint64_t i = 1; i <= 250; ++i) co_await p.try_send(data(i, "x"));
    const auto end = co_await p.hear_end();
    BOOST_TEST(end.error == "too_large");
    BOOST_TEST(end.close == 4413);
    BOOST_TEST((*peer)->metrics().received == 200U);
  });
}

BOOST_AUTO_TEST_CASE(more_bytes_than_twice_the_window_are_too_large) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.inbox.max_bytes = 100'000;
    const auto s = listening(io, so);
    raw_peer p(io.get_executor());
    co_await say_hello(p, s->local_endpoint(), hello_of('1', 1));
    auto peer = co_await accepted(*s);
    (void)co_await hear_welcome(p);
    const std::string large(30'000, 'x');
    for (std::uint64_t i = 1; i <= 10; ++i) co_await p.try_send(data(i, large));
    const auto end = co_await p.hear_end();
    BOOST_TEST(end.error == "too_large");
    BOOST_TEST(end.close == 4413);
    BOOST_TEST((*peer)->metrics().bytes_received <= 200'000U);
  });
}

BOOST_AUTO_TEST_CASE(a_message_over_the_limit_of_the_server_ends_the_connection_and_not_the_session) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.max_message_bytes = 10'000;
    const auto s = listening(io, so);
    raw_peer p(io.get_executor());
    co_await say_hello(p, s->local_endpoint(), hello_of('1', 1));
    auto peer = co_await accepted(*s);
    const auto w = co_await hear_welcome(p);
    BOOST_TEST(w.max_message_bytes == 10'000U);
    co_await p.try_send(data(1, std::string(10'001 + delivery::max_head_bytes, 'x')));
    const auto end = co_await p.hear_end();
    BOOST_TEST(end.error == "too_large");
    BOOST_TEST(end.close == 4413);
    raw_peer again(io.get_executor());
    auto h = hello_of('1', 2);
    h.session = w.session;
    const auto second = co_await open_session(again, s->local_endpoint(), h);
    BOOST_TEST(second.resumed);
    co_await again.send(data(1, std::string(10'000, 'x')));
    const auto text = co_await receive(*peer);
    BOOST_TEST(text.size() == 10'000U);
  });
}

BOOST_AUTO_TEST_CASE(a_message_that_the_server_would_refuse_fails_at_the_client_and_the_link_goes_on) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.max_message_bytes = 1'000;
    const auto s = listening(io, so);
    running client(io, client_options(s->url()));
    auto peer = co_await accepted(*s);
    co_await send(client, "1");
    receipt r = co_await client->async_send(message(std::string(1'001, 'x')), asio::use_awaitable);
    co_await send(client, "2");
    const bool both = co_await receives_numbers(*peer, 1, 2);
    BOOST_TEST(both);
    BOOST_TEST(r.error() == errc::message_too_large);
    BOOST_TEST(r.outcome() == outcome::not_sent);
    co_await eventually([&] { return client->metrics().pending == 0; });
    BOOST_TEST(client->metrics().connections == 1U);
  });
}

BOOST_AUTO_TEST_CASE(one_that_never_reads_is_dropped_and_what_it_costs_is_the_outbox_s_bound) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.heartbeat.interval = so.link.heartbeat.timeout = 200ms;
    so.link.queue.max_bytes = 32'000'000;
    so.link.queue.overflow = overflow::reject;
    const auto s = listening(io, so);
    raw_peer p(io.get_executor());
    auto h = hello_of('1', 1);
    h.window = delivery::session_window(UINT64_MAX, UINT64_MAX);
    co_await say_hello(p, s->local_endpoint(), h);
    auto peer = co_await accepted(*s);
    bool full = false;
    while (!full) {
      const auto sent = co_await (*peer)->async_send(message(std::string(100'000, 'x')), as_tuple);
      full = std::get<0>(sent) == errc::queue_full;
    }
    const event down = co_await next(*peer, event_kind::down);
    BOOST_TEST((down.why.code == errc::write_timeout || down.why.code == errc::heartbeat_timeout), down.why.describe());
    const auto status = (*peer)->status();
    BOOST_TEST(status.queued_bytes + status.unconfirmed_bytes <= 32'000'000U);
  });
}

BOOST_AUTO_TEST_CASE(answers_to_one_who_asks_and_does_not_read_do_not_pile_up) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    // Asking takes its time where sanitizers are, and who does not read for long is dropped.
    auto so = quick_server();
    so.link.heartbeat.interval = so.link.heartbeat.timeout = 10min;
    const auto s = listening(io, so);
    raw_peer p(io.get_executor());
    p.receive_little();
    co_await say_hello(p, s->local_endpoint(), hello_of('1', 1));
    auto peer = co_await accepted(*s);
    (void)co_await hear_welcome(p);
    // More answers than the buffers of both sockets hold.
    constexpr std::uint64_t pings = 200'000;
    for (std::uint64_t i = 1; i <= pings; ++i) {
      delivery::session_ping ping;
      ping.id = i;
      co_await p.say(delivery::encode(ping));
    }
    co_await p.send(data(1, "all asked"));
    const auto text = co_await receive(*peer);
    BOOST_TEST(text == "all asked");
    std::uint64_t answers = 0;
    for (std::uint64_t last = 0; last < pings;) {
      const delivery::control c = co_await p.hear_control();
      const auto* pong = std::get_if<delivery::session_pong>(&c);
      if (pong == nullptr) continue;
      ++answers;
      last = pong->id.value_or(0);
    }
    BOOST_TEST(answers < pings / 2);
    BOOST_TEST((*peer)->metrics().connections == 1U);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
