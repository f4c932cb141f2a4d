// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Peers that do not speak tautline.v1, also some that say they do: plain mode, and nothing is lost.
#include "raw_peer.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace session_test {
namespace {

server_options plain_server() {
  auto o = quick_server();
  o.session = false;
  return o;
}

tcp::acceptor listen(asio::io_context& io) {
  return tcp::acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
}

/// Accepts for ever; each connection is echoed, the session's included.
asio::awaitable<void> serve_mirrors(tcp::acceptor& listener, std::string subprotocol) {
  for (;;) {
    raw_peer p(listener.get_executor());
    co_await p.accept(listener, subprotocol);
    for (;;) {
      const heard h = co_await p.hear();
      if (h.over) break;
      if (h.text) co_await p.try_say(h.payload);
      if (!h.text) co_await p.try_send(h.payload);
    }
    subprotocol.clear();
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fallback)

BOOST_AUTO_TEST_CASE(with_a_plain_server_a_client_works_in_plain_mode) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io, plain_server());
    asio::co_spawn(io, serve_echo(*s), asio::detached);
    running client(io, client_options(s->url()));
    for (int i = 1; i <= 100; ++i) {
      const auto back = co_await ask(client, std::to_string(i));
      BOOST_TEST(back == std::to_string(i));
    }
    BOOST_TEST(client->status().subprotocol == "");
    BOOST_TEST(client->status().session == session_state::none);
    BOOST_TEST(client->metrics().connections == 1U);
    co_await eventually([&] { return client->metrics().delivered == 100; });
  });
}

BOOST_AUTO_TEST_CASE(a_client_that_requires_a_session_ends_at_a_plain_server) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io, plain_server());
    auto co = client_options(s->url());
    co.session = session_use::require;
    running client(io, co);
    co_await eventually([&] { return client.end->has_value(); });
    BOOST_TEST(**client.end == errc::session_unavailable);
  });
}

BOOST_AUTO_TEST_CASE(a_client_that_wants_no_session_gets_none) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    asio::co_spawn(io, serve_echo(*s), asio::detached);
    auto co = client_options(s->url());
    co.session = session_use::off;
    running client(io, co);
    const auto back = co_await ask(client, "plain");
    BOOST_TEST(back == "plain");
    BOOST_TEST(client->status().session == session_state::none);
  });
}

BOOST_AUTO_TEST_CASE(a_server_that_chooses_the_protocol_and_echoes_everything_is_spoken_to_plainly) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto listener = listen(io);
    asio::co_spawn(io, serve_mirrors(listener, "tautline.v1"), asio::detached);
    running client(io, client_options(url_of(listener.local_endpoint())));
    for (int i = 1; i <= 10; ++i) co_await send(client, std::to_string(i));
    const bool all = co_await receives_numbers(client, 1, 10);
    BOOST_TEST(all);
    BOOST_TEST(client->status().session == session_state::none);
    co_await eventually([&] { return client->metrics().delivered == 10; });
  });
}

BOOST_AUTO_TEST_CASE(a_server_that_chooses_the_protocol_and_is_silent_is_spoken_to_plainly) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto listener = listen(io);
    running client(io, client_options(url_of(listener.local_endpoint())));
    co_await send_numbers(client, 1, 3);
    raw_peer silent(io.get_executor());
    co_await silent.accept(listener);
    int data_messages = 0;
    for (;;) {  // answers pings, as every stack does, and says nothing
      const heard h = co_await silent.hear();
      if (h.over) break;
      if (!h.text) ++data_messages;
    }
    BOOST_TEST(data_messages == 0, "the server would take the heads for content");
    raw_peer plain(io.get_executor());
    co_await plain.accept(listener, "");
    for (int i = 1; i <= 3; ++i) {
      const heard h = co_await plain.hear();
      BOOST_TEST(h.payload == std::to_string(i));
    }
  });
}

BOOST_AUTO_TEST_CASE(a_server_that_closes_at_the_sight_of_a_hello_is_spoken_to_plainly) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    for (const auto code : {std::uint16_t{1002}, std::uint16_t{1003}, std::uint16_t{1007}, std::uint16_t{1008}}) {
      auto listener = listen(io);
      running client(io, client_options(url_of(listener.local_endpoint())));
      co_await send(client, "kept");
      raw_peer puzzled(io.get_executor());
      co_await puzzled.accept(listener);
      (void)co_await hear_hello(puzzled);
      co_await puzzled.close(code);
      raw_peer plain(io.get_executor());
      co_await plain.accept(listener, "");
      const heard h = co_await plain.hear();
      BOOST_TEST(h.payload == "kept");
    }
  });
}

BOOST_AUTO_TEST_CASE(a_client_that_requires_a_session_does_not_take_silence_for_plain_mode) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto listener = listen(io);
    auto co = client_options(url_of(listener.local_endpoint()));
    co.session = session_use::require;
    co.connect_timeout = 100ms;
    running client(io, co);
    raw_peer silent(io.get_executor());
    co_await silent.accept(listener);
    (void)co_await silent.hear_end();
    const event down = co_await next(client, event_kind::down);
    BOOST_TEST(down.why.code == errc::session_timeout);
    raw_peer again(io.get_executor());
    co_await again.accept(listener);
    const auto h = co_await hear_hello(again);
    BOOST_TEST(h.session == "");
  });
}

BOOST_AUTO_TEST_CASE(a_server_that_forgets_the_protocol_gets_what_is_left_plainly) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto listener = listen(io);
    running client(io, client_options(url_of(listener.local_endpoint())));
    raw_peer p(io.get_executor());
    co_await p.accept(listener);
    (void)co_await hear_hello(p);
    co_await welcome_new(p, "s1");
    co_await send_numbers(client, 1, 3);
    for (int i = 1; i <= 3; ++i) (void)co_await p.hear_data();
    co_await p.say(R"({"type":"ack","recv":1})");
    co_await eventually([&] { return client->metrics().delivered == 1; });
    p.reset();
    raw_peer plain(io.get_executor());
    co_await plain.accept(listener, "");
    const event reset = co_await next(client, event_kind::session_reset);
    BOOST_TEST(reset.certain == 0U);
    BOOST_TEST(reset.uncertain == 2U);
    for (int i = 2; i <= 3; ++i) {
      const heard h = co_await plain.hear();
      BOOST_TEST(h.payload == std::to_string(i));
    }
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
