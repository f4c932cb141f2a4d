// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Whether a server's session can go on with a hello, and the welcome.
#define BOOST_TEST_DYN_LINK
#include "delivery/server_session.hpp"

#include <boost/test/unit_test.hpp>

using namespace tautline::delivery;

namespace {

// It took over 112 from the client, which has 41 of its own; 60 were written.
struct server_fixture {
  server_fixture() {
    counts.recv = 112;
    counts.acknowledged = 41;
    counts.written = 60;
    h.session = "s";
    h.recv = 50;
    h.from = 107;
  }
  bool can() const { return can_resume("s", counts, h); }

  server_counts counts;
  hello h;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_server_session, server_fixture)

BOOST_AUTO_TEST_CASE(goes_on_with_a_hello_that_names_it) {
  BOOST_TEST(can());
  welcome w;
  w.retain_ms = 7;
  w.reason = "expired";
  BOOST_TEST(fill_welcome(w, "s", counts, h) == 50U);
  BOOST_TEST(w.version == 1U);
  BOOST_TEST(w.session == "s");
  BOOST_TEST(w.resumed);
  BOOST_TEST(w.reason == "");
  BOOST_TEST(w.recv == 112U);
  BOOST_TEST(w.from == 51U);
  BOOST_TEST(w.retain_ms == 7U);
}

BOOST_AUTO_TEST_CASE(goes_on_only_where_no_message_of_the_client_is_missing) {
  h.from = 113;
  BOOST_TEST(can());
  h.from = 114;
  BOOST_TEST(!can());
  h.from = 1;
  BOOST_TEST(can());
  h.from = 0;
  BOOST_TEST(!can());
}

BOOST_AUTO_TEST_CASE(goes_on_only_with_what_it_still_holds) {
  h.recv = 41;
  BOOST_TEST(can());
  h.recv = 40;
  BOOST_TEST(!can());
}

BOOST_AUTO_TEST_CASE(goes_on_only_with_what_it_has_written) {
  h.recv = 60;
  BOOST_TEST(can());
  h.recv = 61;
  BOOST_TEST(!can());
}

BOOST_AUTO_TEST_CASE(begins_at_its_first_number_for_a_client_that_never_saw_its_welcome) {
  counts.acknowledged = 0;
  for (const char* named : {"", "another"}) {
    h.session = named;
    BOOST_TEST(can());
    welcome w;
    BOOST_TEST(fill_welcome(w, "s", counts, h) == 0U);
    BOOST_TEST(!w.resumed);
    BOOST_TEST(w.reason == "new");
    BOOST_TEST(w.recv == 112U);
    BOOST_TEST(w.from == 1U);
  }
}

BOOST_AUTO_TEST_CASE(does_not_go_on_with_a_client_that_acknowledged_and_names_another) {
  h.session = "another";
  BOOST_TEST(!can());
}

BOOST_AUTO_TEST_SUITE_END()
