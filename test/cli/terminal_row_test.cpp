// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The escape sequences of the status row.
#define BOOST_TEST_DYN_LINK
#include "cli/terminal_row.hpp"

#include <boost/test/unit_test.hpp>

using namespace tautline::cli;

BOOST_AUTO_TEST_SUITE(terminal_rows)

BOOST_AUTO_TEST_CASE(a_row_in_place_is_rewritten_from_its_beginning) {
  terminal_row row(placement::in_place);
  BOOST_TEST(row.show("one", {24, 80}) == "\rone\x1b[K");
  BOOST_TEST(row.show("two", {24, 80}) == "\rtwo\x1b[K");
}

BOOST_AUTO_TEST_CASE(nothing_is_written_if_nothing_changed) {
  terminal_row row(placement::in_place);
  static_cast<void>(row.show("one", {24, 80}));
  BOOST_TEST(row.show("one", {24, 80}).empty());
  BOOST_TEST(!row.show("one", {24, 40}).empty());
}

BOOST_AUTO_TEST_CASE(a_hidden_row_is_erased_once_and_can_be_shown_again) {
  terminal_row row(placement::in_place);
  static_cast<void>(row.show("one", {24, 80}));
  BOOST_TEST(row.hide() == "\r\x1b[K");
  BOOST_TEST(row.hide().empty());
  BOOST_TEST(!row.show("one", {24, 80}).empty());
  BOOST_TEST(row.leave() == "\r\x1b[K");
  BOOST_TEST(row.leave().empty());
}

BOOST_AUTO_TEST_CASE(a_row_at_the_bottom_keeps_the_rest_scrolling_above_it) {
  terminal_row row(placement::bottom);
  BOOST_TEST(row.show("one", {24, 80}) ==
             "\n\x1b"
             "7\x1b[1;23r\x1b"
             "8\x1b[1A"
             "\x1b"
             "7\x1b[24;1Hone\x1b[K\x1b"
             "8");
  BOOST_TEST(row.show("two", {24, 80}) ==
             "\x1b"
             "7\x1b[24;1Htwo\x1b[K\x1b"
             "8");
  BOOST_TEST(row.hide().empty());
}

BOOST_AUTO_TEST_CASE(a_row_at_the_bottom_gives_the_whole_screen_back) {
  terminal_row row(placement::bottom);
  static_cast<void>(row.show("one", {24, 80}));
  BOOST_TEST(row.leave() ==
             "\x1b"
             "7\x1b[r\x1b"
             "8"
             "\x1b"
             "7\x1b[24;1H\x1b[K\x1b"
             "8\r\x1b[K");
  BOOST_TEST(row.leave().empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_terminal_counts_as_24_by_80) {
  BOOST_TEST((size_of_terminal(-1) == terminal_size(24, 80)));
}

BOOST_AUTO_TEST_SUITE_END()
