// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// When the receiver takes responsibility, what a message is called, and the same over TLS.
#include "raw_peer.hpp"
#include "server/certificate.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <vector>

namespace session_test {
namespace {

struct rig {
  rig(asio::io_context& io, responsibility who) {
    auto so = quick_server();
    so.link.delivery.responsibility = who;
    s = listening(io, so);
    proxy = proxy_to(io, s->local_endpoint());
    client = std::make_unique<running>(io, client_options(url_of(proxy->local_endpoint())));
  }

  asio::awaitable<void> open() {
    peer = co_await accepted(*s);
    co_await next(*client, event_kind::up);
  }
  asio::awaitable<void> reconnect() {
    proxy->reset_all();
    co_await next(*client, event_kind::resumed);
  }
  /// What the client knows to be taken over, after an answer that was asked for behind all else.
  asio::awaitable<std::uint64_t> known_delivered() {
    co_await reconnect();
    co_return (*client)->metrics().delivered;
  }

  std::unique_ptr<server> s;
  std::unique_ptr<testing::fault_proxy> proxy;
  std::unique_ptr<running> client, peer;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(responsibilities)

BOOST_AUTO_TEST_CASE(received_takes_over_what_is_in_the_inbox) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io, responsibility::received);
    co_await r.open();
    co_await send_numbers(*r.client, 1, 10);
    co_await eventually([&] { return (*r.client)->metrics().delivered == 10; });
    const bool still_there = co_await receives_numbers(*r.peer, 1, 10);
    BOOST_TEST(still_there);
  });
}

BOOST_AUTO_TEST_CASE(consumed_takes_over_what_was_handed_out_and_nothing_else) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io, responsibility::consumed);
    co_await r.open();
    co_await send_numbers(*r.client, 1, 10);
    co_await eventually([&] { return (*r.peer)->metrics().received == 10; });
    auto known = co_await r.known_delivered();
    BOOST_TEST(known == 0U);
    const bool four = co_await receives_numbers(*r.peer, 1, 4);
    BOOST_TEST(four);
    known = co_await r.known_delivered();
    BOOST_TEST(known == 4U);
    const bool the_rest = co_await receives_numbers(*r.peer, 5, 10);
    BOOST_TEST(the_rest);
    co_await eventually([&] { return (*r.client)->metrics().delivered == 10; });
    BOOST_TEST((*r.peer)->metrics().received == 10U);
  });
}

BOOST_AUTO_TEST_CASE(manual_takes_over_what_is_acknowledged_without_a_hole) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io, responsibility::manual);
    co_await r.open();
    co_await send_numbers(*r.client, 1, 10);
    std::vector<message> held;
    while (held.size() < 10) {
      message m = co_await (*r.peer)->async_receive(asio::use_awaitable);
      held.push_back(std::move(m));
    }
    auto known = co_await r.known_delivered();
    BOOST_TEST(known == 0U);
    for (const std::size_t i : {4U, 1U, 2U}) held[i].acknowledge();
    known = co_await r.known_delivered();
    BOOST_TEST(known == 0U);
    held[0].acknowledge();
    co_await eventually([&] { return (*r.client)->metrics().delivered == 3; });
    held[0].acknowledge();  // again: without effect
    held[3].acknowledge();
    co_await eventually([&] { return (*r.client)->metrics().delivered == 5; });
    known = co_await r.known_delivered();
    BOOST_TEST(known == 5U);
    for (std::size_t i = 5; i < 10; ++i) held[i].acknowledge();
    co_await eventually([&] { return (*r.client)->metrics().pending == 0; });
    BOOST_TEST((*r.peer)->metrics().received == 10U);
  });
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_may_come_after_the_link_has_gone) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io, responsibility::manual);
    co_await r.open();
    co_await send(*r.client, "1");
    const message m = co_await (*r.peer)->async_receive(asio::use_awaitable);
    r.peer.reset();
    r.s.reset();
    m.acknowledge();
    BOOST_TEST(m.id().seq == 1U);
  });
}

