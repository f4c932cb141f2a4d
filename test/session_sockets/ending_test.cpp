// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Ends by agreement, and servers that go down.
#include "raw_peer.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace session_test {
namespace {

bool has(const std::vector<event>& all, event_kind kind) {
  return std::any_of(all.begin(), all.end(), [kind](const event& e) { return e.kind == kind; });
}

asio::awaitable<std::vector<event>> remaining_events(running& r) {
  std::vector<event> all;
  for (;;) {
    auto e = co_await r->async_next_event(as_tuple);
    if (std::get<0>(e)) co_return all;
    all.push_back(std::get<1>(e));
  }
}

/// What the server's first peer says, as numbers.
asio::awaitable<void> collect(server& s, std::vector<int>& numbers) {
  auto first = co_await s.async_accept(as_tuple);
  if (std::get<0>(first)) co_return;
  running peer(std::move(std::get<1>(first)));
  for (;;) {
    auto got = co_await peer->async_receive(as_tuple);
    if (std::get<0>(got)) co_return;
    numbers.push_back(std::stoi(std::get<1>(got).take_payload()));
  }
}

/// from ... to, each once and in order.
bool is_run(const std::vector<int>& numbers, int from, int to) {
  int expected = from;
  for (const int n : numbers)
    if (n != expected++) return false;
  return expected == to + 1;
}

asio::awaitable<void> hear_end_of(raw_peer& p, std::optional<ending>& to) {
  ending e = co_await p.hear_end();
  to = std::move(e);
}

asio::awaitable<void> answers_a_ping(raw_peer& p) {
  co_await p.say(delivery::encode(delivery::session_ping()));
  for (bool answered = false; !answered;) {
    const delivery::control c = co_await p.hear_control();
    answered = std::holds_alternative<delivery::session_pong>(c);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(endings)

BOOST_AUTO_TEST_CASE(a_client_that_closes_ends_the_session_by_agreement) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    running client(io, client_options(s->url()));
    auto peer = co_await accepted(*s);
    co_await send_numbers(client, 1, 3);
    co_await send_numbers(*peer, 1, 3);
    co_await eventually([&] { return client->metrics().received == 3; });
    std::optional<error_code> closed;
    client->async_close([&](error_code ec) { closed = ec; });
    const bool in_order = co_await receives_numbers(*peer, 1, 3);
    BOOST_TEST(in_order);
    co_await eventually([&] { return closed.has_value(); });
    BOOST_TEST(!*closed);
    BOOST_TEST(!**client.end);
    const auto last = co_await (*peer)->async_receive(as_tuple);
    BOOST_TEST(std::get<0>(last) == errc::closed);
    co_await eventually([&] { return peer->end->has_value(); });
    BOOST_TEST(!**peer->end);
    BOOST_TEST((*peer)->metrics().delivered == 3U);
    BOOST_TEST(client->metrics().delivered == 3U);
    BOOST_TEST(s->metrics().accepted == 1U);
  });
}

BOOST_AUTO_TEST_CASE(a_server_s_link_that_closes_makes_the_client_begin_a_new_session_without_a_reset) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    running client(io, client_options(s->url()));
    auto peer = co_await accepted(*s);
    co_await send_numbers(client, 1, 3);
    const bool in_order = co_await receives_numbers(*peer, 1, 3);
    BOOST_TEST(in_order);
    co_await send_numbers(*peer, 1, 3);
    const bool at_client = co_await receives_numbers(client, 1, 3);
    BOOST_TEST(at_client);
    co_await (*peer)->async_close(asio::use_awaitable);
    auto fresh = co_await accepted(*s);
    co_await send(client, "4");
    const bool goes_on = co_await receives_numbers(*fresh, 4, 4);
    BOOST_TEST(goes_on);
    co_await send(*fresh, "hello");
    const auto text = co_await receive(client);
    BOOST_TEST(text == "hello");
    co_await client->async_close(asio::use_awaitable);
    const std::vector<event> all = co_await remaining_events(client);
    BOOST_TEST(!has(all, event_kind::session_reset));
    BOOST_TEST(has(all, event_kind::up));
  });
}

BOOST_AUTO_TEST_CASE(what_the_client_sends_while_the_server_s_link_closes_is_delivered_by_the_next_session) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    running client(io, client_options(s->url()));
    auto peer = co_await accepted(*s);
    co_await connected(client);
    co_await send_numbers(client, 1, 100);
    (*peer)->async_close(asio::detached);
    co_await send_numbers(client, 101, 200);
    int next_one = 1;
    for (;;) {
      auto got = co_await (*peer)->async_receive(as_tuple);
      if (std::get<0>(got)) break;
      BOOST_TEST(std::get<1>(got).payload() == std::to_string(next_one));
      ++next_one;
    }
    auto fresh = co_await accepted(*s);
    const bool the_rest = co_await receives_numbers(*fresh, next_one, 200);
    BOOST_TEST(the_rest);
    co_await eventually([&] { return client->metrics().delivered == 200; });
    BOOST_TEST(client->metrics().unknown == 0U);
  });
}

BOOST_AUTO_TEST_CASE(both_sides_may_close_at_the_same_time) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    running client(io, client_options(s->url()));
    auto peer = co_await accepted(*s);
    co_await connected(client);
    (*peer)->async_close(asio::detached);
    co_await client->async_close(asio::use_awaitable);
    co_await eventually([&] { return client.end->has_value() && peer->end->has_value(); });
    BOOST_TEST(!**client.end);
    BOOST_TEST(!**peer->end);
  });
}

