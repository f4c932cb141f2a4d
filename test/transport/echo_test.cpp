// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Messages of every size and kind, both ways, alone and in crowds.
#include "rig.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace transport_test;

namespace {

std::string pattern(std::size_t size, payload_kind kind) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<char>(kind == payload_kind::text ? 'a' + i % 26 : i * 7);
  }
  return out;
}

asio::awaitable<void> expect_passage(connection& from, connection& to, std::size_t size, payload_kind kind) {
  const std::string sent = pattern(size, kind);
  BOOST_TEST(!from.write(sent, kind));
  const error_code unsent = co_await from.async_flush(sent.size() + 1024);
  BOOST_TEST(!unsent);
  const received got = co_await receive(to);
  BOOST_TEST_REQUIRE(!got.ec, got.ec.message());
  BOOST_TEST((got.body.kind() == kind));
  BOOST_TEST((got.body.payload() == sent));
}

// The numbers come back in order, however many are under way, while the peer's pings are
// answered in between.
struct number_echo {
  static constexpr std::size_t count = 60'000;

  static asio::awaitable<void> echo(std::shared_ptr<connection> c) {
    std::vector<message> in;
    unsigned turn = 0;
    for (;;) {
      in.clear();
      const error_code ec = co_await c->async_read(in, 100);
      if (ec) co_return;
      for (const auto& m : in) (void)c->write(m.payload(), m.kind());
      if (++turn % 3 == 0) (void)c->write_ping("are you there?");
      const error_code unsent = co_await c->async_flush(0);
      if (unsent) co_return;
    }
  }

  static asio::awaitable<void> feed(std::shared_ptr<connection> c) {
    for (std::size_t i = 0; i < count; ++i) {
      (void)c->write(std::to_string(i), payload_kind::text);
      if (i % 500 != 499) continue;
      const error_code unsent = co_await c->async_flush(4096);
      if (unsent) co_return;
    }
  }

  static asio::awaitable<std::size_t> count_right(connection& c) {
    std::vector<message> in;
    std::size_t right = 0;
    while (right < count) {
      in.clear();
      const error_code ec = co_await c.async_read(in, 64);
      if (ec) co_return right;
      for (const auto& m : in) {
        if (m.payload() != std::to_string(right)) co_return right;
        ++right;
      }
    }
    co_return right;
  }
};

const std::vector<std::size_t> sizes = {0, 1, 125, 126, 65'535, 65'536, 1'048'576};

}  // namespace

BOOST_DATA_TEST_CASE(a_message_of_any_size_passes_both_ways, boost::unit_test::data::make({false, true}), compressed) {
  rig r;
  r.client.compress = r.server.link.compress = compressed;
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    BOOST_TEST_REQUIRE(ends.client.conn, ends.client.why.describe());
    BOOST_TEST(ends.client.conn->info().compressed == compressed);
    BOOST_TEST(ends.server.conn->info().compressed == compressed);
    for (const std::size_t size : sizes) {
      for (const auto kind : {payload_kind::text, payload_kind::binary}) {
        co_await expect_passage(*ends.client.conn, *ends.server.conn, size, kind);
        co_await expect_passage(*ends.server.conn, *ends.client.conn, size, kind);
      }
    }
  });
}

BOOST_DATA_TEST_CASE(sixty_thousand_numbered_messages_come_back_in_order, boost::unit_test::data::make({false, true}),
                     compressed) {
  rig r;
  r.client.compress = r.server.link.compress = compressed;
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    r.start(number_echo::echo(ends.server.conn));
    r.start(number_echo::feed(ends.client.conn));
    const std::size_t right = co_await number_echo::count_right(*ends.client.conn);
    BOOST_TEST(right == number_echo::count);
  });
}

