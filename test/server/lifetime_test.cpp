// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Servers that go away, in every state; their handlers are called or destroyed, never lost.
#include "raw_client.hpp"
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <optional>

namespace server_test {
namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

/// Owns its server, as a service's own coroutine would.
asio::awaitable<void> own_and_accept(asio::io_context& io, std::shared_ptr<int> witness) {
  server s(io.get_executor(), server_options());
  if (!s.listen()) {
    auto peer = co_await s.async_accept(asio::use_awaitable);
    ++*witness;
  }
}

asio::awaitable<void> own_and_drain(asio::io_context& io, std::shared_ptr<int> witness, bool& waiting) {
  server s(io.get_executor(), server_options());
  if (s.listen()) co_return;
  raw_client client(io.get_executor());
  co_await client.upgrade(s.local_endpoint());
  auto peer = co_await accepted(s);
  waiting = true;
  co_await s.async_drain(std::chrono::hours(1), asio::use_awaitable);
  ++*witness;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lifetime)

BOOST_AUTO_TEST_CASE(destroying_a_server_ends_what_waits_on_it) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    std::optional<error_code> accept_end;
    std::optional<error_code> drain_end;
    std::optional<server> s(std::in_place, io.get_executor(), server_options());
    BOOST_TEST(!s->listen());
    s->async_accept([&](error_code ec, link) { accept_end = ec; });
    s.reset();
    co_await eventually([&] { return accept_end.has_value(); });
    BOOST_TEST(*accept_end == asio::error::operation_aborted);

    s.emplace(io.get_executor(), server_options());
    BOOST_TEST(!s->listen());
    raw_client client(io.get_executor());
    co_await client.upgrade(s->local_endpoint());
    auto peer = co_await accepted(*s);
    s->async_drain(std::chrono::hours(1), [&](error_code ec) { drain_end = ec; });
    s.reset();
    co_await eventually([&] { return drain_end.has_value(); });
    BOOST_TEST(*drain_end == asio::error::operation_aborted);
  });
}

BOOST_AUTO_TEST_CASE(links_live_on_without_their_server) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    std::optional<server> s(std::in_place, io.get_executor(), server_options());
    BOOST_TEST(!s->listen());
    raw_client client(io.get_executor());
    co_await client.upgrade(s->local_endpoint());
    auto peer = co_await accepted(*s);
    s.reset();
    asio::co_spawn(io, echo(std::move(peer)), asio::detached);
    co_await client.send("an orphan");
    const auto text = co_await client.receive();
    BOOST_TEST(text == "an orphan");
  });
}

BOOST_AUTO_TEST_CASE(handshakes_and_unaccepted_peers_go_with_their_server) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    std::optional<server> s(std::in_place, io.get_executor(), server_options());
    BOOST_TEST(!s->listen());
    auto slow = co_await connected(s->local_endpoint());
    raw_client client(io.get_executor());
    co_await client.upgrade(s->local_endpoint());
    co_await eventually([&] { return s->metrics().upgraded == 1 && s->metrics().open == 2; });
    s.reset();
    const auto heard = co_await read_all(slow);
    BOOST_TEST(heard == "");
    const auto code = co_await client.wait_for_close();
    BOOST_TEST(code == 1006);
  });
}

BOOST_AUTO_TEST_CASE(a_server_can_be_moved_and_replaced) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server first(io.get_executor(), server_options());
    BOOST_TEST(!first.listen());
    const auto endpoint = first.local_endpoint();
    server second(std::move(first));
    BOOST_TEST(second.local_endpoint() == endpoint);
    second = server(io.get_executor(), server_options());
    BOOST_TEST(!second.listen());
    tcp::socket socket(io);
    error_code refused;
    while (refused != asio::error::connection_refused) {
      socket = tcp::socket(io);
      const auto result = co_await socket.async_connect(endpoint, as_tuple);
      refused = std::get<0>(result);
    }
    raw_client client(io.get_executor());
    const auto answer = co_await client.upgrade(second.local_endpoint());
    BOOST_TEST(answer.status == 101U);
  });
}

BOOST_AUTO_TEST_CASE(a_port_is_free_again_as_soon_as_its_server_is_gone) {
  asio::io_context io;  // which nobody runs
  std::optional<server> s;
  s.emplace(io.get_executor(), server_options());
  BOOST_TEST(!s->listen());
  auto o = server_options();
  o.port = s->local_endpoint().port();
  s.reset();
  s.emplace(io.get_executor(), o);
  BOOST_TEST(!s->listen());
  s->cancel();
  server third(io.get_executor(), o);
  BOOST_TEST(!third.listen());
}

BOOST_AUTO_TEST_CASE(a_context_takes_a_pending_accept_and_the_server_that_it_owns_with_it) {
  const auto witness = std::make_shared<int>(0);
  {
    asio::io_context io;
    asio::co_spawn(io, own_and_accept(io, witness), asio::detached);
    io.poll();
    BOOST_TEST(witness.use_count() == 2);
  }
  BOOST_TEST(witness.use_count() == 1);
  BOOST_TEST(*witness == 0);
}

BOOST_AUTO_TEST_CASE(a_context_takes_a_pending_drain_with_it) {
  const auto witness = std::make_shared<int>(0);
  {
    bool waiting = false;
    asio::io_context io;
    asio::co_spawn(io, own_and_drain(io, witness, waiting), asio::detached);
    pump(io, [&] { return waiting; });
    io.poll();
    BOOST_TEST(witness.use_count() == 2);
  }
  BOOST_TEST(witness.use_count() == 1);
  BOOST_TEST(*witness == 0);
}

BOOST_AUTO_TEST_CASE(a_server_may_outlive_its_context) {
  std::optional<server> s;
  {
    asio::io_context io;
    s.emplace(io.get_executor(), server_options());
    BOOST_TEST(!s->listen());
    tcp::socket client(io);
    client.connect(s->local_endpoint());
    pump(io, [&] { return s->metrics().open == 1; });
  }
  BOOST_TEST(s->metrics().accepted == 1);
  BOOST_TEST(s->metrics().open == 0);
  BOOST_TEST(s->listen() == errc::closed);
  s->cancel();
  s.reset();
}

BOOST_AUTO_TEST_CASE(accepted_links_may_outlive_their_context_and_their_server) {
  std::optional<server> s;
  std::optional<link> peer;
  {
    asio::io_context io;
    s.emplace(io.get_executor(), server_options());
    BOOST_TEST(!s->listen());
    raw_client client(io.get_executor());
    asio::co_spawn(io, client.upgrade(s->local_endpoint()), asio::detached);
    s->async_accept([&](error_code, link p) { peer.emplace(std::move(p)); });
    pump(io, [&] { return peer.has_value(); });
    peer->async_run(asio::detached);
    io.poll();
  }
  BOOST_TEST(s->metrics().upgraded == 1);
  BOOST_TEST(s->metrics().open == 0);
  s.reset();
  BOOST_TEST(peer->metrics().connections == 1);
  peer.reset();
}

BOOST_AUTO_TEST_CASE(a_thread_may_wait_for_a_peer_with_a_future) {
  asio::io_context io;
  auto work = asio::make_work_guard(io);
  std::thread loop([&] { io.run(); });
  {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    // No exception: ThreadSanitizer cannot see how the standard library counts who owns one.
    auto next = s.async_accept(asio::use_future([](error_code ec, const tautline::link&) { return ec; }));
    s.cancel();
    BOOST_TEST(next.get() == errc::closed);
  }
  work.reset();
  loop.join();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace server_test
