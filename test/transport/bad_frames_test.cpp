// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Peers that break RFC 6455: each breach ends the connection with its own error, and the close
// frame that the RFC asks for goes out.
#include "rig.hpp"

#include <boost/asio/error.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace transport_test;

namespace {

struct breach {
  const char* name;
  std::string bytes;  ///< as a server sends them, unmasked
  errc expected;
  unsigned close_code;
};

std::ostream& operator<<(std::ostream& out, const breach& b) { return out << b.name; }

std::string header_only(unsigned first, std::uint64_t size) {
  std::string out(1, static_cast<char>(first));
  out += '\x7f';
  for (unsigned shift = 64; shift != 0; shift -= 8) out += static_cast<char>((size >> (shift - 8)) & 0xFFU);
  return out;
}

std::string bytes_of(std::initializer_list<unsigned> values) {
  std::string out;
  for (const unsigned v : values) out += static_cast<char>(v);
  return out;
}

std::string fragments(std::initializer_list<std::pair<unsigned, const char*>> parts) {
  std::string out;
  for (const auto& [first, payload] : parts) out += frame(first, payload, masking::off);
  return out;
}

const std::vector<breach> breaches = {
    {"reserved bit 1 without an extension", frame(0xC1, "x", masking::off), errc::protocol_error, 1002},
    {"reserved bit 2", frame(0xA1, "x", masking::off), errc::protocol_error, 1002},
    {"reserved bit 3", frame(0x91, "x", masking::off), errc::protocol_error, 1002},
    {"a reserved bit on a ping", frame(0xC9, "x", masking::off), errc::protocol_error, 1002},
    {"reserved opcode 3", frame(0x83, "x", masking::off), errc::protocol_error, 1002},
    {"reserved opcode 11", frame(0x8B, "x", masking::off), errc::protocol_error, 1002},
    {"a masked frame of a server", frame(0x81, "x", masking::zero_key), errc::protocol_error, 1002},
    {"a fragmented ping", frame(0x09, "x", masking::off), errc::protocol_error, 1002},
    {"a ping that is too long", frame(0x89, std::string(126, 'x'), masking::off), errc::protocol_error, 1002},
    {"a continuation of nothing", frame(0x80, "x", masking::off), errc::protocol_error, 1002},
    {"an empty continuation of nothing", frame(0x00, "", masking::off), errc::protocol_error, 1002},
    {"a message inside a message", fragments({{0x01, "a"}, {0x81, "b"}}), errc::protocol_error, 1002},
    {"a message inside an empty fragment", fragments({{0x01, ""}, {0x81, "b"}}), errc::protocol_error, 1002},
    {"a length that is longer than need be", bytes_of({0x81, 126, 0, 5}) + "Hello", errc::protocol_error, 1002},
    {"an oversized frame", header_only(0x82, std::uint64_t{1} << 40U), errc::message_too_large, 1009},
    {"a length with its highest bit set", header_only(0x82, ~std::uint64_t{0}), errc::message_too_large, 1009},
    {"too much in fragments",
     frame(0x02, std::string(900, 'x'), masking::off) + frame(0x80, std::string(200, 'x'), masking::off),
     errc::message_too_large, 1009},
    {"text that is not UTF-8", frame(0x81, "ab\xFF", masking::off), errc::invalid_utf8, 1007},
    {"text that ends in the middle of a character", frame(0x81, "ab\xE2\x82", masking::off), errc::invalid_utf8, 1007},
    {"a close with half a code", frame(0x88, "x", masking::off), errc::protocol_error, 1002},
    {"a close with a code that may not be sent", frame(0x88, bytes_of({0x03, 0xED}), masking::off),
     errc::protocol_error, 1002},
};

// A close frame that a client of ours sent.
unsigned close_code_in(const std::string& bytes) {
  if (bytes.size() < 8 || static_cast<unsigned char>(bytes[0]) != 0x88U) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
  return ((byte(6) ^ byte(2)) << 8U) | (byte(7) ^ byte(3));
}

}  // namespace

BOOST_DATA_TEST_CASE(a_breach_ends_the_connection_with_its_error_and_close_code, breaches, b) {
  rig r;
  r.client.max_message_bytes = 1000;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    co_await send(ends.peer, b.bytes);
    const received got = co_await receive(*ends.ours);
    BOOST_TEST(got.ec == b.expected);
    const std::string farewell = co_await read_exactly(ends.peer, 8);
    BOOST_TEST(close_code_in(farewell) == b.close_code);
    BOOST_TEST(ends.ours->close_code() == 0U);
    BOOST_TEST(ends.ours->write("more", payload_kind::text) == b.expected);
  });
}

