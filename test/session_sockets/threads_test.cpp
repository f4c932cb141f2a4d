// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A session whose io_context several threads run, while its connections are cut: the strands of the session, of
// each connection that it is handed, and of the applications really run at once. Most useful under a thread sanitizer.
#include "support.hpp"

#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <charconv>
#include <cstddef>
#include <semaphore>
#include <stop_token>
#include <thread>
#include <utility>

namespace session_test {
namespace {

constexpr unsigned pool = 3;
// At each end two coroutines and a thread that is none of the pool's send, each in a lane of its own.
constexpr std::size_t coroutines = 2, lanes = coroutines + 1;
// A quarter of it where sanitizers make it slow.
constexpr int in_lane = TAUTLINE_UNDER_SANITIZER ? 500 : 2'000;
constexpr int in_all = static_cast<int>(lanes) * in_lane;
constexpr int cuts = TAUTLINE_UNDER_SANITIZER ? 12 : 20;
constexpr std::ptrdiff_t most_unconfirmed = 50;

/// What one end's application knows. Whoever uses it shares it, so that it outlives a test that fails.
struct application {
  explicit application(link l) : it(std::move(l)) {}
  /// Of the one coroutine that receives.
  void take(const message& m);

  link it;
  std::atomic<int> busy{0};    ///< coroutines, and the run, that have not ended
  std::atomic<int> broken{0};  ///< coroutines that threw
  std::atomic<int> received{0};
  std::atomic<int> confirmed{0}, refused{0};  ///< of what the thread sent
  std::atomic<int> wrong_sums{0};             ///< metrics that contradicted themselves
  std::counting_semaphore<> room{most_unconfirmed};
  // Each has one writer, and is read when that has ended.
  std::array<int, lanes> last{};
  int strangers = 0;
  error_code receive_end, run_end;
};

using shared = std::shared_ptr<application>;

message numbered(std::size_t lane, int number) {
  return message(std::to_string(number * static_cast<int>(lanes) + static_cast<int>(lane)));
}

void application::take(const message& m) {
  int n = 0;
  const auto text = m.payload();
  std::from_chars(text.data(), text.data() + text.size(), n);
  int& before = last.at(static_cast<std::size_t>(n) % lanes);
  // A message that is missing, repeated or too early makes all that follow in its lane strangers.
  if (n / static_cast<int>(lanes) == before + 1)
    ++before;
  else
    ++strangers;
  ++received;
}

/// On a strand of its own.
void start(const shared& a, asio::awaitable<void> work) {
  ++a->busy;
  asio::co_spawn(asio::make_strand(a->it.get_executor()), std::move(work), [a](const std::exception_ptr& e) {
    if (e) ++a->broken;
    --a->busy;
  });
}

void start_run(const shared& a) {
  ++a->busy;
  a->it.async_run([a](error_code ec) {
    a->run_end = ec;
    --a->busy;
  });
}

asio::awaitable<void> send_lane(shared a, std::size_t lane) {
  for (int i = 1; i <= in_lane; ++i) {
    message m = numbered(lane, i);
    (void)co_await a->it.async_send(std::move(m), asio::use_awaitable);
  }
}

/// Until the session ends, so that one message too many is noticed.
asio::awaitable<void> receive_all(shared a) {
  for (;;) {
    auto got = co_await a->it.async_receive_batch(16, as_tuple);
    a->receive_end = std::get<0>(got);
    if (a->receive_end) co_return;
    for (const auto& m : std::get<1>(got)) a->take(m);
  }
}

/// Calls from outside of the pool, all the time.
void send_from_outside(const std::stop_token& stop, const shared& a) {
  for (int i = 1; i <= in_lane; ++i) {
    while (!a->room.try_acquire_for(10ms))
      if (stop.stop_requested()) return;
    a->it.async_send(numbered(coroutines, i), stage::delivered, [a](error_code ec, const receipt&) {
      ++(ec ? a->refused : a->confirmed);
      a->room.release();
    });
    const auto m = a->it.metrics();
    if (m.sent != m.delivered + m.unknown + m.not_sent + m.pending) ++a->wrong_sums;
    (void)a->it.status();
  }
}

using testing::cut;
using testing::direction;
using testing::fault_proxy;

asio::awaitable<void> cut_once(fault_proxy& p, link& client, int number) {
  const auto before = p.counters();
  const auto once_more = [&p, &before] { return p.counters().resets >= before.resets + 2; };
  switch (number % 4) {
    case 0: p.reset_all(); break;
    case 1: p.close_all(); break;
    case 2:  // the next connection, too: in the middle of its upgrade, of the hello, of what follows at once
      p.reset_all();
      p.cut_after(static_cast<std::uint64_t>(100 + number * 50), cut::reset);
      co_await eventually(once_more);
      break;
    case 3:  // the server still has the old connection when the session is taken up on a new one
      p.black_hole(number % 8 == 3 ? direction::both : direction::down);
      co_await client.async_wait(link_state::reconnecting, asio::use_awaitable);
      break;
  }
  p.heal();
}

/// Evenly over the messages of both ways. Each cut has been noticed, and mended, before the next.
asio::awaitable<void> cut_often(fault_proxy& p, shared client, shared server) {
  for (int n = 0; n < cuts; ++n) {
    const int due = 2 * in_all / (cuts + 1) * (n + 1);
    const auto reached = [&] { return client->received + server->received >= due; };
    co_await eventually(reached);
    co_await client->it.async_wait(link_state::connected, asio::use_awaitable);
    const auto before = client->it.metrics().reconnects;
    const auto mended = [&] { return client->it.metrics().reconnects > before; };
    co_await cut_once(p, client->it, n);
    co_await eventually(mended);
  }
}

void has_sent_and_received_all(const application& a) {
  BOOST_TEST(a.broken == 0);
  BOOST_TEST(a.strangers == 0);
  BOOST_TEST(a.received == in_all);
  for (const int n : a.last) BOOST_TEST(n == in_lane);
  BOOST_TEST(a.confirmed == in_lane);
  BOOST_TEST(a.refused == 0);
  BOOST_TEST(a.wrong_sums == 0);
  BOOST_TEST(a.it.metrics().delivered == static_cast<std::uint64_t>(in_all));
  BOOST_TEST(a.receive_end == errc::closed);
  BOOST_TEST(!a.run_end);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(threads)

BOOST_AUTO_TEST_CASE(a_session_that_several_threads_run_and_use_survives_cuts_with_every_message_once_and_in_order) {
  const auto test = [](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.queue.max_messages = 200;
    so.link.inbox.max_messages = 100;
    const auto s = listening(io, so);
    const auto p = proxy_to(io, s->local_endpoint());
    auto co = client_options(url_of(p->local_endpoint()));
    co.session = session_use::require;
    co.queue.max_messages = 200;
    co.inbox.max_messages = 100;
    co.heartbeat.interval = co.heartbeat.timeout = 50ms;
    const auto client = std::make_shared<application>(link(io.get_executor(), co));
    start_run(client);
    link peer = co_await s->async_accept(asio::use_awaitable);
    const auto server = std::make_shared<application>(std::move(peer));
    start_run(server);

    std::vector<std::jthread> outside;
    for (const auto& a : {client, server}) {
      start(a, receive_all(a));
      for (std::size_t lane = 0; lane < coroutines; ++lane) start(a, send_lane(a, lane));
      outside.emplace_back(send_from_outside, a);
    }
    start(client, cut_often(*p, client, server));

    // A run and a receiver at each end are left.
    const auto all_there = [&] {
      const auto idle = [](const application& a) {
        return a.busy == 2 && a.received >= in_all && a.it.metrics().pending == 0;
      };
      return idle(*client) && idle(*server);
    };
    co_await eventually(all_there);
    for (auto& t : outside) t.join();
    co_await client->it.async_close(asio::use_awaitable);
    const auto all_over = [&] { return client->busy == 0 && server->busy == 0; };
    co_await eventually(all_over);

    has_sent_and_received_all(*client);
    has_sent_and_received_all(*server);
    BOOST_TEST(client->it.metrics().reconnects >= static_cast<std::uint64_t>(cuts));
    BOOST_TEST(s->metrics().sessions_opened == 1U);
    BOOST_TEST(s->metrics().sessions_resumed >= static_cast<std::uint64_t>(cuts));
    BOOST_TEST(s->metrics().sessions_lost == 0U);
  };
  run(test, pool);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
