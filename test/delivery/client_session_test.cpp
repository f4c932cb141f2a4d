// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a client makes of a welcome: what goes on, and what became of the messages if it does not.
#define BOOST_TEST_DYN_LINK
#include "delivery/client_session.hpp"

#include <boost/test/unit_test.hpp>

using namespace tautline::delivery;

namespace {

struct client_fixture {
  hello say_hello(std::uint64_t taken_over = 0, std::uint64_t utc_ms = 0) {
    hello h;
    client.fill_hello(h, counts, taken_over, utc_ms);
    return h;
  }
  /// Up to this number on the present connection.
  void write(std::uint64_t number) {
    on_connection = number;
    counts.written = std::max(counts.written, number);
  }
  void down() { client.on_down(on_connection), on_connection = 0; }
  client_session::outcome hear(const welcome& w) { return client.on_welcome(w, counts); }

  static welcome fresh(const std::string& id, std::uint64_t recv) {
    welcome w;
    w.session = id;
    w.reason = "new";
    w.recv = recv;
    return w;
  }
  static welcome resumed(const std::string& id, std::uint64_t recv, std::uint64_t from) {
    welcome w = fresh(id, recv);
    w.resumed = true;
    w.from = from;
    return w;
  }

  client_session client{"origin", "token"};
  client_counts counts;
  std::uint64_t on_connection = 0;
};

// In session "a": 1 ... 10 acknowledged, 20 written in it, 7 accepted and 5 of them taken over.
struct settled_fixture : client_fixture {
  settled_fixture() {
    say_hello();
    write(3);
    (void)hear(fresh("a", 0));
    write(20);
    down();
    counts.acknowledged = 10;
    counts.accepted = 7;
  }
  std::string fault(const welcome& w) {
    const auto out = hear(w);
    BOOST_TEST(client.session() == "a");
    return out.fault;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_client_without_a_session, client_fixture)

BOOST_AUTO_TEST_CASE(names_none_and_has_nothing) {
  const hello h = say_hello(9, 77);
  BOOST_TEST(h.version == 1U);
  BOOST_TEST(h.origin == "origin");
  BOOST_TEST(h.token == "token");
  BOOST_TEST(h.session == "");
  BOOST_TEST(h.recv == 0U);
  BOOST_TEST(h.from == 1U);
  BOOST_TEST(h.attach == 77U);
}

BOOST_AUTO_TEST_CASE(leaves_the_other_members_alone) {
  hello h;
  h.agent = "me";
  h.resume_required = true;
  h.window.bytes = 5;
  client.fill_hello(h, counts, 0, 1);
  BOOST_TEST(h.agent == "me");
  BOOST_TEST(h.resume_required);
  BOOST_TEST(h.window.bytes == 5U);
}

BOOST_AUTO_TEST_CASE(begins_one_without_having_lost_any) {
  say_hello();
  write(3);
  const auto out = hear(fresh("a", 0));
  BOOST_TEST(out.fault == "");
  BOOST_TEST(!out.resumed);
  BOOST_TEST(out.new_numbers);
  BOOST_TEST(out.delivered == 0U);
  BOOST_TEST(!out.ended.has_value());
  BOOST_TEST(client.session() == "a");
}

BOOST_AUTO_TEST_CASE(learns_from_a_welcome_that_was_lost_before_what_is_delivered) {
  say_hello();
  write(5);
  down();
  BOOST_TEST(say_hello().session == "");
  const auto out = hear(fresh("a", 4));
  BOOST_TEST(out.fault == "");
  BOOST_TEST(out.delivered == 4U);
  BOOST_TEST(!out.ended.has_value());
}

BOOST_AUTO_TEST_CASE(counts_what_strayed_before_the_welcome_when_that_session_is_lost) {
  say_hello();
  write(5);
  down();
  say_hello();
  (void)hear(fresh("a", 0));
  down();
  say_hello();
  const auto out = hear(fresh("b", 0));
  BOOST_TEST_REQUIRE(out.ended.has_value());
  BOOST_TEST(out.ended->uncertain == 5U);
}

BOOST_AUTO_TEST_CASE(cannot_resume) {
  say_hello();
  BOOST_TEST(hear(resumed("a", 0, 1)).fault == "resumed is true, and no session was named");
  BOOST_TEST(client.session() == "");
}

BOOST_AUTO_TEST_CASE(takes_no_notice_of_a_previous_one) {
  say_hello();
  welcome w = fresh("a", 0);
  w.previous = session_counters(7, 7);
  const auto out = hear(w);
  BOOST_TEST(out.fault == "");
  BOOST_TEST(!out.ended.has_value());
}

BOOST_AUTO_TEST_CASE(attaches_with_a_number_that_rises_whatever_the_clock_does) {
  BOOST_TEST(say_hello(0, 100).attach == 100U);
  BOOST_TEST(say_hello(0, 100).attach == 101U);
  BOOST_TEST(say_hello(0, 50).attach == 102U);
  BOOST_TEST(say_hello(0, 200).attach == 200U);
  BOOST_TEST(client.attach() == 200U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_client_in_a_session, settled_fixture)

BOOST_AUTO_TEST_CASE(names_it_and_what_it_has) {
  const hello h = say_hello(5);
  BOOST_TEST(h.session == "a");
  BOOST_TEST(h.recv == 5U);
  BOOST_TEST(h.from == 11U);
}

BOOST_AUTO_TEST_CASE(goes_on_with_it) {
  say_hello(5);
  const auto out = hear(resumed("a", 15, 6));
  BOOST_TEST(out.fault == "");
  BOOST_TEST(out.resumed);
  BOOST_TEST(!out.new_numbers);
  BOOST_TEST(out.delivered == 15U);
  BOOST_TEST(!out.ended.has_value());
}

BOOST_AUTO_TEST_CASE(is_told_exactly_what_became_of_its_messages) {
  say_hello(5);
  welcome w = fresh("b", 15);
  w.previous = session_counters(15, 9);
  const auto out = hear(w);
  BOOST_TEST(out.fault == "");
  BOOST_TEST(!out.resumed);
  BOOST_TEST(out.new_numbers);
  BOOST_TEST(out.delivered == 15U);
  BOOST_TEST_REQUIRE(out.ended.has_value());
  BOOST_TEST(out.ended->certain == 5U);
  BOOST_TEST(out.ended->uncertain == 0U);
  BOOST_TEST((out.ended->lost == 2U));
  BOOST_TEST(client.session() == "b");
}

BOOST_AUTO_TEST_CASE(is_told_of_no_more_than_it_knew) {
  say_hello(5);
  welcome w = fresh("b", 10);
  w.previous = session_counters(10, 7);
  const auto out = hear(w);
  BOOST_TEST(out.ended->certain == 0U);
  BOOST_TEST((out.ended->lost == 0U));
  BOOST_TEST(out.delivered == 10U);
}

BOOST_AUTO_TEST_CASE(counts_the_uncertain_if_nothing_is_known_of_the_old_one) {
  say_hello(5);
  const auto out = hear(fresh("b", 10));
  BOOST_TEST(out.delivered == 10U);
  BOOST_TEST_REQUIRE(out.ended.has_value());
  BOOST_TEST(out.ended->certain == 0U);
  BOOST_TEST(out.ended->uncertain == 10U);
  BOOST_TEST(!out.ended->lost.has_value());
}

BOOST_AUTO_TEST_CASE(does_not_count_what_only_the_new_one_has_seen) {
  say_hello(5);
  write(30);
  BOOST_TEST(hear(fresh("b", 10)).ended->uncertain == 10U);
}

BOOST_AUTO_TEST_CASE(counts_what_was_written_on_a_connection_that_named_it_and_was_never_answered) {
  say_hello(5);
  write(30);
  down();
  say_hello(5);
  write(40);
  BOOST_TEST(hear(fresh("b", 10)).ended->uncertain == 20U);
}

BOOST_AUTO_TEST_CASE(counts_the_uncertain_also_if_some_are_delivered_to_a_session_that_it_had_not_seen) {
  say_hello(5);
  write(30);
  down();
  say_hello(5);
  const auto out = hear(fresh("b", 25));
  BOOST_TEST(out.delivered == 25U);
  BOOST_TEST(out.ended->uncertain == 20U);
}

BOOST_AUTO_TEST_CASE(separates_what_the_old_one_and_an_unseen_one_took_over) {
  say_hello(5);
  write(30);
  down();
  say_hello(5);
  welcome w = fresh("b", 25);
  w.previous = session_counters(15, 7);
  const auto out = hear(w);
  BOOST_TEST(out.delivered == 25U);
  BOOST_TEST(out.ended->certain == 5U);
  BOOST_TEST(out.ended->uncertain == 0U);
}

BOOST_AUTO_TEST_CASE(counts_what_the_new_one_has_seen_when_that_is_lost_too) {
  say_hello(5);
  write(12);
  (void)hear(fresh("b", 10));
  write(14);
  down();
  counts.acknowledged = 11;
  counts.accepted = 0;
  say_hello();
  const auto out = hear(fresh("c", 11));
  BOOST_TEST(out.ended->uncertain == 3U);
}

BOOST_AUTO_TEST_CASE(forgets_it_when_both_agreed) {
  client.forget();
  const hello h = say_hello(5);
  BOOST_TEST(h.session == "");
  BOOST_TEST(h.recv == 0U);
  BOOST_TEST(h.from == 11U);
  BOOST_TEST(!hear(fresh("b", 10)).ended.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_welcome_is_refused, settled_fixture)

BOOST_AUTO_TEST_CASE(of_another_version) {
  say_hello(5);
  welcome w = resumed("a", 15, 6);
  w.version = 2;
  BOOST_TEST(fault(w) == "version was not offered");
}

BOOST_AUTO_TEST_CASE(for_a_session_that_was_not_named) {
  say_hello(5);
  BOOST_TEST(fault(resumed("b", 15, 6)) == "session is not the one that is resumed");
  BOOST_TEST(fault(resumed("", 15, 6)) == "session is empty");
  BOOST_TEST(fault(fresh("a", 15)) == "session is the one that is not resumed");
}

BOOST_AUTO_TEST_CASE(with_a_recv_that_cannot_be) {
  say_hello(5);
  BOOST_TEST(fault(resumed("a", 21, 6)) == "recv is beyond what was sent");
  BOOST_TEST(fault(resumed("a", 9, 6)) == "recv is below what was acknowledged");
  BOOST_TEST(fault(fresh("b", 21)) == "recv is beyond what was sent");
  BOOST_TEST(fault(fresh("b", 9)) == "recv is below what was acknowledged");
}

BOOST_AUTO_TEST_CASE(with_a_from_that_is_not_next) {
  say_hello(5);
  BOOST_TEST(fault(resumed("a", 15, 5)) == "from is not the next expected number");
  BOOST_TEST(fault(resumed("a", 15, 7)) == "from is not the next expected number");
  welcome w = fresh("b", 10);
  w.from = 6;
  BOOST_TEST(fault(w) == "from is not the next expected number");
}

BOOST_AUTO_TEST_CASE(with_previous_counters_that_cannot_be) {
  say_hello(5);
  welcome w = fresh("b", 20);
  w.previous = session_counters(21, 9);
  BOOST_TEST(fault(w) == "previous.recv is beyond what was sent");
  w.previous = session_counters(15, 6);
  BOOST_TEST(fault(w) == "previous.sent is below what was received");
  w = fresh("b", 14);
  w.previous = session_counters(15, 9);
  BOOST_TEST(fault(w) == "recv is below previous.recv");
}

BOOST_AUTO_TEST_CASE(and_nothing_is_changed_by_it) {
  say_hello(5);
  (void)fault(fresh("b", 21));
  BOOST_TEST(say_hello(5).session == "a");
  const auto out = hear(fresh("b", 10));
  BOOST_TEST(out.fault == "");
  BOOST_TEST(out.ended->uncertain == 10U);
}

BOOST_AUTO_TEST_SUITE_END()
