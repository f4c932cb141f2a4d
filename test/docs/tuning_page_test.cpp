// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The numbers of docs/tuning.md against the defaults.
#define BOOST_TEST_DYN_LINK
#include <tautline/options.hpp>

#include "docs/markdown.hpp"
#include "policy/backoff.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace {

using tautline_test::read_source;
using seconds = std::chrono::duration<double>;

double in_seconds(tautline::duration d) { return seconds(d).count(); }

// "30 s", "100 ms", "64 MiB", "100,000", "2.0"
double number(std::string text) {
  std::erase(text, ',');
  std::size_t end = 0;
  const double value = std::stod(text, &end);
  const auto unit = text.substr(std::min(text.size(), end + 1));
  if (unit == "ms") return value / 1000;
  if (unit == "MiB") return value * 1024 * 1024;
  BOOST_REQUIRE_MESSAGE(unit.empty() || unit == "s", text);
  return value;
}

// The defaults that the page states as numbers.
std::map<std::string, double> defaults() {
  const tautline::options o;
  return {{"backoff.initial", in_seconds(o.backoff.initial)},
          {"backoff.max", in_seconds(o.backoff.max)},
          {"backoff.multiplier", o.backoff.multiplier},
          {"backoff.max_attempts", o.backoff.max_attempts},
          {"backoff.stable_after", in_seconds(o.backoff.stable_after)},
          {"backoff.first_retry_spread", in_seconds(o.backoff.first_retry_spread)},
          {"heartbeat.interval", in_seconds(o.heartbeat.interval)},
          {"heartbeat.timeout", in_seconds(o.heartbeat.timeout)},
          {"delivery.barrier_interval", in_seconds(o.delivery.barrier_interval)},
          {"queue.max_messages", static_cast<double>(o.queue.max_messages)},
          {"queue.max_bytes", static_cast<double>(o.queue.max_bytes)},
          {"inbox.max_messages", static_cast<double>(o.inbox.max_messages)},
          {"inbox.max_bytes", static_cast<double>(o.inbox.max_bytes)},
          {"max_message_bytes", static_cast<double>(o.max_message_bytes)},
          {"max_queued_events", static_cast<double>(o.max_queued_events)},
          {"connect_timeout", in_seconds(o.connect_timeout)},
          {"close_timeout", in_seconds(o.close_timeout)},
          {"drain_timeout", in_seconds(o.drain_timeout)}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tuning_page)

BOOST_AUTO_TEST_CASE(every_default_is_that_of_the_options) {
  std::map<std::string, double> stated;
  std::istringstream page(read_source("docs/tuning.md"));
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    const auto cells = tautline_test::cells(line);
    if (cells.size() == 3 && defaults().count(cells[0]) == 1) stated[cells[0]] = number(cells[1]);
  }
  for (const auto& [field, value] : defaults()) {
    BOOST_REQUIRE_MESSAGE(stated.count(field) == 1, field << " is not on the page");
    BOOST_TEST(stated[field] == value, field);
  }
}

BOOST_AUTO_TEST_CASE(the_table_of_delays_follows_the_formula) {
  const tautline::backoff_options o;
  unsigned failures = 0;
  double longest = 0;
  for (const auto& row : tautline_test::table(read_source("docs/tuning.md"), "attempt")) {
    ++failures;
    BOOST_TEST(row[0] == std::to_string(failures + 1));
    BOOST_TEST(number(row[1]) == in_seconds(tautline::policy::backoff_delay(o, failures, {}, 1.0)));
    BOOST_TEST(number(row[2]) == in_seconds(tautline::policy::backoff_delay(o, failures, {}, 0.5)));
    longest += number(row[1]);
  }
  BOOST_TEST(failures + 1 == o.max_attempts);
  BOOST_TEST(longest == 151);
}

BOOST_AUTO_TEST_SUITE_END()
