// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The indicator, the words of states and events, and the Prometheus text.
#define BOOST_TEST_DYN_LINK
#include <tautline/status.hpp>
#include <tautline/version.hpp>

#include <boost/test/unit_test.hpp>

#include <map>
#include <set>
#include <sstream>

using namespace tautline;

BOOST_AUTO_TEST_SUITE(the_indicator)

BOOST_AUTO_TEST_CASE(is_a_green_yellow_or_red_dot_and_a_word) {
  status s;
  BOOST_TEST(indicator(s, true) == "\x1b[31m\xe2\x97\x8f\x1b[0m disconnected");
  s.state = link_state::reconnecting;
  BOOST_TEST(indicator(s, true) == "\x1b[33m\xe2\x97\x8f\x1b[0m reconnecting");
  s.state = link_state::connected;
  BOOST_TEST(indicator(s, true) == "\x1b[32m\xe2\x97\x8f\x1b[0m connected");
}

BOOST_AUTO_TEST_CASE(is_only_the_word_without_colour) {
  status s;
  s.state = link_state::connected;
  BOOST_TEST(indicator(s, false) == "connected");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(words)

BOOST_AUTO_TEST_CASE(of_events_are_those_that_scripts_read) {
  const std::map<event_kind, std::string> expected{{event_kind::up, "up"},
                                                   {event_kind::down, "down"},
                                                   {event_kind::retry_in, "retry_in"},
                                                   {event_kind::degraded, "degraded"},
                                                   {event_kind::recovered, "recovered"},
                                                   {event_kind::resumed, "resumed"},
                                                   {event_kind::session_reset, "session_reset"},
                                                   {event_kind::overflow, "overflow"},
                                                   {event_kind::expired, "expired"},
                                                   {event_kind::unconfirmed, "unconfirmed"},
                                                   {event_kind::drained, "drained"},
                                                   {event_kind::gave_up, "gave_up"}};
  for (const auto& [kind, word] : expected) BOOST_TEST(to_string(kind) == word);
}

BOOST_AUTO_TEST_CASE(of_sessions_are_none_new_and_resumed) {
  BOOST_TEST(to_string(session_state::none) == "none");
  BOOST_TEST(to_string(session_state::fresh) == "new");
  BOOST_TEST(to_string(session_state::resumed) == "resumed");
}

BOOST_AUTO_TEST_CASE(of_the_version_are_those_of_the_header) {
  BOOST_TEST(version() == std::string(TAUTLINE_VERSION_STRING));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(the_prometheus_text)

BOOST_AUTO_TEST_CASE(has_help_type_and_value_of_every_number_in_this_order) {
  std::istringstream lines(prometheus_text(metrics()));
  std::set<std::string> names;
  std::string help;
  std::string type;
  std::string value;
  while (std::getline(lines, help)) {
    BOOST_TEST_REQUIRE(std::getline(lines, type).good());
    BOOST_TEST_REQUIRE(std::getline(lines, value).good());
    const auto name = value.substr(0, value.find(' '));
    BOOST_TEST(help.starts_with("# HELP " + name + " "));
    const bool counter = type == "# TYPE " + name + " counter";
    BOOST_TEST((counter || type == "# TYPE " + name + " gauge"));
    BOOST_TEST(name.ends_with("_total") == counter, name);
    BOOST_TEST(name.starts_with("tautline_link_"));
    BOOST_TEST(value == name + " 0");
    BOOST_TEST(names.insert(name).second);
  }
  BOOST_TEST(names.size() == sizeof(metrics) / sizeof(std::uint64_t));
}

BOOST_AUTO_TEST_CASE(has_the_numbers_where_they_belong) {
  metrics m;
  m.sent = 3;
  m.pending = 18'446'744'073'709'551'615U;
  m.bytes_received = 12;
  const auto text = prometheus_text(m);
  BOOST_TEST(text.find("\ntautline_link_messages_sent_total 3\n") != std::string::npos);
  BOOST_TEST(text.find("\ntautline_link_messages_pending 18446744073709551615\n") != std::string::npos);
  BOOST_TEST(text.find("\ntautline_link_received_bytes_total 12\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
