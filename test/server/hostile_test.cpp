// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Peers that send garbage, nothing, or a reset at any time do not disturb the others.
#include "raw_client.hpp"
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <vector>

namespace server_test {
namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

/// Checks at the end of each test that one who behaves was served all the time.
asio::awaitable<void> still_served(raw_client& good) {
  co_await good.send("still here?");
  const auto text = co_await good.receive();
  BOOST_TEST(text == "still here?");
}

std::string garbage(std::size_t size) {
  std::string bytes;
  std::uint32_t state = 12345;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1664525U + 1013904223U;
    bytes += static_cast<char>(state >> 24U);
  }
  return bytes;
}

asio::awaitable<void> misbehave(tcp::endpoint to, std::string bytes) {
  auto socket = co_await connected(to);
  co_await asio::async_write(socket, asio::buffer(bytes), as_tuple);
  reset(socket);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile)

BOOST_AUTO_TEST_CASE(a_reset_at_any_point_of_the_upgrade_is_only_that_peer_s_end) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    raw_client good(io.get_executor());
    co_await good.upgrade(s.local_endpoint());
    const auto text = upgrade_text() + garbage(40);
    for (std::size_t length = 0; length <= text.size(); length += 3)
      co_await misbehave(s.local_endpoint(), text.substr(0, length));
    co_await eventually([&] { return s.metrics().open == 1; });
    co_await still_served(good);
  });
}

BOOST_AUTO_TEST_CASE(garbage_in_place_of_a_request_is_refused) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    raw_client good(io.get_executor());
    co_await good.upgrade(s.local_endpoint());
    const auto answer = co_await exchange(s.local_endpoint(), "\x16\x03\x01 not HTTP at all\r\n\r\n");
    BOOST_TEST(answer.find("101") == std::string::npos);
    co_await misbehave(s.local_endpoint(), garbage(100'000));
    co_await eventually([&] { return s.metrics().failed == 2; });
    BOOST_TEST(s.metrics().open == 1U);
    co_await still_served(good);
  });
}

BOOST_AUTO_TEST_CASE(garbage_behind_the_upgrade_ends_that_link_with_a_protocol_error) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    raw_client good(io.get_executor());
    co_await good.upgrade(s.local_endpoint());
    auto kept = co_await accepted(s);
    asio::co_spawn(io, echo(std::move(kept)), asio::detached);
    auto bad = co_await connected(s.local_endpoint());
    const std::string unmasked("\x81\x02hi", 4);
    const auto bytes = upgrade_text() + unmasked;
    co_await asio::async_write(bad, asio::buffer(bytes), asio::use_awaitable);
    auto peer = co_await accepted(s);
    const auto end = co_await peer.async_run(as_tuple);
    BOOST_TEST(std::get<0>(end) == errc::protocol_error);
    const auto answer = co_await read_all(bad);
    const std::string close_1002("\x88\x02\x03\xEA", 4);
    BOOST_TEST(answer.find(close_1002) != std::string::npos);
    co_await still_served(good);
  });
}

BOOST_AUTO_TEST_CASE(a_thousand_connections_come_and_go_without_a_trace) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    for (int i = 0; i < 1000; ++i) {
      raw_client client(io.get_executor());
      co_await client.upgrade(s.local_endpoint());
      if (i % 2 == 0) client.reset();
      if (i % 2 == 1) co_await client.close();
    }
    co_await eventually([&] { return s.metrics().upgraded == 1000 && s.metrics().open == 0; });
    BOOST_TEST(s.metrics().accepted == 1000);
    s.cancel();
  });
}

BOOST_AUTO_TEST_CASE(hundreds_of_peers_at_once_are_all_served) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    std::vector<raw_client> clients;
    for (int i = 0; i < 300; ++i) {
      clients.emplace_back(io.get_executor());
      co_await clients.back().upgrade(s.local_endpoint());
    }
    for (auto& c : clients) co_await c.send("x");
    for (auto& c : clients) {
      const auto text = co_await c.receive();
      BOOST_TEST(text == "x");
    }
    for (auto& c : clients) c.reset();
    co_await eventually([&] { return s.metrics().open == 0; });
    s.cancel();
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace server_test
