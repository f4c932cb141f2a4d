// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The head of a data message on the wire.
#define BOOST_TEST_DYN_LINK
#include "delivery/session_codec.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <random>
#include <string>

using namespace tautline::delivery;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int v : values) out.push_back(static_cast<char>(v));
  return out;
}

std::string written(const data_head& h) {
  std::array<char, max_head_bytes> to;
  return {to.data(), encode_head(h, to.data())};
}

std::string fault(const std::string& whole) {
  data_head h;
  const char* f = decode_head(whole, h);
  return f ? f : "";
}

data_head head(std::uint64_t seq, std::optional<std::uint64_t> ack = std::nullopt) {
  data_head h;
  h.seq = seq;
  h.ack = ack;
  return h;
}

data_head void_head(std::uint64_t seq, std::uint64_t count, std::optional<std::uint64_t> ack = std::nullopt) {
  data_head h = head(seq, ack);
  h.is_void = true;
  h.count = count;
  return h;
}

const std::string largest = bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01});

}  // namespace

BOOST_AUTO_TEST_SUITE(a_data_head)

BOOST_AUTO_TEST_CASE(is_flags_and_a_number) {
  BOOST_TEST(written(head(1)) == bytes({0, 1}));
  BOOST_TEST(written(head(300)) == bytes({0, 0xac, 0x02}));
  data_head text = head(127);
  text.text = true;
  BOOST_TEST(written(text) == bytes({1, 127}));
}

BOOST_AUTO_TEST_CASE(carries_an_ack_behind_the_number) {
  BOOST_TEST(written(head(1, 128)) == bytes({2, 1, 0x80, 0x01}));
  BOOST_TEST(written(head(1, 0)) == bytes({2, 1, 0}));
}

BOOST_AUTO_TEST_CASE(of_a_void_message_is_the_whole_message) {
  BOOST_TEST(written(void_head(5, 3)) == bytes({4, 5, 3}));
  BOOST_TEST(written(void_head(5, 3, 9)) == bytes({6, 5, 9, 3}));
}

BOOST_AUTO_TEST_CASE(says_where_the_payload_begins) {
  data_head h;
  BOOST_TEST(decode_head(bytes({3, 0xac, 0x02, 7}) + "hello", h) == nullptr);
  BOOST_TEST(h.text);
  BOOST_TEST(!h.is_void);
  BOOST_TEST(h.seq == 300U);
  BOOST_TEST((h.ack == 7U));
  BOOST_TEST(h.size == 4U);
}

BOOST_AUTO_TEST_CASE(may_have_no_payload_behind_it) {
  data_head h;
  BOOST_TEST(decode_head(bytes({0, 9}), h) == nullptr);
  BOOST_TEST(h.size == 2U);
}

BOOST_AUTO_TEST_CASE(of_any_values_is_read_as_it_was_written) {
  std::mt19937_64 random(1);
  const auto any = [&] { return random() >> (random() % 64); };
  for (int i = 0; i < 20'000; ++i) {
    data_head h = head(std::max<std::uint64_t>(1, any()));
    if (random() % 2 == 0) h.ack = any();
    h.is_void = random() % 3 == 0;
    h.text = !h.is_void && random() % 2 == 0;
    if (h.is_void) h.count = 1 + any() % (UINT64_MAX - h.seq + (h.seq > 1 ? 1 : 0));
    const std::string whole = written(h);
    BOOST_TEST_REQUIRE(whole.size() <= max_head_bytes);
    data_head got;
    BOOST_TEST_REQUIRE(decode_head(whole, got) == nullptr);
    BOOST_TEST_REQUIRE(got.seq == h.seq);
    BOOST_TEST_REQUIRE((got.ack == h.ack));
    BOOST_TEST_REQUIRE(got.is_void == h.is_void);
    BOOST_TEST_REQUIRE(got.text == h.text);
    BOOST_TEST_REQUIRE(got.count == h.count);
    BOOST_TEST_REQUIRE(got.size == whole.size());
  }
}

BOOST_AUTO_TEST_CASE(takes_numbers_up_to_64_bits_and_no_further) {
  data_head h;
  BOOST_TEST(decode_head(bytes({0}) + largest, h) == nullptr);
  BOOST_TEST(h.seq == UINT64_MAX);
  std::string beyond = largest;
  beyond.back() = 2;
  BOOST_TEST(fault(bytes({0}) + beyond) == "seq is no varint of 64 bits");
  beyond.back() = static_cast<char>(0x81);
  BOOST_TEST(fault(bytes({0}) + beyond + bytes({0})) == "seq is no varint of 64 bits");
}

BOOST_AUTO_TEST_CASE(takes_numbers_that_are_longer_than_they_need_to_be) {
  data_head h;
  BOOST_TEST(decode_head(bytes({2, 0x85, 0x80, 0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}), h) ==
             nullptr);
  BOOST_TEST(h.seq == 5U);
  BOOST_TEST((h.ack == 0U));
}

BOOST_AUTO_TEST_CASE(names_what_is_wrong) {
  BOOST_TEST(fault("") == "a data message is empty");
  BOOST_TEST(fault(bytes({8, 1})) == "a data message has unknown flags");
  BOOST_TEST(fault(bytes({0x80, 1})) == "a data message has unknown flags");
  BOOST_TEST(fault(bytes({0})) == "seq is no varint of 64 bits");
  BOOST_TEST(fault(bytes({0, 0x80})) == "seq is no varint of 64 bits");
  BOOST_TEST(fault(bytes({0, 0})) == "seq is 0");
  BOOST_TEST(fault(bytes({2, 1})) == "ack is no varint of 64 bits");
}

BOOST_AUTO_TEST_CASE(of_a_void_message_names_what_is_wrong) {
  BOOST_TEST(fault(bytes({4, 1})) == "the count of a void message is no varint of 64 bits");
  BOOST_TEST(fault(bytes({4, 1, 0})) == "a void message counts no number");
  BOOST_TEST(fault(bytes({4, 1, 1, 1})) == "a void message has bytes behind its count");
  BOOST_TEST(fault(bytes({5, 1, 1})) == "a void message is marked as text");
  BOOST_TEST(fault(bytes({4}) + largest + bytes({1})) == "");
  BOOST_TEST(fault(bytes({4}) + largest + bytes({2})) == "a void message counts beyond 64 bits");
  BOOST_TEST(fault(bytes({4, 1}) + largest) == "");
  BOOST_TEST(fault(bytes({4, 2}) + largest) == "a void message counts beyond 64 bits");
}

BOOST_AUTO_TEST_CASE(of_garbage_is_refused_or_read_and_never_breaks_anything) {
  std::mt19937 random(2);
  for (int i = 0; i < 50'000; ++i) {
    std::string whole(random() % 24, '\0');
    for (char& c : whole) c = static_cast<char>(random());
    if (!whole.empty()) whole[0] = static_cast<char>(random() % 10);
    data_head h;
    if (decode_head(whole, h)) continue;
    BOOST_TEST_REQUIRE(h.seq > 0U);
    BOOST_TEST_REQUIRE(h.size <= whole.size());
    if (h.is_void) BOOST_TEST_REQUIRE(h.count - 1 <= UINT64_MAX - h.seq);
  }
}

BOOST_AUTO_TEST_SUITE_END()
