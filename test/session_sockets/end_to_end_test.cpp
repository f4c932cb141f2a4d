// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Both ways at full speed, while the network between is cut again and again in every way there is.
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>

namespace session_test {
namespace {

// A quarter of it where sanitizers make it slow.
constexpr int messages = TAUTLINE_UNDER_SANITIZER ? 25'000 : 100'000;
constexpr int cuts = TAUTLINE_UNDER_SANITIZER ? 50 : 200;
constexpr std::size_t most_queued = 2'000, most_waiting = 500;

/// One end: what it sent and received, and whether it stayed within its bounds.
struct tally {
  explicit tally(running& r) : end(r) {}

  [[nodiscard]] bool all_received() const { return received == messages; }
  void look() {
    const auto s = end->status();
    const auto m = end->metrics();
    most_in_outbox = std::max(most_in_outbox, s.queued_messages + s.unconfirmed_messages);
    most_in_inbox = std::max(most_in_inbox, m.received - static_cast<std::uint64_t>(received));
  }

  running& end;
  int received = 0;
  bool in_order = true;
  std::size_t most_in_outbox = 0;
  std::uint64_t most_in_inbox = 0;
};

asio::awaitable<void> send_all(tally& t) {
  for (int i = 1; i <= messages; ++i) {
    co_await send(t.end, std::to_string(i));
    if (i % 64 == 0) t.look();
  }
}

asio::awaitable<void> receive_all(tally& t) {
  while (!t.all_received()) {
    auto batch = co_await t.end->async_receive_batch(100, asio::use_awaitable);
    for (const auto& m : batch) t.in_order = t.in_order && m.payload() == std::to_string(++t.received);
    t.look();
  }
}

using testing::cut;
using testing::direction;
using testing::fault_proxy;

asio::awaitable<void> until_cut(fault_proxy& p) {
  const auto before = p.counters();
  co_await eventually([&p, before] {
    const auto now = p.counters();
    return now.resets + now.closes > before.resets + before.closes;
  });
  p.heal();
}

asio::awaitable<void> until_noticed(fault_proxy& p, running& client) {
  co_await client->async_wait(link_state::reconnecting, asio::use_awaitable);
  p.heal();
}

asio::awaitable<void> cut_once(fault_proxy& p, running& client, int number) {
  const auto way = number % 2 == 0 ? direction::up : direction::down;
  switch (number / 2 % 10) {
    case 0: p.reset_all(); break;
    case 1: p.close_all(); break;
    case 2:
      p.cut_after(static_cast<std::uint64_t>(number * 37), cut::reset);
      co_await until_cut(p);
      break;
    case 3:
      p.cut_after(static_cast<std::uint64_t>(number * 41), cut::close);
      co_await until_cut(p);
      break;
    case 4:  // in the middle of the upgrade, of the hello, of what follows at once
      p.reset_all();
      p.cut_after(static_cast<std::uint64_t>(100 + number * 5), cut::reset);
      co_await until_cut(p);
      break;
    case 5: p.stall(way, 5ms); break;
    case 6:
      p.stall(way, 30s);
      co_await until_noticed(p, client);
      break;
    case 7:
      p.black_hole(way);
      co_await until_noticed(p, client);
      break;
    case 8:
      p.black_hole(direction::both);
      co_await until_noticed(p, client);
      break;
    case 9:
      p.admit(testing::admission::refuse);
      p.reset_all();
      co_await until_noticed(p, client);
      break;
  }
}

// Evenly over the messages of both ways, however fast they go.
asio::awaitable<void> cut_all(fault_proxy& p, tally& client, tally& server) {
  for (int n = 0; n < cuts; ++n) {
    const int due = 2 * messages / (cuts + 1) * (n + 1);
    co_await eventually([&] { return client.received + server.received >= due; });
    co_await connected(client.end);
    co_await cut_once(p, client.end, n);
  }
}

asio::awaitable<void> counted(asio::awaitable<void> work, int& left) {
  co_await std::move(work);
  --left;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(end_to_end)

BOOST_AUTO_TEST_CASE(a_hundred_thousand_messages_each_way_survive_two_hundred_cuts) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.queue.max_messages = most_queued;
    so.link.inbox.max_messages = most_waiting;
    so.link.heartbeat.interval = so.link.heartbeat.timeout = 10s;
    const auto s = listening(io, so);
    const auto p = proxy_to(io, s->local_endpoint());
    auto co = client_options(url_of(p->local_endpoint()));
    co.queue.max_messages = most_queued;
    co.inbox.max_messages = most_waiting;
    co.heartbeat.interval = co.heartbeat.timeout = 50ms;
    running client(io, co);
    auto server_end = co_await accepted(*s);
    tally c(client);
    tally t(*server_end);
    int left = 5;
    bool another = false;
    s->async_accept([&](error_code ec, const link&) { another = !ec; });
    asio::co_spawn(io, counted(send_all(c), left), asio::detached);
    asio::co_spawn(io, counted(send_all(t), left), asio::detached);
    asio::co_spawn(io, counted(receive_all(c), left), asio::detached);
    asio::co_spawn(io, counted(receive_all(t), left), asio::detached);
    asio::co_spawn(io, counted(cut_all(*p, c, t), left), asio::detached);
    co_await eventually([&] { return left == 0; });

    BOOST_TEST(c.in_order);
    BOOST_TEST(t.in_order);
    BOOST_TEST(client->metrics().received == static_cast<std::uint64_t>(messages));
    BOOST_TEST((*server_end)->metrics().received == static_cast<std::uint64_t>(messages));
    BOOST_TEST(!another, "the session did not survive");
    BOOST_TEST(client->metrics().reconnects >= static_cast<std::uint64_t>(cuts) * 8 / 10);
    BOOST_TEST(c.most_in_outbox <= most_queued);
    BOOST_TEST(t.most_in_outbox <= most_queued);
    BOOST_TEST(c.most_in_inbox <= most_waiting);
    BOOST_TEST(t.most_in_inbox <= most_waiting);
    co_await eventually([&] { return client->metrics().pending == 0 && (*server_end)->metrics().pending == 0; });
    BOOST_TEST(client->metrics().delivered == static_cast<std::uint64_t>(messages));
    BOOST_TEST((*server_end)->metrics().delivered == static_cast<std::uint64_t>(messages));
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
