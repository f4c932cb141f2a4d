// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Full speed both ways through two hundred cuts.
#include <tautline/testing/fault_proxy.hpp>

#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace session_sockets {
namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t total = 100'000;
constexpr std::uint64_t cuts = 200;
constexpr std::uint64_t between_cuts = total / (cuts + 1);
constexpr std::size_t most_queued = 1'000;
constexpr std::size_t most_queued_bytes = 64 * 1024;
constexpr std::size_t window_messages = 256;
constexpr std::size_t window_bytes = 32 * 1024;

/// One direction's receiver, which trusts nobody.
struct tally {
  tally() = default;
  std::uint64_t got = 0;
  std::uint64_t wrong = 0;      ///< lost, repeated, out of order or changed
  std::uint64_t unbounded = 0;  ///< how often a queue was over its bounds
};

std::string content(std::uint64_t n) { return std::to_string(n) + std::string(n % 97, 'x'); }

void check_bounds(const link& l, tally& t) {
  const auto s = l.status();
  const bool queue = s.queued_messages + s.unconfirmed_messages <= most_queued &&
                     s.queued_bytes + s.unconfirmed_bytes <= most_queued_bytes;
  const bool window = s.unconfirmed_messages <= window_messages && s.unconfirmed_bytes <= window_bytes;
  const bool pending = l.metrics().pending <= most_queued;
  if (!queue || !window || !pending) ++t.unbounded;
}

asio::awaitable<void> take_all(link& l, tally& t) {
  while (t.got < total) {
    auto result = co_await l.async_receive_batch(100, as_tuple);
    if (std::get<0>(result)) co_return;
    for (const auto& m : std::get<1>(result)) {
      ++t.got;
      if (m.payload() != content(t.got) || m.is_text() != (t.got % 2 == 0) || m.id().seq != t.got) ++t.wrong;
    }
    check_bounds(l, t);
  }
}

/// As fast as the queue takes them, and never so far ahead that the cuts come after the end.
asio::awaitable<void> send_all(link& l, tally& t, const std::uint64_t& cuts_made) {
  for (std::uint64_t n = 1; n <= total; ++n) {
    if (n > (cuts_made + 4) * between_cuts && cuts_made < cuts)
      co_await eventually([&] { return n <= (cuts_made + 4) * between_cuts || cuts_made == cuts; });
    message m(n % 2 == 0 ? payload_kind::text : payload_kind::binary, content(n));
    co_await l.async_send(std::move(m), asio::use_awaitable);
    if (n % 64 == 0) check_bounds(l, t);
  }
}

asio::awaitable<void> hole(testing::fault_proxy& proxy, const link& client, testing::direction d) {
  const auto before = client.metrics().attempts;
  proxy.black_hole(d);
  co_await eventually([&] { return client.metrics().attempts > before; });
  proxy.heal();
}

asio::awaitable<void> cut_in_the_middle(testing::fault_proxy& proxy, std::uint64_t bytes, testing::cut how) {
  const auto before = proxy.counters();
  proxy.cut_after(bytes, how);
  co_await eventually([&] {
    const auto now = proxy.counters();
    return now.resets > before.resets || now.closes > before.closes;
  });
  proxy.heal();
}

asio::awaitable<void> cut(testing::fault_proxy& proxy, const link& client, std::uint64_t number) {
  const auto bytes = number * 7'919 % 10'000;  // in the upgrade, in the hello, and far behind them
  switch (number % 9) {
    case 0: proxy.reset_all(); break;
    case 1: proxy.close_all(); break;
    case 2: co_await cut_in_the_middle(proxy, bytes, testing::cut::reset); break;
    case 3: co_await cut_in_the_middle(proxy, bytes, testing::cut::close); break;
    case 4: co_await hole(proxy, client, testing::direction::up); break;
    case 5: co_await hole(proxy, client, testing::direction::down); break;
    case 6: co_await hole(proxy, client, testing::direction::both); break;
    case 7: proxy.stall(testing::direction::up, 5ms); break;
    default: proxy.stall(testing::direction::down, 5ms); break;
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_storm)

BOOST_AUTO_TEST_CASE(of_two_hundred_cuts_loses_repeats_and_reorders_nothing_both_ways) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options so;
    so.link.queue.max_messages = most_queued;
    so.link.queue.max_bytes = most_queued_bytes;
    so.link.inbox.max_messages = window_messages;
    so.link.inbox.max_bytes = window_bytes;
    so.link.heartbeat.interval = 50ms;
    so.link.heartbeat.timeout = 50ms;
    site here(io, so);
    here.consumes = false;
    tally up;
    tally down;
    std::uint64_t cuts_made = 0;
    here.on_peer = [&](end_point& p) {
      asio::co_spawn(io, take_all(p.l, up), asio::detached);
      asio::co_spawn(io, send_all(p.l, down, cuts_made), asio::detached);
    };
    here.open();
    testing::fault_proxy proxy(io.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0), here.endpoint());
    auto co = client_options(url_of(proxy.local_endpoint()));
    co.queue = so.link.queue;
    co.inbox = so.link.inbox;
    co.heartbeat = so.link.heartbeat;
    co.connect_timeout = 300ms;
    co.max_queued_events = 10'000;
    end_point client(link(io.get_executor(), co));
    client.start();
    asio::co_spawn(io, take_all(client.l, down), asio::detached);
    asio::co_spawn(io, send_all(client.l, up, cuts_made), asio::detached);
    while (cuts_made < cuts) {
      co_await eventually([&] { return client.connected() && std::min(up.got, down.got) >= cuts_made * between_cuts; });
      co_await cut(proxy, client.l, cuts_made);
      ++cuts_made;
    }
    co_await eventually([&] { return up.got == total && down.got == total; });
    BOOST_TEST(up.wrong == 0U);
    BOOST_TEST(down.wrong == 0U);
    BOOST_TEST(up.unbounded == 0U);
    BOOST_TEST(down.unbounded == 0U);
    BOOST_TEST(here.peers.size() == 1U);  // one link for all connections
    BOOST_TEST(client.count(event_kind::session_reset) == 0U);
    BOOST_TEST(client.count(event_kind::resumed) >= cuts * 7 / 9);
    std::optional<error_code> closed;
    client.l.async_close([&](error_code ec) { closed = ec; });
    co_await eventually([&] { return closed && here.peers[0].ended; });
    BOOST_TEST(!*closed);
    BOOST_TEST(!*here.peers[0].ended);
    BOOST_TEST(client.l.metrics().delivered == total);
    BOOST_TEST(here.peers[0].l.metrics().delivered == total);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_sockets
