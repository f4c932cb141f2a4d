// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The server comes back without its memory, or a client comes back too late: who learns what.
#include "raw_peer.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace session_test {
namespace {

/// A server that can be lost and come back at the same port, with a client that talks through a
/// proxy.
struct rig {
  rig(asio::io_context& context, server_options so, options co) : io(context), options_of_server(std::move(so)) {
    s = listening(io, options_of_server);
    options_of_server.port = s->local_endpoint().port();
    proxy = proxy_to(io, s->local_endpoint());
    co.endpoints = {url_of(proxy->local_endpoint())};
    client = std::make_unique<running>(io, std::move(co));
  }

  asio::awaitable<void> open() {
    peer = co_await accepted(*s);
    co_await next(*client, event_kind::up);
  }

  /// 1 ... 10 from the client, of which the first `consumed` are taken and acknowledged.
  asio::awaitable<void> ten_messages(int consumed) {
    for (int i = 1; i <= 10; ++i) {
      receipt r = co_await (*client)->async_send(message(std::to_string(i)), asio::use_awaitable);
      receipts.push_back(r);
    }
    const bool in_order = co_await receives_numbers(*peer, 1, consumed);
    BOOST_TEST(in_order);
    co_await eventually([this, consumed] {
      return (*client)->metrics().delivered == static_cast<std::uint64_t>(consumed) &&
             (*peer)->metrics().received == 10U && (*client)->status().queued_messages == 0;
    });
  }

  /// As after a kill: nothing is said, nothing is remembered.
  asio::awaitable<void> lose_server() {
    proxy->admit(testing::admission::refuse);
    proxy->reset_all();
    co_await next(*client, event_kind::down);
    peer.reset();
    s.reset();
    co_await eventually([this] { return port_is_free(); });
    s = listening(io, options_of_server);
    proxy->heal();
  }

  asio::io_context& io;
  server_options options_of_server;
  std::unique_ptr<server> s;
  std::unique_ptr<testing::fault_proxy> proxy;
  std::unique_ptr<running> client, peer;
  std::vector<receipt> receipts;

 private:
  [[nodiscard]] bool port_is_free() const {
    tcp::acceptor probe(io);
    error_code ec;
    const tcp::endpoint here(asio::ip::address_v4::loopback(), options_of_server.port);
    probe.open(tcp::v4(), ec);
    probe.set_option(tcp::acceptor::reuse_address(true), ec);
    probe.bind(here, ec);
    if (!ec) probe.listen(1, ec);
    return !ec;
  }
};

server_options short_memory() {
  auto o = quick_server();
  o.retain = 30ms;
  return o;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(restart)

BOOST_AUTO_TEST_CASE(after_a_restart_what_is_unacknowledged_is_uncertain_and_sent_again) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io, quick_server(), client_options(""));
    co_await r.open();
    co_await r.ten_messages(4);
    co_await r.lose_server();
    r.peer = co_await accepted(*r.s);
    const event reset = co_await next(*r.client, event_kind::session_reset);
    BOOST_TEST(reset.certain == 0U);
    BOOST_TEST(reset.uncertain == 6U);
    BOOST_TEST(!reset.lost.has_value());
    const bool again = co_await receives_numbers(*r.peer, 5, 10);
    BOOST_TEST(again);
    co_await send(*r.client, "11");
    const bool goes_on = co_await receives_numbers(*r.peer, 11, 11);
    BOOST_TEST(goes_on);
    co_await eventually([&] { return (*r.client)->metrics().delivered == 11; });
  });
}

BOOST_AUTO_TEST_CASE(with_at_most_once_what_is_uncertain_ends_as_unknown_and_the_rest_follows) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto co = client_options("");
    co.delivery.mode = delivery_mode::at_most_once;
    rig r(io, quick_server(), co);
    co_await r.open();
    co_await r.ten_messages(4);
    co_await r.lose_server();
    co_await send(*r.client, "11");
    r.peer = co_await accepted(*r.s);
    const event reset = co_await next(*r.client, event_kind::session_reset);
    BOOST_TEST(reset.certain == 0U);
    BOOST_TEST(reset.uncertain == 6U);
    const bool only_the_new = co_await receives_numbers(*r.peer, 11, 11);
    BOOST_TEST(only_the_new);
    for (std::size_t i = 0; i < r.receipts.size(); ++i)
      BOOST_TEST(r.receipts[i].outcome() == (i < 4 ? outcome::delivered : outcome::unknown));
    BOOST_TEST(r.receipts[9].error() == errc::outcome_unknown);
  });
}

