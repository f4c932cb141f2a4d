// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// URLs: reading, redirects, and what may be logged of them.
#define BOOST_TEST_DYN_LINK
#include "policy/url.hpp"

#include <tautline/error.hpp>

#include <boost/test/unit_test.hpp>

using namespace tautline;
using namespace tautline::policy;

namespace {

url good(std::string_view text) {
  url u;
  std::string detail;
  const auto ec = parse_url(text, u, detail);
  BOOST_TEST(!ec, text << ": " << detail);
  return u;
}

std::string fault_of(std::string_view text) {
  url u;
  std::string detail;
  const auto ec = parse_url(text, u, detail);
  BOOST_TEST((ec == errc::invalid_url), text.substr(0, 100) << " was accepted");
  BOOST_TEST(!detail.empty());
  return detail;
}

std::string redirected(std::string_view base, std::string_view location) {
  std::string out;
  const auto ec = resolve_redirect(base, location, out);
  if (ec == errc::bad_redirect) return "bad";
  if (ec == errc::insecure_redirect) return "insecure";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_url)

BOOST_AUTO_TEST_CASE(has_its_schemes_default_port) {
  BOOST_TEST(good("ws://example.com").port == 80);
  BOOST_TEST(good("wss://example.com").port == 443);
  BOOST_TEST(good("wss://example.com:/").port == 443);
  BOOST_TEST(good("ws://example.com:9001").port == 9001);
  BOOST_TEST(good("ws://example.com:65535").port == 65535);
}

BOOST_AUTO_TEST_CASE(has_a_target_of_path_and_query) {
  BOOST_TEST(good("ws://h").target == "/");
  BOOST_TEST(good("ws://h?q=1").target == "/?q=1");
  BOOST_TEST(good("ws://h/a/b%20c?q=%26&r").target == "/a/b%20c?q=%26&r");
  BOOST_TEST(good("ws://h/?").target == "/?");
}

BOOST_AUTO_TEST_CASE(has_a_scheme_in_any_case) {
  BOOST_TEST(good("WSS://h").tls);
  BOOST_TEST(!good("wS://h").tls);
}

BOOST_AUTO_TEST_CASE(may_name_an_ipv4_address) { BOOST_TEST(good("ws://127.0.0.1:80/").host == "127.0.0.1"); }

BOOST_AUTO_TEST_CASE(may_name_an_ipv6_address) {
  const auto u = good("ws://[::1]:9001/x");
  BOOST_TEST(u.host == "::1");
  BOOST_TEST(u.ipv6_literal);
  BOOST_TEST(u.authority() == "[::1]:9001");
  BOOST_TEST(u.display() == "ws://[::1]:9001/x");
}

BOOST_AUTO_TEST_CASE(may_have_a_zone_that_the_peer_is_not_told) {
  const auto u = good("ws://[fe80::1%25eth0]:9001/");
  BOOST_TEST(u.host == "fe80::1%eth0");
  BOOST_TEST(u.port == 9001);
  BOOST_TEST(u.authority() == "[fe80::1]:9001");
}

BOOST_AUTO_TEST_CASE(with_an_odd_zone_is_refused) {
  for (const char* text : {"ws://[fe80::1%eth0]/", "ws://[fe80::1%25]/", "ws://[fe80::1%25a/b]/", "ws://[%25eth0]/",
                           "ws://[::1%25a%0d%0ab]/", "ws://h/[%25x]"})
    (void)fault_of(text);
  BOOST_TEST(good("ws://h/%25?%25").target == "/%25?%25");
}

BOOST_AUTO_TEST_CASE(may_carry_user_info_that_is_decoded) {
  const auto u = good("ws://me:p%40ss@h/x");
  BOOST_TEST(u.user_info == "me:p@ss");
  BOOST_TEST(u.host == "h");
  BOOST_TEST(u.authority() == "h");
}

BOOST_AUTO_TEST_CASE(leaves_the_default_port_out_of_the_authority) {
  BOOST_TEST(good("ws://h:80").authority() == "h");
  BOOST_TEST(good("wss://h:443").authority() == "h");
  BOOST_TEST(good("wss://h:80").authority() == "h:80");
}

BOOST_AUTO_TEST_CASE(of_another_scheme_is_refused) {
  for (const char* text : {"http://h", "https://h", "ftp://h", "h", "//h", "h:80", "ws:h", ""}) (void)fault_of(text);
}

BOOST_AUTO_TEST_CASE(without_a_host_is_refused) {
  for (const char* text : {"ws://", "ws:///path", "ws://:80", "ws://user@/", "ws://user@:80/", "wss://?q"})
    (void)fault_of(text);
}

BOOST_AUTO_TEST_CASE(with_a_port_that_is_none_is_refused) {
  for (const char* text : {"ws://h:0", "ws://h:65536", "ws://h:99999999999999", "ws://h:-1", "ws://h:x", "ws://h:8 0"})
    (void)fault_of(text);
}

BOOST_AUTO_TEST_CASE(with_a_fragment_is_refused) {
  BOOST_TEST(fault_of("ws://h/#f").find("fragment") != std::string::npos);
  (void)fault_of("ws://h#");
}

BOOST_AUTO_TEST_CASE(with_characters_that_no_url_has_is_refused) {
  for (const char* text : {"ws://h/a b", " ws://h", "ws://h ", "ws://h/\r\nX: y", "ws://h/\xc3\xa4",
                           "ws://\xc3\xa4.de/", "ws://h/%zz", "ws://h/\\", "ws://[::1", "ws://[v1.x]/", "ws://h/<>"})
    (void)fault_of(text);
  (void)fault_of(std::string_view("ws://h/\0x", 9));
}

BOOST_AUTO_TEST_CASE(whose_host_would_break_the_host_header_is_refused) {
  for (const char* text :
       {"ws://a%0d%0aX:y/", "ws://a%20b/", "ws://%00/", "ws://%c3%a4.de/", "ws://a%2fb/", "ws://a%40b/"})
    (void)fault_of(text);
}

BOOST_AUTO_TEST_CASE(may_be_very_long) {
  const auto u = good("ws://h/" + std::string(64 * 1024, 'x'));
  BOOST_TEST(u.target.size() == 64U * 1024 + 1);
  (void)fault_of(std::string(64 * 1024, 'x'));
}

BOOST_AUTO_TEST_CASE(is_refused_without_its_secrets_being_repeated) {
  for (const char* text :
       {"ws://me:hunter2@h:0/?t=hunter2", "http://me:hunter2@h/", "ws://me:hunter2@h/#hunter2", "ws://me:hunter2@a b/"})
    BOOST_TEST(fault_of(text).find("hunter2") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_redirect)

BOOST_AUTO_TEST_CASE(may_be_absolute) {
  BOOST_TEST(redirected("ws://a/x", "ws://b/y") == "ws://b/y");
  BOOST_TEST(redirected("ws://a/x", "wss://b:444/y?z") == "wss://b:444/y?z");
}

BOOST_AUTO_TEST_CASE(takes_http_for_ws_and_https_for_wss) {
  BOOST_TEST(redirected("ws://a/x", "http://b/y") == "ws://b/y");
  BOOST_TEST(redirected("ws://a/x", "HTTPS://b/y") == "wss://b/y");
}

BOOST_AUTO_TEST_CASE(may_be_relative) {
  BOOST_TEST(redirected("ws://a:81/x/y?q", "z") == "ws://a:81/x/z");
  BOOST_TEST(redirected("ws://a:81/x/y?q", "../z?r") == "ws://a:81/z?r");
  BOOST_TEST(redirected("wss://a/x", "/z") == "wss://a/z");
  BOOST_TEST(redirected("wss://a/x", "//b/z") == "wss://b/z");
  BOOST_TEST(redirected("wss://a/x", "?q") == "wss://a/x?q");
}

BOOST_AUTO_TEST_CASE(does_not_take_user_info_to_another_host) {
  BOOST_TEST(redirected("ws://me:pw@a/x", "ws://b/y") == "ws://b/y");
  BOOST_TEST(redirected("ws://me:pw@a/x", "/y") == "ws://me:pw@a/y");
}

BOOST_AUTO_TEST_CASE(loses_its_fragment) { BOOST_TEST(redirected("ws://a/x", "/y#top") == "ws://a/y"); }

BOOST_AUTO_TEST_CASE(never_leads_from_tls_to_plain) {
  BOOST_TEST(redirected("wss://a/x", "ws://a/x") == "insecure");
  BOOST_TEST(redirected("wss://a/x", "http://a/x") == "insecure");
  BOOST_TEST(redirected("WSS://a/x", "ws://a/x") == "insecure");
}

BOOST_AUTO_TEST_CASE(that_leads_nowhere_is_bad) {
  for (const char* location : {"", "ftp://b/", "mailto:me", "http://", "a b", "ws://h:0/", "//:80/"})
    BOOST_TEST(redirected("ws://a/x", location) == "bad", location);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_redacted_url)

BOOST_AUTO_TEST_CASE(has_neither_user_info_nor_query) {
  BOOST_TEST(redact_url("wss://me:pw@h:81/path?token=x") == "wss://h:81/path");
  BOOST_TEST(redact_url("ws://h") == "ws://h/");
}

BOOST_AUTO_TEST_CASE(has_them_not_even_if_it_is_broken) {
  for (const char* text : {"http://me:hunter2@h/?t=hunter2", "ws://me:hunter2@h:0/?t=hunter2", "me:hunter2@h",
                           "ws://me:hun/ter2@h hunter2@h/", "ws://me:hunter2@h/ x?hunter2", "//me:hunter2@h",
                           "ws://me:hunter2?x@h y", "ws://h /#hunter2"})
    BOOST_TEST(redact_url(text).find("hunter2") == std::string::npos, redact_url(text));
}

BOOST_AUTO_TEST_CASE(is_one_short_printable_line) {
  BOOST_TEST(redact_url("ws://h/\r\n\x1b[31m") == "ws://h/???[31m");
  BOOST_TEST(redact_url("ws://h/" + std::string(10'000, 'x')).size() == 256U);
  BOOST_TEST(redact_url("").empty());
}

BOOST_AUTO_TEST_SUITE_END()
