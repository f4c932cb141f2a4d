// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Peers come, are handed out, and talk.
#include "raw_client.hpp"
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <optional>

namespace server_test {

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> talk(std::string url, std::string name, int rounds, std::atomic<int>& right) {
  link client(co_await asio::this_coro::executor, client_options(std::move(url)));
  client.async_run(asio::detached);
  for (int i = 0; i < rounds; ++i) {
    const auto text = name + ' ' + std::to_string(i);
    const auto answer = co_await ask(client, text);
    if (answer == text) ++right;
  }
  co_await client.async_close(as_tuple);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(accept)

BOOST_AUTO_TEST_CASE(a_link_talks_to_the_link_that_the_server_made_for_it) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    std::atomic<int> right{0};
    co_await talk(s.url(), "hello", 3, right);
    BOOST_TEST(right == 3);
    co_await eventually([&] { return s.metrics().open == 0; });
    BOOST_TEST(s.metrics().accepted == 1);
    BOOST_TEST(s.metrics().upgraded == 1);
    s.cancel();
  });
}

BOOST_AUTO_TEST_CASE(a_peer_that_is_no_link_is_served_too) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    raw_client client(io.get_executor());
    const auto answer = co_await client.upgrade(s.local_endpoint());
    BOOST_TEST(answer.status == 101U);
    co_await client.send("from Beast");
    const auto text = co_await client.receive();
    BOOST_TEST(text == "from Beast");
    co_await client.close();
    co_await eventually([&] { return s.metrics().open == 0; });
    s.cancel();
  });
}

BOOST_AUTO_TEST_CASE(the_run_of_an_accepted_link_ends_with_its_connection) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    raw_client client(io.get_executor());
    co_await client.upgrade(s.local_endpoint());
    auto peer = co_await accepted(s);
    std::optional<error_code> end;
    peer.async_run([&](error_code ec) { end = ec; });
    co_await peer.async_wait(link_state::connected, asio::use_awaitable);
    BOOST_TEST(peer.status().endpoint.starts_with("ws://127.0.0.1:"));
    client.reset();
    co_await eventually([&] { return end.has_value(); });
    BOOST_TEST(end->failed());
    const auto again = co_await peer.async_run(as_tuple);
    BOOST_TEST(std::get<0>(again) == errc::closed);
  });
}

BOOST_AUTO_TEST_CASE(peers_that_come_before_anyone_accepts_are_kept_in_order) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    raw_client first(io.get_executor());
    raw_client second(io.get_executor());
    co_await first.upgrade(s.local_endpoint());
    co_await eventually([&] { return s.metrics().upgraded == 1; });
    co_await second.upgrade(s.local_endpoint());
    co_await first.send("first");
    co_await second.send("second");
    for (const std::string expected : {"first", "second"}) {
      auto peer = co_await accepted(s);
      peer.async_run(asio::detached);
      auto m = co_await peer.async_receive(asio::use_awaitable);
      BOOST_TEST(m.payload() == expected);
    }
  });
}

BOOST_AUTO_TEST_CASE(a_cancelled_accept_loses_no_peer) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    error_code first_end;
    asio::cancellation_signal stop;
    s.async_accept(asio::bind_cancellation_slot(stop.slot(), [&](error_code ec, link peer) {
      first_end = ec;
      BOOST_TEST(!peer.valid());
    }));
    raw_client client(io.get_executor());
    stop.emit(asio::cancellation_type::total);
    co_await client.upgrade(s.local_endpoint());
    auto peer = co_await accepted(s);
    BOOST_TEST(peer.valid());
    BOOST_TEST(first_end == asio::error::operation_aborted);
  });
}

BOOST_AUTO_TEST_CASE(a_peer_that_comes_in_the_moment_of_the_cancellation_is_not_lost) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    for (int delay = 0; delay < 12; ++delay) {
      raw_client client(io.get_executor());
      co_await client.upgrade(s.local_endpoint());
      asio::cancellation_signal stop;
      bool ended = false;
      bool got = false;
      s.async_accept(asio::bind_cancellation_slot(stop.slot(), [&](error_code ec, link) {
        ended = true;
        got = !ec;
      }));
      for (int turn = 0; turn < delay; ++turn) co_await asio::post(asio::use_awaitable);
      stop.emit(asio::cancellation_type::total);
      co_await eventually([&] { return ended; });
      if (!got) co_await accepted(s);
    }
    BOOST_TEST(s.metrics().upgraded == 12);
  });
}

BOOST_AUTO_TEST_CASE(peers_are_served_by_several_threads_at_once) {
  std::atomic<int> right{0};
  run(
      [&right](asio::io_context& io) -> asio::awaitable<void> {
        server s(io.get_executor(), server_options());
        if (s.listen()) co_return;
        asio::co_spawn(io, serve_echo(s), asio::detached);
        std::atomic<int> ended{0};
        for (int i = 0; i < 20; ++i)
          asio::co_spawn(asio::make_strand(io), talk(s.url(), std::to_string(i), 25, right),
                         [&ended](std::exception_ptr) { ++ended; });
        co_await eventually([&] { return ended == 20; });
        s.cancel();
      },
      3);
  BOOST_TEST(right == 500);
}

BOOST_AUTO_TEST_CASE(a_json_ping_is_answered_and_kept_from_the_application) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    raw_client client(io.get_executor());
    co_await client.upgrade(s.local_endpoint());
    auto peer = co_await accepted(s);
    peer.async_run(asio::detached);
    co_await client.send(R"({"type":"ping"})");
    const auto pong = co_await client.receive();
    BOOST_TEST(pong.find(R"("type":"pong")") != std::string::npos);
    BOOST_TEST(pong.find(R"("timestamp":)") != std::string::npos);
    co_await client.send("after it");
    auto m = co_await peer.async_receive(asio::use_awaitable);
    BOOST_TEST(m.payload() == "after it");
  });
}

BOOST_AUTO_TEST_CASE(a_peer_that_reads_nothing_fills_its_own_outbox_and_no_more) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.link.queue.max_messages = 4;
    o.link.queue.overflow = overflow::reject;
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    raw_client slow(io.get_executor());
    co_await slow.upgrade(s.local_endpoint());
    auto peer = co_await accepted(s);
    for (int i = 0; i < 4; ++i) BOOST_TEST(!peer.try_send(message("x")));
    BOOST_TEST(peer.try_send(message("x")) == errc::queue_full);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace server_test