BOOST_AUTO_TEST_CASE(a_client_that_requires_its_session_ends_and_its_messages_are_unknown) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto co = client_options("");
    co.delivery.resume = resume_use::required;
    rig r(io, quick_server(), co);
    co_await r.open();
    co_await r.ten_messages(4);
    co_await r.lose_server();
    co_await eventually([&] { return r.client->end->has_value(); });
    BOOST_TEST(**r.client->end == errc::session_lost);
    for (std::size_t i = 0; i < r.receipts.size(); ++i)
      BOOST_TEST(r.receipts[i].outcome() == (i < 4 ? outcome::delivered : outcome::unknown));
  });
}

BOOST_AUTO_TEST_CASE(after_an_expiry_the_server_says_what_it_took_over_and_what_is_lost) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io, short_memory(), client_options(""));
    co_await r.open();
    co_await r.ten_messages(4);
    r.proxy->black_hole(testing::direction::down);
    const bool three_more = co_await receives_numbers(*r.peer, 5, 7);
    BOOST_TEST(three_more);
    co_await send_numbers(*r.peer, 1, 3);
    co_await eventually([&] { return (*r.peer)->status().queued_messages == 0; });
    r.proxy->admit(testing::admission::refuse);
    r.proxy->reset_all();
    co_await eventually([&] { return r.peer->end->has_value(); });
    BOOST_TEST(**r.peer->end == errc::session_expired);
    r.proxy->heal();
    auto fresh = co_await accepted(*r.s);
    const event reset = co_await next(*r.client, event_kind::session_reset);
    BOOST_TEST(reset.certain == 3U);
    BOOST_TEST(reset.uncertain == 0U);
    BOOST_TEST(reset.lost.has_value());
    BOOST_TEST(reset.lost.value_or(0) == 3U);
    const bool the_rest = co_await receives_numbers(*fresh, 8, 10);
    BOOST_TEST(the_rest);
    // What the ended session's application had not consumed is not handed out twice.
    const auto left = co_await (*r.peer)->async_receive(as_tuple);
    BOOST_TEST(std::get<0>(left) == errc::session_expired);
  });
}

BOOST_AUTO_TEST_CASE(before_anyone_was_told_the_application_may_still_consume_an_expired_session) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io, short_memory(), client_options(""));
    co_await r.open();
    co_await r.ten_messages(4);
    r.proxy->admit(testing::admission::refuse);
    r.proxy->reset_all();
    co_await eventually([&] { return r.peer->end->has_value(); });
    const bool afterwards = co_await receives_numbers(*r.peer, 5, 9);
    BOOST_TEST(afterwards);
    r.proxy->heal();
    auto fresh = co_await accepted(*r.s);
    const event reset = co_await next(*r.client, event_kind::session_reset);
    BOOST_TEST(reset.certain == 5U);
    BOOST_TEST(reset.uncertain == 0U);
    const bool the_rest = co_await receives_numbers(*fresh, 10, 10);
    BOOST_TEST(the_rest);
  });
}

BOOST_AUTO_TEST_CASE(with_at_most_once_an_expiry_leaves_nothing_unknown) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto co = client_options("");
    co.delivery.mode = delivery_mode::at_most_once;
    rig r(io, short_memory(), co);
    co_await r.open();
    co_await r.ten_messages(4);
    r.proxy->admit(testing::admission::refuse);
    r.proxy->reset_all();
    co_await eventually([&] { return r.peer->end->has_value(); });
    r.proxy->heal();
    auto fresh = co_await accepted(*r.s);
    const bool the_rest = co_await receives_numbers(*fresh, 5, 10);
    BOOST_TEST(the_rest);
    co_await eventually([&] { return (*r.client)->metrics().delivered == 10; });
    BOOST_TEST((*r.client)->metrics().unknown == 0U);
  });
}