BOOST_AUTO_TEST_CASE(messages_in_front_of_a_breach_are_handed_out_first) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    std::string bytes = frame(0x81, "good", masking::off);
    bytes += frame(0x83, "bad", masking::off);
    co_await send(ends.peer, bytes);
    const received first = co_await receive(*ends.ours);
    BOOST_TEST(first.body.payload() == "good");
    const received second = co_await receive(*ends.ours);
    BOOST_TEST(second.ec == errc::protocol_error);
  });
}

BOOST_AUTO_TEST_CASE(a_truncated_frame_is_an_end_of_file_and_no_message) {
  for (const std::string& bytes :
       {std::string("\x81"), std::string("\x81\x05Hel"), frame(0x01, "half", masking::off)}) {
    rig r;
    r.run([&]() -> asio::awaitable<void> {
      half_raw ends = co_await client_at_raw_server(r);
      co_await send(ends.peer, bytes);
      ends.peer.shutdown(tcp::socket::shutdown_send);
      const received got = co_await receive(*ends.ours);
      BOOST_TEST(got.ec == asio::error::eof);
      BOOST_TEST(got.body.payload().empty());
    });
  }
}

BOOST_AUTO_TEST_CASE(an_unmasked_frame_of_a_client_ends_it_at_a_server) {
  for (const unsigned first : {0x81U, 0x89U, 0x88U}) {
    rig r;
    r.run([&]() -> asio::awaitable<void> {
      half_raw ends = co_await server_at_raw_client(r);
      co_await send(ends.peer, frame(first, "", masking::off));
      const received got = co_await receive(*ends.ours);
      BOOST_TEST(got.ec == errc::protocol_error);
      const std::string farewell = co_await read_exactly(ends.peer, 4);
      BOOST_TEST((farewell == "\x88\x02\x03\xEA"));
    });
  }
}

BOOST_AUTO_TEST_CASE(a_masked_client_is_understood_by_a_server) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r);
    std::string bytes = frame(0x89, "ping", masking::zero_key);
    bytes += frame(0x81, "hello", masking::zero_key);
    co_await send(ends.peer, bytes);
    const received got = co_await receive(*ends.ours);
    BOOST_TEST(got.body.payload() == "hello");
    const std::string pong = co_await read_exactly(ends.peer, 6);
    BOOST_TEST((pong == "\x8A\x04ping"));
  });
}

BOOST_AUTO_TEST_CASE(the_peer_s_close_is_answered_and_its_code_and_reason_are_kept) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    const std::string code = bytes_of({0x0F, 0xA1});
    co_await send(ends.peer, frame(0x88, code + "go away", masking::off));
    const received got = co_await receive(*ends.ours);
    BOOST_TEST(got.ec == errc::closed);
    BOOST_TEST(ends.ours->close_code() == 4001U);
    BOOST_TEST(ends.ours->close_reason() == "go away");
    const std::string answer = co_await read_exactly(ends.peer, 8);
    BOOST_TEST(close_code_in(answer) == 4001U);
  });
}

BOOST_AUTO_TEST_CASE(a_close_without_a_code_is_1005) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    co_await send(ends.peer, frame(0x88, "", masking::off));
    const received got = co_await receive(*ends.ours);
    BOOST_TEST(got.ec == errc::closed);
    BOOST_TEST(ends.ours->close_code() == 1005U);
  });
}

BOOST_AUTO_TEST_CASE(messages_that_come_between_our_close_and_its_answer_are_not_lost) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    const error_code unsent = co_await ends.ours->async_send_close(1000, "done");
    BOOST_TEST(!unsent);
    const std::string farewell = co_await read_exactly(ends.peer, 12);
    BOOST_TEST(close_code_in(farewell) == 1000U);
    BOOST_TEST(ends.ours->write("late", payload_kind::text) == errc::closed);
    const std::string normal = bytes_of({0x03, 0xE8});
    std::string bytes = frame(0x81, "still under way", masking::off);
    bytes += frame(0x89, "ping", masking::off);
    bytes += frame(0x88, normal, masking::off);
    co_await send(ends.peer, bytes);
    const received last = co_await receive(*ends.ours);
    BOOST_TEST(last.body.payload() == "still under way");
    const received end = co_await receive(*ends.ours);
    BOOST_TEST(end.ec == errc::closed);
    BOOST_TEST(ends.ours->close_code() == 1000U);
    ends.ours->abort();
    // Neither a pong nor a second close frame followed.
    const std::string rest = co_await read_all(ends.peer);
    BOOST_TEST(rest.empty());
  });
}

