// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The table of causes and verdicts, and Retry-After.
#define BOOST_TEST_DYN_LINK
#include "policy/classify.hpp"

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

using namespace tautline;
using namespace tautline::policy;
using namespace std::chrono_literals;

namespace {

cause with_code(phase where, error_code code) {
  cause c;
  c.where = where;
  c.code = code;
  return c;
}

cause closed_with(std::uint16_t code) {
  cause c = with_code(phase::open, make_error_code(errc::closed));
  c.close_code = code;
  return c;
}

cause refused_with(unsigned status) {
  cause c = with_code(phase::upgrade, error_code(static_cast<int>(status), http_category()));
  c.http_status = status;
  return c;
}

bool fatal(const cause& c, bool fresh = false) { return classify(c, fresh) == verdict::fatal; }
bool retried(const cause& c, bool fresh = false) { return classify(c, fresh) == verdict::retry; }

}  // namespace

BOOST_AUTO_TEST_SUITE(the_verdict)

BOOST_AUTO_TEST_CASE(on_errors_of_the_network_is_to_retry) {
  namespace error = asio::error;
  for (const error_code code :
       {error_code(error::connection_refused), error_code(error::connection_reset), error_code(error::eof),
        error_code(error::host_unreachable), error_code(error::network_unreachable), error_code(error::timed_out),
        error_code(error::host_not_found), error_code(error::host_not_found_try_again), error_code(error::broken_pipe)})
    for (const phase where : {phase::resolve, phase::connect, phase::tls, phase::upgrade, phase::open})
      BOOST_TEST(retried(with_code(where, code)));
}

BOOST_AUTO_TEST_CASE(on_the_librarys_own_errors_follows_the_table) {
  for (const errc e : {errc::connect_timeout, errc::resolve_timeout, errc::heartbeat_timeout, errc::write_timeout,
                       errc::provider_failed, errc::not_websocket, errc::bad_upgrade, errc::header_too_large,
                       errc::too_many_redirects, errc::bad_redirect, errc::closed})
    BOOST_TEST(retried(with_code(phase::upgrade, e)), make_error_code(e).message());
  for (const errc e : {errc::invalid_url, errc::invalid_options, errc::subprotocol_refused, errc::session_unavailable,
                       errc::insecure_redirect, errc::invalid_utf8, errc::message_too_large, errc::protocol_error})
    BOOST_TEST(fatal(with_code(phase::open, e)), make_error_code(e).message());
}

BOOST_AUTO_TEST_CASE(on_foreign_codes_of_the_same_number_is_not_mixed_up) {
  BOOST_TEST(retried(
      with_code(phase::open, error_code(static_cast<int>(errc::protocol_error), asio::error::get_system_category()))));
}

BOOST_AUTO_TEST_CASE(on_close_codes_follows_the_table) {
  for (const unsigned code : {1000U, 1001U, 1005U, 1006U, 1011U, 1012U, 1013U, 1014U, 1015U, 3000U, 4000U, 4999U})
    BOOST_TEST(retried(closed_with(static_cast<std::uint16_t>(code))), code);
  for (const unsigned code : {1002U, 1003U, 1007U, 1008U, 1009U, 1010U})
    BOOST_TEST(fatal(closed_with(static_cast<std::uint16_t>(code))), code);
}

BOOST_AUTO_TEST_CASE(on_http_statuses_follows_the_table) {
  for (const unsigned status :
       {200U, 301U, 302U, 307U, 308U, 408U, 425U, 429U, 500U, 502U, 503U, 504U, 599U, 407U, 418U})
    BOOST_TEST(retried(refused_with(status)), status);
  for (const unsigned status : {400U, 401U, 403U, 404U, 410U}) BOOST_TEST(fatal(refused_with(status)), status);
}

BOOST_AUTO_TEST_CASE(on_a_refused_credential_is_to_retry_when_a_fresh_one_can_be_had) {
  BOOST_TEST(retried(refused_with(401), true));
  BOOST_TEST(retried(refused_with(403), true));
  BOOST_TEST(retried(closed_with(4401), true));
  BOOST_TEST(fatal(closed_with(4401), false));
  BOOST_TEST(fatal(refused_with(404), true));
}

BOOST_AUTO_TEST_CASE(of_the_transport_that_it_is_fatal_stands) {
  cause c = with_code(phase::tls, error_code(1, asio::error::get_misc_category()));
  BOOST_TEST(retried(c));
  c.what_follows = verdict::fatal;
  BOOST_TEST(fatal(c));
}

BOOST_AUTO_TEST_CASE(is_to_wait_when_the_peer_asked_for_time) {
  cause c = refused_with(503);
  c.retry_after = 5s;
  BOOST_TEST((classify(c, false) == verdict::retry_after));
  c = refused_with(404);
  c.retry_after = 5s;
  BOOST_TEST(fatal(c));
}

BOOST_AUTO_TEST_CASE(on_what_this_side_asked_for_is_not_to_retry) { BOOST_TEST(fatal(with_code(phase::local, {}))); }

BOOST_AUTO_TEST_SUITE_END()