BOOST_AUTO_TEST_CASE(after_an_expiry_a_client_that_requires_its_session_ends_with_session_lost) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto co = client_options("");
    co.delivery.resume = resume_use::required;
    rig r(io, short_memory(), co);
    co_await r.open();
    r.proxy->admit(testing::admission::refuse);
    r.proxy->reset_all();
    co_await eventually([&] { return r.peer->end->has_value(); });
    r.proxy->heal();
    co_await eventually([&] { return r.client->end->has_value(); });
    BOOST_TEST(**r.client->end == errc::session_lost);
  });
}

BOOST_AUTO_TEST_CASE(a_link_that_the_application_let_go_of_makes_the_client_begin_a_new_session) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io, quick_server(), client_options(""));
    co_await r.open();
    co_await r.ten_messages(4);
    r.peer.reset();
    auto fresh = co_await accepted(*r.s);
    const event reset = co_await next(*r.client, event_kind::session_reset);
    BOOST_TEST(reset.certain == 0U);
    BOOST_TEST(reset.uncertain == 0U);
    BOOST_TEST(reset.lost.value_or(99) == 0U);
    const bool again = co_await receives_numbers(*fresh, 5, 10);
    BOOST_TEST(again);
  });
}

BOOST_AUTO_TEST_CASE(a_welcome_that_was_lost_on_the_way_repeats_nothing) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const auto s = listening(io);
    raw_peer unlucky(io.get_executor());
    co_await say_hello(unlucky, s->local_endpoint(), hello_of('1', 1));
    co_await unlucky.send(data(1, "1"));
    co_await unlucky.send(data(2, "2"));
    auto peer = co_await accepted(*s);
    co_await send_numbers(*peer, 1, 2);
    const bool both = co_await receives_numbers(*peer, 1, 2);
    BOOST_TEST(both);
    unlucky.reset();
    raw_peer p(io.get_executor());
    const auto w = co_await open_session(p, s->local_endpoint(), hello_of('1', 2));
    BOOST_TEST(!w.resumed);
    BOOST_TEST(w.recv == 2U);
    BOOST_TEST(w.from == 1U);
    const auto got = co_await p.hear_data();
    BOOST_TEST(got == "1:1");
    co_await p.send(data(1, "1"));
    co_await p.send(data(2, "2"));
    co_await p.send(data(3, "3"));
    const bool the_next = co_await receives_numbers(*peer, 3, 3);
    BOOST_TEST(the_next);
    BOOST_TEST((*peer)->metrics().received == 3U);
  });
}

BOOST_AUTO_TEST_CASE(a_session_that_is_come_back_to_after_another_repeats_nothing) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    tcp::acceptor listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    running client(io, client_options(url_of(listener.local_endpoint())));
    raw_peer first(io.get_executor());
    co_await first.accept(listener);
    (void)co_await hear_hello(first);
    co_await welcome_new(first, "s1");
    co_await first.send(data(1, "1"));
    co_await first.send(data(2, "2"));
    const bool both = co_await receives_numbers(client, 1, 2);
    BOOST_TEST(both);
    first.reset();
    raw_peer other(io.get_executor());
    co_await other.accept(listener);
    (void)co_await hear_hello(other);
    co_await welcome_new(other, "s2");
    co_await other.send(data(1, "3"));
    const bool another = co_await receives_numbers(client, 3, 3);
    BOOST_TEST(another);
    other.reset();
    // The first server has not heard how much had come.
    raw_peer again(io.get_executor());
    co_await again.accept(listener);
    (void)co_await hear_hello(again);
    co_await welcome_new(again, "s1");
    delivery::control c = co_await again.hear_control();
    BOOST_TEST_REQUIRE(std::holds_alternative<delivery::session_ack>(c));
    BOOST_TEST(std::get<delivery::session_ack>(c).recv == 2U);
    for (std::uint64_t i = 1; i <= 3; ++i) co_await again.send(data(i, std::to_string(i == 3 ? 4 : i)));
    const bool the_next = co_await receives_numbers(client, 4, 4);
    BOOST_TEST(the_next);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
