// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// An application that takes its time slows the other one down, and nothing is dropped.
#include <tautline/testing/fault_proxy.hpp>

#include "support.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

namespace session_sockets {
namespace {

constexpr int total = 500;
constexpr std::size_t window = 64;
constexpr std::size_t queue = 100;

/// Sends all numbers as fast as it may.
asio::awaitable<void> send_all(link& l, int& taken) {
  for (int n = 1; n <= total; ++n) {
    message m(std::to_string(n));
    co_await l.async_send(std::move(m), asio::use_awaitable);
    taken = n;
  }
}

struct slow_pair {
  explicit slow_pair(asio::io_context& io)
      : here(io, options_of_server()),
        proxy(io.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0), opened().endpoint()),
        client(link(io.get_executor(), options_of_client())) {}

  static void make_small(options& o) {
    o.queue.max_messages = queue;
    o.inbox.max_messages = window;
  }
  static server_options options_of_server() {
    server_options o;
    make_small(o.link);
    return o;
  }
  options options_of_client() const {
    auto o = client_options(url_of(proxy.local_endpoint()));
    make_small(o);
    return o;
  }
  site& opened() {
    here.consumes = false;
    here.open();
    return here;
  }
  asio::awaitable<void> up() {
    client.start();
    co_await eventually([this] { return client.connected() && !here.peers.empty(); });
  }
  asio::awaitable<void> reconnect() {
    const auto before = client.l.metrics().connections;
    proxy.reset_all();
    co_await eventually([&] { return client.l.metrics().connections > before && client.connected(); });
  }

  site here;
  testing::fault_proxy proxy;
  end_point client;
};

/// As full as it may be: the window with the peer, the rest in the queue, and its sender waits.
bool is_full(const link& l) {
  const auto s = l.status();
  return s.unconfirmed_messages == window && s.queued_messages == queue - window;
}

/// The consumer takes what it wants, at breaks and between them.
asio::awaitable<void> consume_slowly(slow_pair& pair, end_point& from, end_point& to) {
  int taken = 0;
  asio::co_spawn(pair.here.io, send_all(from.l, taken), asio::detached);
  for (int round = 0; round < 5; ++round) {
    co_await eventually([&] { return is_full(from.l) && static_cast<std::size_t>(taken) == to.got.size() + queue; });
    const int waits_behind = taken;
    co_await pair.reconnect();
    co_await eventually([&] { return is_full(from.l); });
    BOOST_TEST(taken == waits_behind);  // a new connection is no new credit
    BOOST_TEST(to.l.metrics().received <= to.got.size() + window);
    for (int i = 0; i < 40; ++i) co_await to.take_one();
    co_await eventually([&] { return taken == waits_behind + 40; });
  }
  while (to.got.size() < static_cast<std::size_t>(total)) co_await to.take_one();
  BOOST_TEST(to.got == numbers(1, total), boost::test_tools::per_element());
  BOOST_TEST(from.l.metrics().dropped == 0U);
  BOOST_TEST(from.l.metrics().rejected == 0U);
  co_await eventually([&] { return from.l.metrics().delivered == static_cast<std::uint64_t>(total); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_slow_consumer)

BOOST_AUTO_TEST_CASE(at_the_server_slows_the_client_across_reconnects) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    slow_pair pair(io);
    co_await pair.up();
    co_await consume_slowly(pair, pair.client, pair.here.peers[0]);
  });
}

BOOST_AUTO_TEST_CASE(at_the_client_slows_the_server_across_reconnects) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    slow_pair pair(io);
    co_await pair.up();
    co_await consume_slowly(pair, pair.here.peers[0], pair.client);
  });
}

BOOST_AUTO_TEST_CASE(holds_a_server_back_that_sends_while_nobody_is_there) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    slow_pair pair(io);
    co_await pair.up();
    pair.proxy.admit(testing::admission::refuse);
    pair.proxy.reset_all();
    auto& server_side = pair.here.peers[0];
    co_await eventually([&] { return !server_side.connected(); });
    int taken = 0;
    asio::co_spawn(io, send_all(server_side.l, taken), asio::detached);
    co_await eventually(
        [&] { return server_side.l.status().queued_messages == queue && static_cast<std::size_t>(taken) == queue; });
    pair.proxy.heal();
    while (pair.client.got.size() < static_cast<std::size_t>(total)) co_await pair.client.take_one();
    BOOST_TEST(pair.client.got == numbers(1, total), boost::test_tools::per_element());
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_sockets