BOOST_AUTO_TEST_CASE(a_reason_that_is_too_long_is_cut_between_characters) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r);
    std::string reason(122, 'x');
    reason += "\xE2\x82\xAC and more";
    const error_code unsent = co_await ends.ours->async_send_close(1001, reason);
    BOOST_TEST(!unsent);
    const std::string head = co_await read_exactly(ends.peer, 2);
    BOOST_TEST(static_cast<unsigned>(head[1]) == 124U);
  });
}

BOOST_AUTO_TEST_CASE(a_peer_that_pings_and_does_not_read_is_not_answered_without_bound) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r);
    auto flood = [](tcp::socket& peer, bool& ended) -> asio::awaitable<void> {
      std::string pings;
      for (int i = 0; i < 1000; ++i) pings += frame(0x89, std::string(125, 'p'), masking::zero_key);
      for (int i = 0; i < 400; ++i) co_await send(peer, pings);
      ended = true;
    };
    bool ended = false;
    r.start(flood(ends.peer, ended));
    received got;
    auto read = [](connection& c, received& out) -> asio::awaitable<void> { out = co_await receive(c); };
    r.start(read(*ends.ours, got));
    co_await eventually([&, last = std::uint64_t{0}, same = 0]() mutable {
      same = ends.ours->bytes_read() == last ? same + 1 : 0;
      last = ends.ours->bytes_read();
      return ended || same > 200;
    });
    BOOST_TEST(!ended);
    BOOST_TEST(ends.ours->unflushed() < 1'000'000U);
  });
}

BOOST_AUTO_TEST_CASE(a_compressed_bomb_is_stopped_at_the_limit) {
  // 10 MB of zeros deflate to 10 KB; the limit counts what comes out.
  rig r;
  r.server.link.compress = true;
  r.client.compress = true;
  r.server.link.max_message_bytes = 1'000'000;
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    const std::string zeros(10'000'000, '\0');
    (void)ends.client.conn->write(zeros, payload_kind::binary);
    BOOST_TEST(ends.client.conn->unflushed() < 100'000U);
    const error_code unsent = co_await ends.client.conn->async_flush(0);
    BOOST_TEST(!unsent);
    const received got = co_await receive(*ends.server.conn);
    BOOST_TEST(got.ec == errc::message_too_large);
    const received told = co_await receive(*ends.client.conn);
    BOOST_TEST(told.ec == errc::closed);
    BOOST_TEST(ends.client.conn->close_code() == 1009U);
  });
}

BOOST_DATA_TEST_CASE(compressed_garbage_is_a_protocol_error,
                     boost::unit_test::data::make({std::string("\x07\xFF\xFF\xFF\xFF"), std::string(2'000, '\x55')}),
                     garbage) {
  rig r;
  r.server.link.compress = true;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    BOOST_TEST(ends.ours->info().compressed);
    co_await send(ends.peer, frame(0xC1, garbage, masking::zero_key));
    const received got = co_await receive(*ends.ours);
    BOOST_TEST((got.ec == errc::protocol_error || got.ec == errc::invalid_utf8));
    const std::string farewell = co_await read_exactly(ends.peer, 1);
    BOOST_TEST((farewell == "\x88"));
  });
}

BOOST_AUTO_TEST_CASE(a_compressed_message_in_fragments_with_a_ping_between_is_put_together) {
  // "Hello" as in RFC 7692, 7.2.3.1, cut in two.
  const std::string deflated = bytes_of({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00});
  rig r;
  r.server.link.compress = true;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    received got;
    auto read = [](connection& c, received& out) -> asio::awaitable<void> { out = co_await receive(c); };
    r.start(read(*ends.ours, got));
    std::string bytes = frame(0x41, "", masking::zero_key);
    bytes += frame(0x00, deflated.substr(0, 3), masking::zero_key);
    bytes += frame(0x89, "p", masking::zero_key);
    co_await send(ends.peer, bytes);
    const std::string pong = co_await read_exactly(ends.peer, 3);
    BOOST_TEST((pong == "\x8A\x01p"));
    co_await send(ends.peer, frame(0x80, deflated.substr(3), masking::zero_key));
    co_await eventually([&] { return !got.body.payload().empty() || got.ec; });
    BOOST_TEST(got.body.payload() == "Hello");
  });
}

BOOST_AUTO_TEST_CASE(an_endless_compressed_message_is_stopped_at_the_limit) {
  rig r;
  r.server.link.compress = true;
  r.server.link.max_message_bytes = 10'000;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    auto feed = [](tcp::socket& peer) -> asio::awaitable<void> {
      co_await send(peer, frame(0x42, "x", masking::zero_key));
      for (int i = 0; i < 10'000; ++i) co_await send(peer, frame(0x00, "x", masking::zero_key));
    };
    r.start(feed(ends.peer));
    const received got = co_await receive(*ends.ours);
    BOOST_TEST(got.ec == errc::message_too_large);
  });
}
