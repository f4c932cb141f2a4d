// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Lines from bytes.
#define BOOST_TEST_DYN_LINK
#include "cli/line_splitter.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace tautline::cli;

namespace {

// "L:text" for a line, "p:text" for a part of one that is too long, "e:text" for its end.
std::vector<std::string> split(const std::vector<std::string>& chunks, std::size_t max = 8) {
  line_splitter splitter(max);
  std::vector<piece> pieces;
  for (const auto& chunk : chunks) splitter.feed(chunk, pieces);
  splitter.finish(pieces);
  std::vector<std::string> shown;
  for (const auto& p : pieces) {
    const char* kind = p.kind == piece_kind::line ? "L:" : p.kind == piece_kind::oversize_part ? "p:" : "e:";
    shown.push_back(kind + p.text);
  }
  return shown;
}

using expected = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(line_splitting)

BOOST_AUTO_TEST_CASE(lines_end_at_newlines_wherever_the_chunks_end) {
  const expected lines = {"L:ab", "L:cd", "L:ef"};
  BOOST_TEST(split({"ab\ncd\nef\n"}) == lines, boost::test_tools::per_element());
  BOOST_TEST(split({"a", "b\nc", "d", "\n", "ef\n"}) == lines, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_last_line_needs_no_newline) {
  BOOST_TEST(split({"ab\ncd"}) == expected({"L:ab", "L:cd"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_input_is_no_line) {
  BOOST_TEST(split({}).empty());
  BOOST_TEST(split({""}).empty());
}

BOOST_AUTO_TEST_CASE(empty_lines_are_lines) {
  BOOST_TEST(split({"\n\nab\n\n"}) == expected({"L:", "L:", "L:ab", "L:"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(carriage_returns_and_zero_bytes_are_kept) {
  const std::string zero("a\0b", 3);
  BOOST_TEST(split({"ab\r\n", zero + "\n"}) == expected({"L:ab\r", "L:" + zero}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_line_of_exactly_the_limit_fits) {
  BOOST_TEST(split({"12345678\n"}) == expected({"L:12345678"}), boost::test_tools::per_element());
  BOOST_TEST(split({"1234", "5678", "\n"}) == expected({"L:12345678"}), boost::test_tools::per_element());
  BOOST_TEST(split({"12345678"}) == expected({"L:12345678"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_longer_line_comes_in_parts_and_the_next_line_is_whole) {
  BOOST_TEST(split({"123456789\nab\n"}) == expected({"e:123456789", "L:ab"}), boost::test_tools::per_element());
  BOOST_TEST(split({"123456789", "abc", "def\nok\n"}) == expected({"p:123456789", "p:abc", "e:def", "L:ok"}),
             boost::test_tools::per_element());
  BOOST_TEST(split({"1234567", "89\nok\n"}) == expected({"e:123456789", "L:ok"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_last_line_that_is_too_long_ends_too) {
  BOOST_TEST(split({"123456789"}) == expected({"p:123456789", "e:"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
