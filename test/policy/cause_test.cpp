// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Errors and causes in words, without secrets.
#define BOOST_TEST_DYN_LINK
#include <tautline/error.hpp>

#include "policy/redact.hpp"

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

using namespace tautline;
using namespace tautline::policy;
using namespace std::chrono_literals;

namespace {

cause at(phase where, error_code code = {}) {
  cause c;
  c.where = where;
  c.code = code;
  return c;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(an_error_code)

BOOST_AUTO_TEST_CASE(has_words_of_its_own_for_every_value) {
  std::set<std::string> seen;
  for (int value = 1; value <= static_cast<int>(errc::callback_failed); ++value) {
    const auto words = error_code(value, tautline_category()).message();
    BOOST_TEST(words != "unknown error");
    BOOST_TEST(seen.insert(words).second, words << " says two things");
  }
  BOOST_TEST(error_code(999, tautline_category()).message() == "unknown error");
}

BOOST_AUTO_TEST_CASE(is_made_from_errc_by_itself) {
  const error_code ec = errc::queue_full;
  BOOST_TEST((ec.category() == tautline_category()));
  BOOST_TEST(ec.category().name() == std::string("tautline"));
}

BOOST_AUTO_TEST_CASE(of_a_close_or_a_refusal_names_it) {
  BOOST_TEST(error_code(1012, close_category()).message() == "the peer closed with 1012 service restart");
  BOOST_TEST(error_code(503, http_category()).message() == "the server refused with HTTP 503 Service Unavailable");
  BOOST_TEST(error_code(599, http_category()).message() == "the server refused with HTTP 599");
}

BOOST_AUTO_TEST_CASE(belongs_to_one_of_three_categories) {
  BOOST_TEST((tautline_category() != close_category()));
  BOOST_TEST((close_category() != http_category()));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_cause)

BOOST_AUTO_TEST_CASE(that_is_none_says_nothing) {
  const cause c;
  BOOST_TEST(!static_cast<bool>(c));
  BOOST_TEST(c.describe().empty());
}

BOOST_AUTO_TEST_CASE(says_where_and_what) {
  BOOST_TEST(at(phase::heartbeat, errc::heartbeat_timeout).describe() == "heartbeat: the peer fell silent");
  BOOST_TEST(at(phase::connect, asio::error::connection_refused).describe() == "connect: Connection refused");
  BOOST_TEST(at(phase::local).describe() == "local: closed by this side");
}

BOOST_AUTO_TEST_CASE(names_the_http_status_and_how_long_to_stay_away) {
  cause c = at(phase::upgrade, error_code(503, http_category()));
  c.http_status = 503;
  c.retry_after = 5s;
  BOOST_TEST(c.describe() == "upgrade: the server refused with HTTP 503 Service Unavailable (retry after 5 s)");
  c.retry_after = 250ms;
  BOOST_TEST(c.describe().ends_with("(retry after 0.25 s)"));
  c.retry_after = 24h;
  BOOST_TEST(c.describe().ends_with("(retry after 86400 s)"));
}

BOOST_AUTO_TEST_CASE(quotes_the_peers_words) {
  cause c = at(phase::open, errc::closed);
  c.close_code = 1013;
  BOOST_TEST(c.describe() == "open: the peer closed with 1013 try again later");
  c.close_reason = "full\r\n\x1b[31m";
  BOOST_TEST(c.describe() == "open: the peer closed with 1013 try again later (\"full  ?[31m\")");
}

BOOST_AUTO_TEST_CASE(tells_the_detail_and_the_redirects_goal) {
  cause c = at(phase::tls, errc::connect_timeout);
  c.detail = "the certificate has expired";
  BOOST_TEST(c.describe() == "tls: the attempt to connect took too long: the certificate has expired");
  c = at(phase::upgrade, errc::insecure_redirect);
  c.location = "ws://me:hunter2@other/path?token=hunter2";
  BOOST_TEST(c.describe() == "upgrade: a redirect from wss to ws was refused, to ws://other/path");
}

BOOST_AUTO_TEST_CASE(holds_no_secret_wherever_one_was_put) {
  for (const std::string text :
       {"cannot reach wss://me:hunter2@h/?token=hunter2 now", "Authorization: Bearer hunter2", "bearer hunter2",
        "Authorization:Basic hunter2", "bad token=hunter2", "access_token: hunter2", "password=hunter2",
        "apikey:hunter2", "(ws://me:hunter2@h/)", "token= hunter2"}) {
    cause c = at(phase::provider, errc::provider_failed);
    c.detail = text;
    c.close_reason = text;
    BOOST_TEST(c.describe().find("hunter2") == std::string::npos, c.describe());
    c.close_code = 4000;
    BOOST_TEST(c.describe().find("hunter2") == std::string::npos, c.describe());
  }
}

BOOST_AUTO_TEST_CASE(leaves_harmless_words_alone) {
  BOOST_TEST(without_secrets("the token was refused: expired at 12:30") == "the token was refused: expired at 12:30");
  BOOST_TEST(without_secrets("unexpected key") == "unexpected key");
}

BOOST_AUTO_TEST_CASE(stays_one_short_line_of_utf8) {
  std::string long_text;
  for (int i = 0; i < 200; ++i) long_text += "\xc3\xa4";
  const auto line = one_line(long_text);
  BOOST_TEST(line.size() <= 259U);
  BOOST_TEST(line.ends_with("\xc3\xa4..."));
  BOOST_TEST(one_line("a\nb\tc") == "a?b?c");
}

BOOST_AUTO_TEST_CASE(has_words_for_phases_and_verdicts) {
  BOOST_TEST(to_string(phase::upgrade) == "upgrade");
  BOOST_TEST(to_string(phase::local) == "local");
  std::set<std::string_view> seen;
  for (int p = 0; p <= static_cast<int>(phase::local); ++p) {
    const auto word = to_string(static_cast<phase>(p));
    BOOST_TEST(word != "unknown");
    BOOST_TEST(seen.insert(word).second, word << " is two phases");
  }
  BOOST_TEST(to_string(verdict::retry) == "retry");
  BOOST_TEST(to_string(verdict::retry_after) == "retry_after");
  BOOST_TEST(to_string(verdict::fatal) == "fatal");
}

BOOST_AUTO_TEST_SUITE_END()
