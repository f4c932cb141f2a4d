// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Messages that come in one whole frame take a short way past Beast: nothing may tell the two apart.
#include "rig.hpp"
#include "transport/frame.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace transport_test;

namespace {

// As a client sends it, with a mask that is not zero.
std::string masked(opcode op, const std::string& payload) {
  std::string out(frame_size(role::client, payload.size()), '\0');
  write_frame(out.data(), role::client, op, {}, payload);
  return out;
}

std::string numbered(std::size_t size) {
  std::string s(size, '\0');
  for (std::size_t i = 0; i < size; ++i) s[i] = static_cast<char>('a' + i % 26);
  return s;
}

}  // namespace

BOOST_AUTO_TEST_CASE(whole_messages_of_every_form_of_length_arrive_as_they_were_sent) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r);
    for (const std::size_t size :
         {0U, 1U, 7U, 33U, 125U, 126U, 65'521U, 65'522U, 65'523U, 65'535U, 65'536U, 200'000U}) {
      const std::string payload = numbered(size);
      r.start(send(ends.peer, masked(opcode::text, payload)));
      const received got = co_await receive(*ends.ours);
      BOOST_TEST(!got.ec);
      BOOST_TEST(got.body.is_text());
      BOOST_TEST((got.body.payload() == payload));
    }
  });
}

BOOST_AUTO_TEST_CASE(a_message_that_comes_byte_by_byte_arrives_whole) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r);
    const std::string bytes = masked(opcode::binary, numbered(150));
    r.start([](tcp::socket& peer, std::string all) -> asio::awaitable<void> {
      for (const char c : all) {
        std::string one(1, c);
        co_await send(peer, std::move(one));
      }
    }(ends.peer, bytes));
    const received got = co_await receive(*ends.ours);
    BOOST_TEST(!got.ec);
    BOOST_TEST(!got.body.is_text());
    BOOST_TEST(got.body.payload() == numbered(150));
  });
}

BOOST_AUTO_TEST_CASE(masked_text_that_is_not_utf8_ends_the_connection_behind_what_was_good) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r);
    std::string bytes = masked(opcode::text, "gr\xC3\xBC\xC3\x9F");
    bytes += masked(opcode::binary, "\xFF is fine here");
    bytes += masked(opcode::text, "\xC3\x28 is not");
    co_await send(ends.peer, bytes);
    const received first = co_await receive(*ends.ours);
    BOOST_TEST(first.body.payload() == "gr\xC3\xBC\xC3\x9F");
    const received second = co_await receive(*ends.ours);
    BOOST_TEST(second.body.payload() == "\xFF is fine here");
    const received third = co_await receive(*ends.ours);
    BOOST_TEST(third.ec == errc::invalid_utf8);
    const std::string farewell = co_await read_exactly(ends.peer, 4);
    BOOST_TEST(farewell == "\x88\x02\x03\xEF");
  });
}

BOOST_AUTO_TEST_CASE(fragments_and_pings_between_whole_messages_keep_their_place) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r);
    std::string bytes = masked(opcode::text, "one");
    bytes += frame(0x01, "tw", masking::zero_key);
    bytes += masked(opcode::ping, "there?");
    bytes += frame(0x80, "o", masking::zero_key);
    bytes += masked(opcode::text, "three");
    bytes += frame(0x02, "", masking::zero_key);
    bytes += frame(0x80, "four", masking::zero_key);
    bytes += masked(opcode::binary, "five");
    co_await send(ends.peer, bytes);
    for (const char* const expected : {"one", "two", "three", "four", "five"}) {
      const received got = co_await receive(*ends.ours);
      BOOST_TEST(!got.ec);
      BOOST_TEST(got.body.payload() == expected);
    }
    const std::string pong = co_await read_exactly(ends.peer, 8);
    BOOST_TEST(pong == "\x8A\x06there?");
  });
}

BOOST_AUTO_TEST_CASE(a_server_breaks_off_for_the_same_headers_as_a_client) {
  const std::vector<std::string> breaches = {
      std::string("\x81\x01x", 3),                       // not masked
      std::string("\x81\xFE\x00\x05\0\0\0\0Hello", 13),  // a length that is longer than need be
      std::string("\xC1\x81\0\0\0\0x", 7),               // a reserved bit
      std::string("\x83\x81\0\0\0\0x", 7),               // a reserved opcode
  };
  for (const auto& b : breaches) {
    rig r;
    r.run([&]() -> asio::awaitable<void> {
      half_raw ends = co_await server_at_raw_client(r);
      std::string bytes = masked(opcode::text, "good");
      bytes += b;
      co_await send(ends.peer, bytes);
      const received first = co_await receive(*ends.ours);
      BOOST_TEST(first.body.payload() == "good");
      const received second = co_await receive(*ends.ours);
      BOOST_TEST(second.ec == errc::protocol_error);
      const std::string farewell = co_await read_exactly(ends.peer, 4);
      BOOST_TEST(farewell == "\x88\x02\x03\xEA");
    });
  }
}