BOOST_AUTO_TEST_CASE(a_draining_server_hands_its_client_over_before_the_old_connection_breaks) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto first = listening(io);
    const auto second = listening(io);
    auto co = client_options(first->url());
    co.endpoints.push_back(second->url());
    running client(io, co);
    std::vector<int> at_first, at_second;
    asio::co_spawn(io, collect(*first, at_first), asio::detached);
    asio::co_spawn(io, collect(*second, at_second), asio::detached);
    co_await next(client, event_kind::up);
    bool left = false;
    int sent = 0;
    const auto send_on = [&]() -> asio::awaitable<void> {
      ++sent;
      co_await send(client, std::to_string(sent));
      left = left || client->status().state != link_state::connected;
    };
    for (int i = 0; i < 20; ++i) co_await send_on();
    bool drained = false;
    first->async_drain(duration::zero(), [&](error_code ec) { drained = !ec; });
    while (!drained) co_await send_on();
    for (int i = 0; i < 20; ++i) co_await send_on();
    co_await eventually([&] { return client->metrics().pending == 0; });
    BOOST_TEST(!left, "the status left connected");
    BOOST_TEST(second->metrics().open == 1U);
    co_await eventually([&] { return !at_second.empty() && at_second.back() == sent; });
    BOOST_TEST(is_run(at_first, 1, at_first.back()));
    BOOST_TEST(is_run(at_second, at_second.front(), sent));
    BOOST_TEST(at_second.front() <= at_first.back() + 1, "a message is missing");
    co_await client->async_close(asio::use_awaitable);
    std::vector<event> all = co_await remaining_events(client);
    BOOST_TEST(!has(all, event_kind::down));
    const auto reset =
        std::find_if(all.begin(), all.end(), [](const event& e) { return e.kind == event_kind::session_reset; });
    BOOST_TEST_REQUIRE((reset != all.end()));
    // The second server knows nothing of the first's session: what it repeats was announced.
    BOOST_TEST(at_first.back() + 1 - at_second.front() <= static_cast<int>(reset->uncertain));
  });
}

BOOST_AUTO_TEST_CASE(a_drain_that_sends_the_client_to_the_same_session_resumes_it_without_an_end_in_between) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    tcp::acceptor old(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    running client(io, client_options(url_of(old.local_endpoint())));
    raw_peer before(io.get_executor());
    co_await before.accept(old);
    (void)co_await hear_hello(before);
    co_await welcome_new(before, "s1");
    co_await next(client, event_kind::up);
    co_await send(client, "1");
    const auto got = co_await before.hear_data();
    BOOST_TEST(got == "1:1");
    delivery::session_drain d;
    d.max_ms = 0;
    co_await before.say(delivery::encode(d));
    raw_peer after(io.get_executor());
    co_await after.accept(old);
    const auto h = co_await hear_hello(after);
    BOOST_TEST(h.session == "s1");
    BOOST_TEST(h.from == 1U);
    const auto repeated = co_await after.hear_data();
    BOOST_TEST(repeated == "1:1");
    // Until it is welcome on the new connection it keeps the old one.
    std::optional<ending> left;
    asio::co_spawn(io, hear_end_of(before, left), asio::detached);
    for (int i = 0; i < 3; ++i) co_await answers_a_ping(after);
    BOOST_TEST(!left.has_value());
    delivery::welcome w;
    w.session = "s1";
    w.resumed = true;
    w.recv = 0;
    co_await after.say(delivery::encode(w));
    co_await eventually([&] { return left.has_value(); });
    BOOST_TEST(left->close == 1006);  // it is left, without a word
    const auto all = co_await events_until(client, event_kind::resumed);
    BOOST_TEST(all.size() == 1U);
    BOOST_TEST(client->status().state == link_state::connected);
  });
}

BOOST_AUTO_TEST_CASE(a_move_to_where_nobody_says_welcome_ends_like_any_connection_and_loses_nothing) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    tcp::acceptor listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    auto co = client_options(url_of(listener.local_endpoint()));
    co.connect_timeout = 100ms;
    running client(io, co);
    raw_peer before(io.get_executor());
    co_await before.accept(listener);
    (void)co_await hear_hello(before);
    co_await welcome_new(before, "s1");
    co_await send(client, "1");
    const auto got = co_await before.hear_data();
    BOOST_TEST(got == "1:1");
    delivery::session_drain d;
    d.max_ms = 0;
    co_await before.say(delivery::encode(d));
    raw_peer silent(io.get_executor());
    co_await silent.accept(listener);
    (void)co_await hear_hello(silent);
    raw_peer next_one(io.get_executor());
    co_await next_one.accept(listener);
    const auto h = co_await hear_hello(next_one);
    BOOST_TEST(h.session == "s1");
    delivery::welcome w;
    w.session = "s1";
    w.resumed = true;
    co_await next_one.say(delivery::encode(w));
    const auto repeated = co_await next_one.hear_data();
    BOOST_TEST(repeated == "1:1");
    const auto end = co_await before.hear_end();
    BOOST_TEST(end.close == 1006);
  });
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_leave_is_closed_with_1012_at_the_deadline) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.close_timeout = 100ms;
    const auto s = listening(io, so);
    asio::co_spawn(io, serve_echo(*s), asio::detached);
    raw_peer p(io.get_executor());
    (void)co_await open_session(p, s->local_endpoint(), hello_of('1', 1));
    s->async_drain(duration::zero(), asio::detached);
    for (bool asked = false; !asked;) {
      const delivery::control c = co_await p.hear_control();
      asked = std::holds_alternative<delivery::session_drain>(c);
    }
    co_await p.send(data(1, "still served"));
    const auto back = co_await p.hear_data();
    BOOST_TEST(back == "1:still served");
    const auto end = co_await p.hear_end();
    BOOST_TEST(end.close == 1012);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
