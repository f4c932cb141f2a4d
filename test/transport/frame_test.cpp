// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Frames as bytes: RFC 6455, 5.2 and its examples in 5.7; and the buffer that they lie in.
#include "transport/frame.hpp"

#include "transport/byte_buffer.hpp"
#include "transport/random_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <set>
#include <string>

using namespace tautline::transport;

namespace {

std::string written(role from, opcode op, std::string_view payload) {
  std::string out(frame_size(from, payload.size()), '\0');
  const auto cut = payload.size() / 3;  // in two parts: the mask goes on across the seam
  write_frame(out.data(), from, op, payload.substr(0, cut), payload.substr(cut));
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_server_s_frame_is_the_one_of_the_rfc) {
  BOOST_TEST((written(role::server, opcode::text, "Hello") == std::string("\x81\x05Hello")));
}

BOOST_AUTO_TEST_CASE(a_client_s_frame_is_masked_and_masking_it_again_gives_the_payload) {
  const std::string payload = "Hello, masked world";
  std::string out = written(role::client, opcode::binary, payload);
  const frame_header h = read_frame_header(out);
  BOOST_TEST(h.masked);
  BOOST_TEST((h.op() == opcode::binary));
  BOOST_TEST(h.payload_size == payload.size());
  std::uint32_t key = 0;
  std::memcpy(&key, out.data() + h.header_size - sizeof(key), sizeof(key));
  apply_mask(out.data() + h.header_size, out.data() + h.header_size, payload.size(), key);
  BOOST_TEST(out.substr(h.header_size) == payload);
}

BOOST_AUTO_TEST_CASE(masks_differ_from_frame_to_frame) {
  BOOST_TEST(written(role::client, opcode::text, "").substr(2) != written(role::client, opcode::text, "").substr(2));
}

BOOST_AUTO_TEST_CASE(the_length_takes_the_shortest_form) {
  for (const std::size_t size : {0U, 125U, 126U, 65'535U, 65'536U}) {
    const std::string out = written(role::server, opcode::binary, std::string(size, 'x'));
    const frame_header h = read_frame_header(out);
    BOOST_TEST(h.payload_size == size);
    BOOST_TEST(h.header_size == (size < 126 ? 2U : size < 65'536 ? 4U : 10U));
    BOOST_TEST(out.size() == h.header_size + size);
  }
}

BOOST_AUTO_TEST_CASE(a_header_that_is_not_all_there_is_not_read) {
  const std::string out = written(role::client, opcode::binary, std::string(70'000, 'x'));
  for (std::size_t n = 0; n < largest_header; ++n) { BOOST_TEST(read_frame_header({out.data(), n}).header_size == 0U); }
  BOOST_TEST(read_frame_header({out.data(), largest_header}).header_size == largest_header);
}

BOOST_AUTO_TEST_CASE(the_answer_to_a_key_is_the_one_of_the_rfc) {
  BOOST_TEST(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

BOOST_AUTO_TEST_CASE(a_key_is_sixteen_bytes_in_base64) {
  BOOST_TEST(is_websocket_key(make_websocket_key()));
  BOOST_TEST(!is_websocket_key("short=="));
  BOOST_TEST(!is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=*"));
  BOOST_TEST(!is_websocket_key("dGhlIHNhb\r\nsZSBub25jZQ=="));
}

BOOST_AUTO_TEST_CASE(no_two_keys_are_the_same) {
  std::set<std::string> keys;
  for (int i = 0; i < 300; ++i) keys.insert(make_websocket_key());
  BOOST_TEST(keys.size() == 300U);
}

BOOST_AUTO_TEST_CASE(a_large_buffer_that_was_given_back_is_had_again_and_kept_no_more_than_three_times) {
  std::array<byte_buffer, 4> many;
  std::set<const char*> first;
  for (auto& b : many) first.insert(b.prepare(spare_blocks::block));
  for (auto& b : many) b.release();
  std::size_t same = 0;
  for (auto& b : many) {
    const bool known = first.contains(b.prepare(spare_blocks::block - 1));
    BOOST_TEST(b.spare() == spare_blocks::block);
    if (known) ++same;
  }
  BOOST_TEST(same >= 3U);
  many[0].append("kept", 4);
  many[0].append(std::string(spare_blocks::block, 'x').data(), spare_blocks::block);
  BOOST_TEST((std::string(many[0].bytes().data(), 5) == "keptx"));
}

BOOST_AUTO_TEST_CASE(a_buffer_keeps_what_was_not_consumed_while_it_grows) {
  byte_buffer b;
  b.append("0123456789", 10);
  b.consume(4);
  b.append(std::string(1000, 'x').data(), 1000);
  BOOST_TEST(b.size() == 1006U);
  BOOST_TEST((std::string(b.bytes().data(), 7) == "456789x"));
  b.erase(1, 5);
  BOOST_TEST((std::string(b.bytes().data(), 2) == "4x"));
  BOOST_TEST(b.size() == 1001U);
}
