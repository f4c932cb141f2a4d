// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Messages as values, and their way from and to JSON.
#define BOOST_TEST_DYN_LINK
#include <tautline/error.hpp>
#include <tautline/message.hpp>

#include <boost/json/value.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

using namespace tautline;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(a_message)

BOOST_AUTO_TEST_CASE(is_text_unless_it_is_said_to_be_binary) {
  BOOST_TEST(message("x").is_text());
  BOOST_TEST(message(std::string_view("x")).is_text());
  BOOST_TEST(message::text("x").is_text());
  BOOST_TEST(!message::binary(std::string("x")).is_text());
  BOOST_TEST(message().size() == 0U);
}

BOOST_AUTO_TEST_CASE(keeps_zeros_in_binary_data) {
  const char data[] = {'a', '\0', 'b'};
  BOOST_TEST(message::binary(data, sizeof(data)).payload() == std::string_view(data, 3));
  BOOST_TEST(message::binary(nullptr, 0).size() == 0U);
}

BOOST_AUTO_TEST_CASE(is_copied_and_moved_with_all_its_policies) {
  message m = message("x").key("k").time_to_live(5s).urgency(priority::urgent);
  const message copy = m;
  BOOST_TEST(copy.key() == "k");
  BOOST_TEST(m.key() == "k");
  message moved = std::move(m);
  BOOST_TEST(moved.key() == "k");
  BOOST_TEST((moved.time_to_live() == 5s));
  BOOST_TEST((moved.urgency() == priority::urgent));
  message assigned("y");
  assigned = copy;
  assigned.key("other");
  BOOST_TEST(copy.key() == "k");
  BOOST_TEST(assigned.payload() == "x");
}

BOOST_AUTO_TEST_CASE(has_no_key_if_the_key_is_empty) {
  message m = message("x").key("k");
  m.key("");
  BOOST_TEST(!m.has_key());
  BOOST_TEST(m.key().empty());
}

BOOST_AUTO_TEST_CASE(keeps_payloads_of_every_size_through_copies_moves_and_cuts) {
  for (const std::size_t size : {0U, 1U, 94U, 95U, 96U, 97U, 5'000U}) {
    const std::string payload(size, 'p');
    for (const std::size_t other : {0U, 95U, 96U, 3'000U}) {
      message m(payload);
      const message copy = m;
      message target(std::string(other, 'o'));
      target = std::move(m);
      BOOST_TEST(target.payload() == payload);
      BOOST_TEST(copy.payload() == payload);
      target = message(std::string_view(std::string(other, 'o')));
      BOOST_TEST(target.size() == other);
      target = copy;
      target = *&target;
      BOOST_TEST(target.take_payload() == payload);
      BOOST_TEST(target.size() == 0U);
    }
    message cut(payload);
    cut.become(payload_kind::binary, size / 2);
    BOOST_TEST(cut.payload() == payload.substr(size / 2));
  }
}

BOOST_AUTO_TEST_CASE(is_two_lines_of_the_cache) { BOOST_TEST(sizeof(message) <= 128U); }

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(goes_there_and_back) {
  const boost::json::value value = {{"a", 1}, {"b", {true, nullptr, "\xc3\xa4"}}};
  const message m = message::json(value);
  BOOST_TEST(m.is_text());
  BOOST_TEST((m.as_json() == value));
  error_code ec = errc::closed;
  BOOST_TEST((m.as_json(ec) == value));
  BOOST_TEST(!ec);
}

BOOST_AUTO_TEST_CASE(may_have_space_around_it) { BOOST_TEST((message(" \n 1 \t").as_json() == boost::json::value(1))); }

BOOST_AUTO_TEST_CASE(that_is_none_gives_an_error_and_null) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1} x", "nul", "\"\xff\"", "1 2"}) {
    error_code ec;
    BOOST_TEST(message(text).as_json(ec).is_null());
    BOOST_TEST((ec == errc::invalid_json), text);
  }
}

BOOST_AUTO_TEST_CASE(throws_with_the_place_of_the_error) {
  try {
    (void)message("{\"a\": x}").as_json();
    BOOST_FAIL("it was accepted");
  } catch (const boost::system::system_error& e) {
    BOOST_TEST((e.code() == errc::invalid_json));
    BOOST_TEST(std::string(e.what()).find("at byte 6") != std::string::npos, e.what());
  }
}

BOOST_AUTO_TEST_CASE(nested_too_deep_is_refused_and_does_not_overflow_the_stack) {
  error_code ec;
  (void)message(std::string(1'000'000, '[')).as_json(ec);
  BOOST_TEST((ec == errc::invalid_json));
}

BOOST_AUTO_TEST_SUITE_END()