BOOST_AUTO_TEST_CASE(a_read_hands_out_no_more_than_it_is_asked_for_and_keeps_the_rest) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    for (int i = 0; i < 5; ++i) (void)ends.client.conn->write(std::to_string(i), payload_kind::text);
    const error_code unsent = co_await ends.client.conn->async_flush(0);
    BOOST_TEST(!unsent);
    std::string seen;
    while (seen.size() < 5) {
      std::vector<message> in;
      const error_code ec = co_await ends.server.conn->async_read(in, 2);
      BOOST_TEST_REQUIRE(!ec);
      BOOST_TEST(in.size() <= 2U);
      for (const auto& m : in) seen += m.payload();
    }
    BOOST_TEST(seen == "01234");
  });
}

BOOST_AUTO_TEST_CASE(frames_that_arrive_byte_by_byte_are_put_together) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    const std::string first = frame(0x01, "Hel", masking::off);
    const std::string ping = frame(0x89, "p", masking::off);
    const std::string last = frame(0x80, "lo", masking::off);
    std::string all = first;
    all += ping;
    all += last;
    ends.peer.set_option(tcp::no_delay(true));
    auto drip = [](tcp::socket& peer, std::string bytes) -> asio::awaitable<void> {
      for (const char c : bytes) co_await send(peer, std::string(1, c));
    };
    r.start(drip(ends.peer, all));
    const received got = co_await receive(*ends.ours);
    BOOST_TEST(got.body.payload() == "Hello");
    const std::string pong = co_await read_exactly(ends.peer, 7);
    BOOST_TEST(pong.size() == 7U);
    BOOST_TEST((static_cast<unsigned char>(pong[0]) == 0x8AU));
  });
}

BOOST_AUTO_TEST_CASE(empty_fragments_say_nothing_and_hold_nothing_up) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    std::string bytes = frame(0x01, "", masking::off);
    bytes += frame(0x00, "", masking::off);
    bytes += frame(0x89, "p", masking::off);
    co_await send(ends.peer, bytes);
    auto answer = [](connection& c, received& out) -> asio::awaitable<void> { out = co_await receive(c); };
    received got;
    r.start(answer(*ends.ours, got));
    // The ping is answered although the message is not complete.
    const std::string pong = co_await read_exactly(ends.peer, 7);
    BOOST_TEST((static_cast<unsigned char>(pong[0]) == 0x8AU));
    bytes = frame(0x00, "ab", masking::off);
    bytes += frame(0x00, "", masking::off);
    bytes += frame(0x80, "", masking::off);
    co_await send(ends.peer, bytes);
    co_await eventually([&] { return !got.body.payload().empty() || got.ec; });
    BOOST_TEST(got.body.payload() == "ab");
    BOOST_TEST(got.body.is_text());
  });
}

BOOST_AUTO_TEST_CASE(what_came_with_the_answer_of_the_upgrade_belongs_to_the_conversation) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    auto serve = [](rig& world) -> asio::awaitable<void> {
      std::string request;
      tcp::socket peer = co_await accept_raw(world, &request);
      std::string bytes = answer_to(request);
      for (int i = 0; i < 40; ++i) bytes += frame(0x82, std::string(100, 'x'), masking::off);
      co_await send(peer, std::move(bytes));
      co_await read_all(peer);
    };
    r.start(serve(r));
    connect_result made = co_await connect(r);
    BOOST_TEST_REQUIRE(made.conn, made.why.describe());
    std::size_t count = 0;
    while (count < 40) {
      std::vector<message> in;
      const error_code ec = co_await made.conn->async_read(in, 100);
      BOOST_TEST_REQUIRE(!ec);
      count += in.size();
    }
    BOOST_TEST(count == 40U);
  });
}

BOOST_AUTO_TEST_CASE(an_idle_connection_that_has_echoed_holds_no_output) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    co_await expect_passage(*ends.client.conn, *ends.server.conn, 100, payload_kind::text);
    const error_code unsent = co_await ends.client.conn->async_flush(0);
    BOOST_TEST(!unsent);
    BOOST_TEST(ends.client.conn->unflushed() == 0U);
    BOOST_TEST(ends.client.conn->bytes_flushed() > 100U);
    BOOST_TEST(ends.server.conn->bytes_read() > 100U);
  });
}
