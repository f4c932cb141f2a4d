// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Bytes that the fault proxy inverts, in clear and under TLS.
#define BOOST_TEST_DYN_LINK
#include <tautline/link.hpp>
#include <tautline/server.hpp>

#include "proxy_fixture.hpp"
#include "server/certificate.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>

using namespace proxy_test;

BOOST_AUTO_TEST_SUITE(fault_proxy_corruption)

BOOST_FIXTURE_TEST_CASE(one_byte_at_an_offset_is_inverted, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.proxy.corrupt_at(direction::down, 3);
    const auto sent = co_await f.send("abcdefgh");
    BOOST_TEST(!sent);
    const auto back = co_await f.receive(8);
    BOOST_TEST(back ==
               "abc\x9b"
               "efgh");
    co_await f.talk("and none behind it");
    BOOST_TEST(f.proxy.counters().corrupted == 1U);
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(a_later_connection_has_its_own_bad_byte, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    f.proxy.corrupt_at(direction::up, 0);
    for (std::uint64_t n = 1; n <= 2; ++n) {
      f.client = tcp::socket(f.io);
      const auto ec = co_await f.connect();
      BOOST_TEST(!ec);
      const auto sent = co_await f.send("aa");
      BOOST_TEST(!sent);
      const auto back = co_await f.receive(2);
      BOOST_TEST(back ==
                 "\x9e"
                 "a");
      BOOST_TEST(f.proxy.counters().corrupted == n);
    }
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(bytes_are_inverted_at_a_rate_that_a_seed_repeats, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    const std::string good(10'000, 'x');
    std::vector<std::string> came;
    for (const std::uint64_t seed : {7U, 7U, 8U}) {
      f.proxy.corrupt_rate(direction::down, 0.01, seed);
      const auto sent = co_await f.send(good);
      BOOST_TEST(!sent);
      auto back = co_await f.receive(good.size());
      came.push_back(std::move(back));
    }
    const auto bad = std::count(came[0].begin(), came[0].end(), static_cast<char>(~'x'));
    BOOST_TEST(bad > 60);
    BOOST_TEST(bad < 140);
    BOOST_TEST(came[0] == came[1]);
    BOOST_TEST(came[0] != came[2]);
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(every_byte_can_be_inverted_and_healing_ends_it, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.proxy.corrupt_rate(direction::both, 1);
    // Twice inverted is as it was.
    co_await f.talk("there and back");
    while (f.proxy.counters().corrupted < 28U) co_await asio::post(asio::use_awaitable);
    f.proxy.heal();
    co_await f.talk("healed");
    BOOST_TEST(f.proxy.counters().corrupted == 28U);
    f.proxy.corrupt_rate(direction::both, 0);
    co_await f.talk("no chance at all");
    BOOST_TEST(f.proxy.counters().corrupted == 28U);
  }(*this));
}

namespace {

using tautline::link;  // and not the one of <unistd.h>

// wss through the proxy.
struct tls_path {
  explicit tls_path(asio::io_context& io) {
    server_options so;
    so.tls.certificate_file = files.certificate_file();
    so.tls.private_key_file = files.private_key_file();
    receiver.emplace(io.get_executor(), std::move(so));
    BOOST_REQUIRE(!receiver->listen());
    proxy.emplace(io.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0), receiver->local_endpoint());
    options co("wss://127.0.0.1:" + std::to_string(proxy->local_endpoint().port()));
    co.tls.ca_file = files.certificate_file();
    co.backoff.initial = 1ms;
    co.backoff.max = 2ms;
    co.backoff.max_attempts = unlimited;
    co.session = session_use::require;
    sender.emplace(io.get_executor(), std::move(co));
  }

  server_test::certificate files;
  std::optional<server> receiver;
  std::optional<fault_proxy> proxy;
  std::optional<link> sender;
};

asio::awaitable<event> next(link& l, event_kind kind) {
  for (;;) {
    auto e = co_await l.async_next_event(asio::use_awaitable);
    if (e.kind == kind) co_return e;
  }
}

// The next `count` messages are these numbers.
asio::awaitable<void> expect_numbers(link& from, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    const auto m = co_await from.async_receive(asio::use_awaitable);
    BOOST_TEST(m.payload() == std::to_string(i));
  }
}

asio::awaitable<void> send_numbers(link& to, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    message m(std::to_string(i));
    (void)co_await to.async_send(std::move(m), asio::use_awaitable);
  }
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(under_tls_a_bad_byte_ends_the_connection_and_the_link_loses_nothing, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    tls_path path(f.io);
    path.sender->async_run(asio::detached);
    auto peer = co_await path.receiver->async_accept(asio::use_awaitable);
    peer.async_run(asio::detached);
    co_await send_numbers(*path.sender, 1, 10);
    co_await expect_numbers(peer, 1, 10);
    int first = 11;
    for (const auto way : {direction::up, direction::down}) {
      const auto before = path.proxy->counters().corrupted;
      path.proxy->corrupt_at(way, 40);
      co_await send_numbers(*path.sender, first, 100);
      const auto down = co_await next(*path.sender, event_kind::down);
      BOOST_TEST((down.why.where == phase::open), down.why.describe());
      BOOST_TEST(path.proxy->counters().corrupted > before);
      path.proxy->heal();
      co_await next(*path.sender, event_kind::up);
      co_await expect_numbers(peer, first, 100);
      first += 100;
    }
    BOOST_TEST(path.sender->metrics().reconnects >= 2U);
  }(*this));
}

BOOST_AUTO_TEST_SUITE_END()