BOOST_AUTO_TEST_CASE(ids_are_unique_go_on_across_connections_and_sessions_and_name_their_origin) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io, responsibility::consumed);
    co_await r.open();
    std::set<std::string> origins;
    std::uint64_t expected = 0;
    for (int i = 0; i < 5; ++i) {
      co_await send(*r.client, "x");
      const message m = co_await (*r.peer)->async_receive(asio::use_awaitable);
      BOOST_TEST(m.id().seq == ++expected);
      origins.emplace(m.id().origin);
      co_await r.reconnect();
    }
    r.peer.reset();  // the session ends; the numbers do not
    co_await send(*r.client, "of the next session");
    r.peer = co_await accepted(*r.s);
    const message m = co_await (*r.peer)->async_receive(asio::use_awaitable);
    BOOST_TEST(m.id().seq == ++expected);
    origins.emplace(m.id().origin);
    BOOST_TEST(origins.size() == 1U);
    BOOST_TEST(origins.begin()->size() == 32U);
  });
}

BOOST_AUTO_TEST_CASE(a_repeat_after_a_lost_session_has_the_id_of_the_first_time) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    tcp::acceptor listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    running client(io, client_options(url_of(listener.local_endpoint())));
    raw_peer p(io.get_executor());
    co_await p.accept(listener);
    const auto first = co_await hear_hello(p);
    co_await welcome_new(p, "s1");
    co_await send_numbers(client, 1, 3);
    for (int i = 1; i <= 3; ++i) (void)co_await p.hear_data();
    p.reset();
    raw_peer q(io.get_executor());
    co_await q.accept(listener);
    const auto second = co_await hear_hello(q);
    BOOST_TEST(second.origin == first.origin);
    BOOST_TEST(second.from == 1U);
    co_await welcome_new(q, "s2");
    for (int i = 1; i <= 3; ++i) {
      const auto repeated = co_await q.hear_data();
      BOOST_TEST(repeated == std::to_string(i) + ":" + std::to_string(i));
    }
  });
}

BOOST_AUTO_TEST_CASE(a_message_of_a_server_is_named_after_its_session) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    tcp::acceptor listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    running client(io, client_options(url_of(listener.local_endpoint())));
    raw_peer p(io.get_executor());
    co_await p.accept(listener);
    (void)co_await hear_hello(p);
    co_await welcome_new(p, "the session");
    co_await p.send(data(1, "x"));
    const message m = co_await client->async_receive(asio::use_awaitable);
    BOOST_TEST(m.id().origin == "the session");
    BOOST_TEST(m.id().seq == 1U);
    BOOST_TEST(m.is_text());
  });
}

BOOST_AUTO_TEST_CASE(a_session_goes_on_over_tls_too) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const server_test::certificate c;
    auto so = quick_server();
    so.tls.certificate_file = c.certificate_file();
    so.tls.private_key_file = c.private_key_file();
    const auto s = listening(io, so);
    const auto proxy = proxy_to(io, s->local_endpoint());
    auto co = client_options(url_of(proxy->local_endpoint(), "wss"));
    co.tls.ca_file = c.certificate_file();
    running client(io, co);
    auto peer = co_await accepted(*s);
    co_await next(client, event_kind::up);
    for (int round = 0; round < 10; ++round) {
      co_await send_numbers(client, 100 * round + 1, 100 * round + 100);
      co_await send_numbers(*peer, 100 * round + 1, 100 * round + 100);
      if (round % 2 == 0) proxy->reset_all();
      if (round % 2 == 1) proxy->close_all();
      co_await next(client, event_kind::resumed);
      const bool at_server = co_await receives_numbers(*peer, 100 * round + 1, 100 * round + 100);
      const bool at_client = co_await receives_numbers(client, 100 * round + 1, 100 * round + 100);
      BOOST_TEST(at_server);
      BOOST_TEST(at_client);
    }
    BOOST_TEST(client->metrics().received == 1000U);
    BOOST_TEST((*peer)->metrics().received == 1000U);
    BOOST_TEST(client->status().session == session_state::resumed);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
