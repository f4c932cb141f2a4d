// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Durations and sizes.
#define BOOST_TEST_DYN_LINK
#include "cli/quantities.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace tautline;
using namespace tautline::cli;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

std::string read_duration(std::string text) {
  const auto problem = to_milliseconds(text);
  return problem.empty() ? text : "refused";
}

std::string read_size(std::string text) {
  const auto problem = to_bytes(text);
  return problem.empty() ? text : "refused";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(quantities)

BOOST_AUTO_TEST_CASE(durations_are_read_in_all_units) {
  BOOST_TEST(read_duration("250ms") == "250");
  BOOST_TEST(read_duration("30s") == "30000");
  BOOST_TEST(read_duration("2m") == "120000");
  BOOST_TEST(read_duration("1h") == "3600000");
  BOOST_TEST(read_duration("0s") == "0");
  BOOST_TEST(read_duration("0") == "0");
}

BOOST_AUTO_TEST_CASE(what_is_no_duration_is_refused) {
  for (const char* text :
       {"", "5", "s", "ms", "-1s", "1.5s", "5x", "5 5s", "s5", "1d", "99999999999999999999s", "9000h"})
    BOOST_TEST(read_duration(text) == "refused", text);
}

BOOST_AUTO_TEST_CASE(a_refusal_says_what_to_write) {
  std::string text = "5";
  BOOST_TEST(to_milliseconds(text).find("'5' is not a duration: write a whole number and ms, s, m or h") == 0U);
}

BOOST_AUTO_TEST_CASE(sizes_are_powers_of_1024) {
  BOOST_TEST(read_size("64KiB") == "65536");
  BOOST_TEST(read_size("16MiB") == "16777216");
  BOOST_TEST(read_size("1GiB") == "1073741824");
  BOOST_TEST(read_size("100") == "100");
}

BOOST_AUTO_TEST_CASE(what_is_no_size_is_refused) {
  for (const char* text : {"", "KiB", "-1", "1.5MiB", "5 apples", "99999999999999999999999GiB"})
    BOOST_TEST(read_size(text) == "refused", text);
}

BOOST_AUTO_TEST_CASE(durations_are_written_as_they_are_read) {
  for (const char* text : {"250ms", "30s", "2m", "1h", "0s", "90s"}) {
    const auto ms = std::stoll(read_duration(text));
    BOOST_TEST(duration_text(milliseconds(ms)) == text);
  }
  BOOST_TEST(size_text(64 * 1024) == "64KiB");
  BOOST_TEST(size_text(16 * 1024 * 1024) == "16MiB");
  BOOST_TEST(size_text(100) == "100");
}

BOOST_AUTO_TEST_CASE(times_are_rounded_for_the_eye) {
  BOOST_TEST(short_time(microseconds(412)) == "0.4 ms");
  BOOST_TEST(short_time(milliseconds(250)) == "250 ms");
  BOOST_TEST(short_time(milliseconds(1234)) == "1.2 s");
  BOOST_TEST(short_time(minutes(3) + seconds(20)) == "3 min 20 s");
  BOOST_TEST(short_time(hours(3) + minutes(20)) == "3 h 20 min");
}

BOOST_AUTO_TEST_SUITE_END()