namespace {

// Sunday, 6 November 1994, 08:49:37 UTC: the example of RFC 9110, 5.6.7.
const auto example = std::chrono::system_clock::time_point(784'111'777s);

std::optional<duration> read(std::string_view value, std::chrono::system_clock::time_point now = example - 60s) {
  return parse_retry_after(value, now);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(retry_after)

BOOST_AUTO_TEST_CASE(is_read_as_seconds) {
  BOOST_TEST((read("120") == 120s));
  BOOST_TEST((read(" 0\t") == 0s));
  BOOST_TEST((read("007") == 7s));
}

BOOST_AUTO_TEST_CASE(is_capped_at_a_day_whatever_it_says) {
  BOOST_TEST((read("86401") == 24h));
  BOOST_TEST((read("99999999999999999999999999999999") == 24h));
  BOOST_TEST((read("Sun, 06 Nov 2094 08:49:37 GMT") == 24h));
  BOOST_TEST((read("Fri, 06 Nov 7994 08:49:37 GMT") == 24h));
  BOOST_TEST((read("Fri, 31 Dec 9999 23:59:59 GMT") == 24h));
}

BOOST_AUTO_TEST_CASE(is_read_as_a_date_in_all_three_forms) {
  BOOST_TEST((read("Sun, 06 Nov 1994 08:49:37 GMT") == 60s));
  BOOST_TEST((read("Sunday, 06-Nov-94 08:49:37 GMT") == 60s));
  BOOST_TEST((read("Sun Nov  6 08:49:37 1994") == 60s));
}

BOOST_AUTO_TEST_CASE(in_two_digits_of_a_year_is_at_most_fifty_years_ahead) {
  using namespace std::chrono;
  const auto in_2026 = system_clock::time_point(sys_days(year(2026) / 3 / 1));
  BOOST_TEST((read("Sunday, 01-Mar-26 00:00:10 GMT", in_2026) == 10s));
  BOOST_TEST((read("Sunday, 06-Nov-94 08:49:37 GMT", in_2026) == 0s));
  BOOST_TEST((read("Sunday, 01-Mar-76 00:00:10 GMT", in_2026) == 24h));
}

BOOST_AUTO_TEST_CASE(in_the_past_is_zero) {
  BOOST_TEST((read("Sun, 06 Nov 1994 08:49:37 GMT", example + 1h) == 0s));
  BOOST_TEST((read("Sun, 06 Nov 1994 08:49:37 GMT", example + 500ms) == 0s));
  BOOST_TEST((read("Thu, 06 Nov 1000 08:49:37 GMT") == 0s));
}

BOOST_AUTO_TEST_CASE(as_a_date_counts_from_this_very_moment) {
  BOOST_TEST((read("Sun, 06 Nov 1994 08:49:37 GMT", example - 1500ms) == 1500ms));
}

BOOST_AUTO_TEST_CASE(that_makes_no_sense_is_not_taken_for_anything) {
  for (const char* value :
       {"", " ", "soon", "-5", "+5", "1.5", "5s", "12 34", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT and more", "Dim, 06 Nov 1994 08:49:37 GMT"})
    BOOST_TEST(!read(value).has_value(), value);
  BOOST_TEST(!read(std::string(100'000, 'x')).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(of_close_codes_are_those_of_the_registry) {
  BOOST_TEST(close_code_name(1000) == "normal closure");
  BOOST_TEST(close_code_name(1013) == "try again later");
  BOOST_TEST(close_code_name(4321) == "application code");
  BOOST_TEST(close_code_name(2999) == "unknown code");
  std::set<std::string_view> seen;
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1005U, 1006U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U,
                              1013U, 1014U, 1015U, 4400U, 4401U, 4404U, 4408U, 4409U, 4410U, 4413U, 4426U, 4429U}) {
    const auto name = close_code_name(code);
    BOOST_TEST((name != "unknown code" && name != "application code"), code);
    BOOST_TEST(seen.insert(name).second, code << " has the name of another");
  }
  for (const unsigned code : {0U, 999U, 1004U, 1016U, 3000U, 5000U})
    BOOST_TEST(close_code_name(code) == "unknown code");
}

BOOST_AUTO_TEST_CASE(of_http_statuses_are_those_of_the_rfc) {
  BOOST_TEST(http_status_name(503) == "Service Unavailable");
  BOOST_TEST(http_status_name(799) == "");
  std::set<std::string_view> seen;
  for (const unsigned status :
       {200U, 204U, 300U, 301U, 302U, 303U, 304U, 307U, 308U, 400U, 401U, 402U, 403U, 404U, 405U, 406U, 407U, 408U,
        409U, 410U, 411U, 413U, 414U, 421U, 425U, 426U, 429U, 431U, 451U, 500U, 501U, 502U, 503U, 504U, 505U}) {
    const auto name = http_status_name(status);
    BOOST_TEST(!name.empty(), status);
    BOOST_TEST(seen.insert(name).second, status << " has the name of another");
  }
}

BOOST_AUTO_TEST_SUITE_END()
