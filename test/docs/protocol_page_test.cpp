// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The examples of docs/protocol.md are what the codec reads and writes.
#include "delivery/session_codec.hpp"
#include "markdown.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>
#include <variant>
#include <vector>

namespace {

namespace delivery = tautline::delivery;
using tautline_test::read_source;

std::vector<std::string> blocks(const std::string& language) {
  const std::string page = read_source("docs/protocol.md");
  const std::string fence = "\n```" + language + "\n";
  std::vector<std::string> found;
  for (auto at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    found.push_back(page.substr(at, page.find("\n```\n", at) - at));
  }
  return found;
}

std::string bytes_of(const std::string& hex) {
  std::istringstream in(hex);
  std::string out;
  for (unsigned byte = 0; in >> std::hex >> byte;) out.push_back(static_cast<char>(byte));
  return out;
}

std::string written_again(const delivery::control& c) {
  return std::visit(
      [](const auto& one) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, delivery::unknown_control>)
          return "{}";
        else
          return delivery::encode(one);
      },
      c);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(protocol_page)

BOOST_AUTO_TEST_CASE(every_control_message_is_read_and_written_as_it_stands_there) {
  const auto all = blocks("json");
  BOOST_TEST(all.size() >= 9U);
  for (const auto& text : all) {
    delivery::control c;
    BOOST_TEST(delivery::decode_control(text, c) == "", text);
    BOOST_TEST((boost::json::parse(written_again(c)) == boost::json::parse(text)), text << " -> " << written_again(c));
  }
}

BOOST_AUTO_TEST_CASE(every_data_message_is_read_and_written_as_it_stands_there) {
  const auto all = blocks("hex");
  BOOST_TEST(all.size() == 3U);
  for (const auto& text : all) {
    const auto whole = bytes_of(text);
    delivery::data_head head;
    const char* wrong = delivery::decode_head(whole, head);
    BOOST_TEST(wrong == nullptr, text);
    char again[delivery::max_head_bytes];
    const auto size = delivery::encode_head(head, again);
    BOOST_TEST(std::string(again, size) == whole.substr(0, head.size), text);
  }
}

BOOST_AUTO_TEST_CASE(every_error_has_the_close_code_of_the_page) {
  const auto rows = tautline_test::table(read_source("docs/protocol.md"), "code");
  BOOST_TEST(rows.size() == 9U);
  for (const auto& r : rows) {
    const auto fault = delivery::fault_of(static_cast<std::uint16_t>(std::stoul(r[1])));
    BOOST_REQUIRE(fault.has_value());
    BOOST_TEST(delivery::name_of(*fault) == r[0]);
  }
}

BOOST_AUTO_TEST_SUITE_END()
