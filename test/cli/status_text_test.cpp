// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The words of the status, exactly as scripts and people get them.
#define BOOST_TEST_DYN_LINK
#include "cli/status_text.hpp"

#include "cli/printable.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace tautline;
using namespace tautline::cli;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

status connected() {
  status s;
  s.state = link_state::connected;
  s.attempt = 1;
  s.max_attempts = 10;
  s.endpoint = "ws://127.0.0.1:9001/";
  s.round_trip = microseconds(412);
  return s;
}

status reconnecting() {
  status s = connected();
  s.state = link_state::reconnecting;
  s.attempt = 3;
  s.next_attempt_in = milliseconds(1240);
  s.queued_messages = 12;
  s.unconfirmed_messages = 4;
  return s;
}

cause reset_by_peer() {
  cause why;
  why.where = phase::open;
  why.code = make_error_code(errc::closed);
  why.close_code = 1012;
  why.close_reason = "bye \x1b[31m\n";
  return why;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(status_texts)

BOOST_AUTO_TEST_CASE(the_json_of_an_up_is_the_promised_line) {
  event e(event_kind::up);
  e.status = connected();
  BOOST_TEST(json_line(e, 1780000000000).value() ==
             R"({"ts":1780000000000,"event":"up","status":"connected","attempt":1,"cause":"",)"
             R"("endpoint":"ws://127.0.0.1:9001/","rtt_ms":0.412,"queued":0,"unconfirmed":0,"session":"none"})");
}

BOOST_AUTO_TEST_CASE(a_retry_says_in_how_many_milliseconds) {
  event e(event_kind::retry_in);
  e.status = reconnecting();
  e.status.round_trip.reset();
  e.delay = milliseconds(1240);
  BOOST_TEST(json_line(e, 1).value() ==
             R"({"ts":1,"event":"retry_in","status":"reconnecting","attempt":3,"cause":"",)"
             R"("endpoint":"ws://127.0.0.1:9001/","rtt_ms":null,"queued":12,"unconfirmed":4,"session":"none",)"
             R"("retry_in_ms":1240})");
}

BOOST_AUTO_TEST_CASE(the_words_of_a_peer_stay_inside_their_json_string) {
  event e(event_kind::down);
  e.status = reconnecting();
  e.why = reset_by_peer();
  e.why.close_reason += "\"}\xff";
  const auto line = json_line(e, 1).value();
  BOOST_TEST(line.find('\n') == std::string::npos);
  const auto parsed = boost::json::parse(line).as_object();
  BOOST_TEST(std::string(parsed.at("cause").as_string().c_str()) == valid_utf8(e.why.describe()));
}

BOOST_AUTO_TEST_CASE(only_promised_events_are_json_lines) {
  BOOST_TEST(!json_line(event(event_kind::recovered), 1));
  BOOST_TEST(!json_line(event(event_kind::unconfirmed), 1));
  for (const auto k :
       {event_kind::up, event_kind::down, event_kind::retry_in, event_kind::degraded, event_kind::resumed,
        event_kind::session_reset, event_kind::overflow, event_kind::expired, event_kind::drained, event_kind::gave_up})
    BOOST_TEST(json_line(event(k), 1).has_value(), to_string(k));
}

BOOST_AUTO_TEST_CASE(a_lost_message_is_named_with_its_policy) {
  event e(event_kind::overflow);
  e.policy = "drop_oldest";
  e.message = "tick \"1\"";
  const auto parsed = boost::json::parse(json_line(e, 1).value()).as_object();
  BOOST_TEST(parsed.at("policy").as_string() == "drop_oldest");
  BOOST_TEST(parsed.at("message").as_string() == "tick \"1\"");
}

BOOST_AUTO_TEST_CASE(the_summary_is_the_promised_line) {
  totals t;
  t.sent = 10;
  t.delivered = 7;
  t.unknown = 1;
  t.not_sent = 2;
  t.received = 5;
  t.resent = 3;
  t.reconnects = 4;
  t.took = milliseconds(1500);
  BOOST_TEST(summary_json(t) == R"({"event":"summary","sent":10,"delivered":7,"unknown":1,"not_sent":2,)"
                                R"("received":5,"resent":3,"reconnects":4,"duration_ms":1500})");
  BOOST_TEST(summary_text(t) ==
             "sent 10, delivered 7, unknown 1, not sent 2, received 5, resent 3, reconnects 4, 1.5 s");
}

BOOST_AUTO_TEST_CASE(the_row_of_a_connected_link_has_a_green_dot) {
  BOOST_TEST(status_line(connected(), "", 100, colour::on) ==
             indicator(connected(), true) + "     ws://127.0.0.1:9001/  rtt 0.4 ms  queued 0  unconfirmed 0");
}

BOOST_AUTO_TEST_CASE(the_row_without_colour_has_no_escape_sequence) {
  const auto line = status_line(connected(), "", 100, colour::off);
  BOOST_TEST(line == "connected     ws://127.0.0.1:9001/  rtt 0.4 ms  queued 0  unconfirmed 0");
}

BOOST_AUTO_TEST_CASE(the_row_of_a_reconnecting_link_counts_down_in_tenths) {
  BOOST_TEST(status_line(reconnecting(), "", 200, colour::off) ==
             "reconnecting  attempt 3 of 10 in 1.2 s  ws://127.0.0.1:9001/  queued 12  unconfirmed 4");
}

BOOST_AUTO_TEST_CASE(progress_comes_first_behind_the_indicator) {
  const auto line = status_line(connected(), "5 of 10", 100, colour::off);
  BOOST_TEST(line.find("connected     5 of 10  ws://") == 0U);
}

BOOST_AUTO_TEST_CASE(the_row_is_never_wider_than_the_terminal) {
  auto s = reconnecting();
  s.why = reset_by_peer();
  for (std::size_t width = 0; width < 120; ++width) {
    BOOST_TEST(columns_of(status_line(s, "5 of 10", width, colour::off)) <= width);
    const auto coloured = status_line(s, "5 of 10", width, colour::on);
    const auto colours = indicator(s, true).size() - std::string("● reconnecting").size();
    const bool with_dot = coloured.find('\x1b') != std::string::npos;
    BOOST_TEST(columns_of(coloured) <= width + (with_dot ? colours : 0));
  }
}

BOOST_AUTO_TEST_CASE(a_peer_cannot_drive_the_terminal) {
  auto s = reconnecting();
  s.why = reset_by_peer();
  BOOST_TEST(status_line(s, "", 500, colour::off).find('\x1b') == std::string::npos);
  event e(event_kind::down);
  e.why = reset_by_peer();
  BOOST_TEST(plain_line(e).value().find_first_of("\x1b\n") == std::string::npos);
  BOOST_TEST(printable("a\xc2\x9b"
                       "31mb\xff") == "a?31mb\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(plain_lines_tell_each_change_in_words) {
  event e(event_kind::up);
  e.status = connected();
  BOOST_TEST(plain_line(e).value() == "connected to ws://127.0.0.1:9001/ (attempt 1 of 10)");
  e = event(event_kind::retry_in);
  e.status = reconnecting();
  e.status.max_attempts = 0;
  e.delay = milliseconds(1240);
  BOOST_TEST(plain_line(e).value() == "attempt 3 in 1.2 s");
  BOOST_TEST(!plain_line(event(event_kind::drained)));
}

BOOST_AUTO_TEST_CASE(shortened_text_ends_with_an_ellipsis_between_characters) {
  BOOST_TEST(shortened("abcdef", 6) == "abcdef");
  BOOST_TEST(shortened("abcdef", 4) == "abc…");
  BOOST_TEST(shortened("äöüß", 3) == "äö…");
  BOOST_TEST(shortened("abc", 0).empty());
}

BOOST_AUTO_TEST_SUITE_END()
