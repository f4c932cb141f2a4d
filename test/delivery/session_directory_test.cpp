// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Who may have which session, and what is remembered of those that are over.
#define BOOST_TEST_DYN_LINK
#include "delivery/session_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

using namespace tautline;
using namespace tautline::delivery;
using namespace std::chrono_literals;
using why = session_directory::why;

namespace {

directory_limits small() {
  directory_limits l;
  l.max_sessions = 3;
  l.max_ended = 6;
  return l;
}

struct directory_fixture {
  hello from_client(const std::string& session = "") {
    hello h;
    h.origin = "o";
    h.token = "secret";
    h.attach = ++attach;
    h.session = session;
    return h;
  }
  hello from_origin(const std::string& origin) {
    hello h = from_client();
    h.origin = origin;
    return h;
  }
  auto on(const hello& h, const std::string& id = "new") { return d.on_hello(h, id, now); }
  session_directory::create created(const hello& h, const std::string& id) {
    const auto decided = on(h, id);
    BOOST_TEST_REQUIRE(std::holds_alternative<session_directory::create>(decided));
    return std::get<session_directory::create>(decided);
  }
  session_directory::attach attached(const hello& h) {
    const auto decided = on(h);
    BOOST_TEST_REQUIRE(std::holds_alternative<session_directory::attach>(decided));
    return std::get<session_directory::attach>(decided);
  }
  std::string refused(const session_directory::decision& decided) {
    BOOST_TEST_REQUIRE(std::holds_alternative<session_directory::refuse>(decided));
    return std::string(name_of(std::get<session_directory::refuse>(decided).fault));
  }
  /// Counts how often it is asked.
  session_directory::seal counters(std::uint64_t recv, std::uint64_t sent) {
    return [this, recv, sent] {
      ++sealed;
      return session_counters(recv, sent);
    };
  }
  void end(const std::string& id, std::uint64_t recv = 0, std::uint64_t sent = 0, why reason = why::expired) {
    d.end("o", id, reason, counters(recv, sent), now);
  }

  time_point now = time_point(1h);
  session_directory d{small()};
  std::uint64_t attach = 0;
  int sealed = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_session_directory, directory_fixture)

BOOST_AUTO_TEST_CASE(creates_a_session_for_an_origin_that_it_does_not_know) {
  hello h = from_client();
  h.from = 107;
  const auto c = created(h, "a");
  BOOST_TEST(c.id == "a");
  BOOST_TEST(c.reason == "new");
  BOOST_TEST(!c.previous.has_value());
  BOOST_TEST(c.recv == 106U);
  BOOST_TEST(d.is_live("o", "a"));
  BOOST_TEST(!d.is_live("o", "b"));
  BOOST_TEST(!d.is_live("p", "a"));
  BOOST_TEST(!d.is_live("o", ""));
  BOOST_TEST(d.live() == 1U);
}

BOOST_AUTO_TEST_CASE(attaches_to_a_live_session_whatever_the_hello_names) {
  (void)created(from_client(), "a");
  for (const char* named : {"a", "", "b"}) {
    const auto a = attached(from_client(named));
    BOOST_TEST(a.id == "a");
    BOOST_TEST(!a.previous.has_value());
  }
  BOOST_TEST(d.live() == 1U);
}

BOOST_AUTO_TEST_CASE(refuses_another_version_before_all_else) {
  (void)created(from_client(), "a");
  hello h = from_client();
  h.version = 2;
  h.token = "wrong";
  BOOST_TEST(refused(on(h)) == "unsupported");
}

BOOST_AUTO_TEST_CASE(refuses_a_wrong_token_for_a_live_session_and_for_a_tombstone) {
  (void)created(from_client(), "a");
  hello h = from_client();
  h.token = "secres";
  const auto decided = on(h);
  BOOST_TEST(refused(decided) == "unauthorized");
  BOOST_TEST(std::get<session_directory::refuse>(decided).text.find("secre") == std::string::npos);
  end("a");
  h.attach = ++attach;
  BOOST_TEST(refused(on(h)) == "unauthorized");
  (void)created(from_client("a"), "b");
}

BOOST_AUTO_TEST_CASE(refuses_an_attach_that_is_not_higher) {
  (void)created(from_client(), "a");
  hello h = from_client("a");
  (void)attached(h);
  BOOST_TEST(refused(on(h)) == "superseded");
  --h.attach;
  BOOST_TEST(refused(on(h)) == "superseded");
  end("a");
  BOOST_TEST(refused(on(h)) == "superseded");
}

BOOST_AUTO_TEST_CASE(is_not_changed_by_what_it_refuses) {
  (void)created(from_client(), "a");
  hello h = from_client("b");
  h.attach = attach += 1'000;
  h.token = "wrong";
  BOOST_TEST(refused(on(h)) == "unauthorized");
  h.token = "secret";
  h.resume_required = true;
  BOOST_TEST(refused(on(h)) == "session_lost");
  h.resume_required = false;
  BOOST_TEST(attached(h).id == "a");
}

BOOST_AUTO_TEST_CASE(refuses_to_open_a_session_in_place_of_one_that_is_required) {
  hello h = from_client("a");
  h.resume_required = true;
  BOOST_TEST(refused(on(h)) == "session_lost");
  BOOST_TEST(d.origins() == 0U);
  h.session = "";
  (void)created(h, "a");
  h = from_client("a");
  h.resume_required = true;
  BOOST_TEST(attached(h).id == "a");
}

BOOST_AUTO_TEST_CASE(refuses_an_unseen_session_in_place_of_one_that_is_required) {
  (void)created(from_client(), "a");
  end("a");
  (void)created(from_client("a"), "b");
  hello h = from_client("a");
  h.resume_required = true;
  BOOST_TEST(refused(on(h)) == "session_lost");
  BOOST_TEST(d.is_live("o", "b"));
}

BOOST_AUTO_TEST_CASE(refuses_more_sessions_than_it_may_have_for_a_while) {
  for (const char* origin : {"p", "q", "o"}) (void)created(from_origin(origin), "s");
  const auto decided = on(from_origin("r"));
  BOOST_TEST(refused(decided) == "overloaded");
  BOOST_TEST((std::get<session_directory::refuse>(decided).retry_after_ms == 5'000U));
  BOOST_TEST(d.origins() == 3U);
  (void)attached(from_client());
  end("s");
  (void)created(from_origin("r"), "s");
}

BOOST_AUTO_TEST_CASE(refuses_a_new_session_while_the_others_hold_too_much) {
  auto l = directory_limits();
  l.max_bytes = 100;
  session_directory small(l);
  (void)small.on_hello(from_origin("p"), "a", time_point(), 99);
  BOOST_TEST(refused(small.on_hello(from_origin("q"), "b", time_point(), 100)) == "overloaded");
  BOOST_TEST(small.live() == 1U);
}

BOOST_AUTO_TEST_CASE(tells_the_counters_of_the_session_that_is_named) {
  (void)created(from_client(), "a");
  end("a", 12, 30);
  BOOST_TEST(d.live() == 0U);
  BOOST_TEST(d.ended() == 1U);
  BOOST_TEST(sealed == 0);
  hello h = from_client("a");
  h.from = 11;
  const auto c = created(h, "b");
  BOOST_TEST(c.reason == "expired");
  BOOST_TEST_REQUIRE(c.previous.has_value());
  BOOST_TEST(c.previous->recv == 12U);
  BOOST_TEST(c.previous->sent == 30U);
  BOOST_TEST(c.recv == 12U);
  BOOST_TEST(sealed == 1);
}

BOOST_AUTO_TEST_CASE(tells_the_same_again_to_a_client_that_did_not_hear_it) {
  (void)created(from_client(), "a");
  end("a", 12, 30);
  (void)created(from_client("a"), "b");
  const auto again = attached(from_client("a"));
  BOOST_TEST(again.id == "b");
  BOOST_TEST_REQUIRE(again.previous.has_value());
  BOOST_TEST(again.previous->recv == 12U);
  BOOST_TEST(sealed == 1);
  BOOST_TEST(!attached(from_client("b")).previous.has_value());
}

BOOST_AUTO_TEST_CASE(takes_nothing_twice_that_a_session_took_over_whose_welcome_was_lost) {
  (void)created(from_client(), "a");
  end("a", 12, 30);
  (void)created(from_client("a"), "unseen");
  end("unseen", 20, 3);
  const auto c = created(from_client("a"), "b");
  BOOST_TEST_REQUIRE(c.previous.has_value());
  BOOST_TEST(c.previous->recv == 12U);
  BOOST_TEST(c.previous->sent == 30U);
  BOOST_TEST(c.recv == 20U);
  BOOST_TEST(sealed == 2);
}

BOOST_AUTO_TEST_CASE(takes_nothing_twice_of_a_client_that_never_saw_a_welcome) {
  (void)created(from_client(), "unseen");
  end("unseen", 20, 3);
  const auto c = created(from_client(), "b");
  BOOST_TEST(c.reason == "new");
  BOOST_TEST(!c.previous.has_value());
  BOOST_TEST(c.recv == 20U);
}

BOOST_AUTO_TEST_CASE(says_why_a_session_is_over) {
  BOOST_TEST(created(from_client("x"), "a").reason == "restarted");
  end("a", 0, 0, why::unknown);
  BOOST_TEST(created(from_client("a"), "b").reason == "unknown");
  end("b", 0, 0, why::expired);
  BOOST_TEST(created(from_client("x"), "c").reason == "unknown");
  end("c");
  BOOST_TEST(created(from_client("b"), "d").reason == "expired");
}

BOOST_AUTO_TEST_CASE(does_not_tell_counters_that_contradict_what_the_client_has) {
  (void)created(from_client(), "a");
  end("a", 12, 30);
  hello h = from_client("a");
  h.from = 14;
  const auto c = created(h, "b");
  BOOST_TEST(!c.previous.has_value());
  BOOST_TEST(c.recv == 13U);
  h = from_client("a");
  h.recv = 31;
  BOOST_TEST(!attached(h).previous.has_value());
}

BOOST_AUTO_TEST_CASE(ends_only_what_is_live) {
  (void)created(from_client(), "a");
  end("b");
  d.end("p", "a", why::expired, counters(0, 0), now);
  BOOST_TEST(d.live() == 1U);
  BOOST_TEST(d.ended() == 0U);
}

// Instead of one that cannot go on.

BOOST_AUTO_TEST_CASE(replaces_a_session_that_cannot_go_on) {
  (void)created(from_client(), "a");
  const hello h = from_client("a");
  (void)attached(h);
  const auto decided = d.replace(h, "b", "a", counters(12, 30), now);
  BOOST_TEST_REQUIRE(std::holds_alternative<session_directory::create>(decided));
  const auto& c = std::get<session_directory::create>(decided);
  BOOST_TEST(c.id == "b");
  BOOST_TEST(c.reason == "unknown");
  BOOST_TEST_REQUIRE(c.previous.has_value());
  BOOST_TEST(c.previous->recv == 12U);
  BOOST_TEST(c.recv == 12U);
  BOOST_TEST(d.is_live("o", "b"));
  BOOST_TEST(d.live() == 1U);
  BOOST_TEST(refused(on(h)) == "superseded");
  (void)attached(from_client("b"));
}

BOOST_AUTO_TEST_CASE(replaces_a_session_also_when_it_is_full) {
  for (const char* origin : {"p", "q", "o"}) (void)created(from_origin(origin), "s");
  const hello h = from_client("s");
  (void)attached(h);
  BOOST_TEST(std::holds_alternative<session_directory::create>(d.replace(h, "b", "s", counters(0, 0), now)));
  BOOST_TEST(d.live() == 3U);
}

BOOST_AUTO_TEST_CASE(replaces_no_session_that_is_required_and_forgets_it) {
  (void)created(from_client(), "a");
  hello h = from_client("a");
  h.resume_required = true;
  (void)attached(h);
  BOOST_TEST(refused(d.replace(h, "b", "a", counters(12, 30), now)) == "session_lost");
  BOOST_TEST(d.live() == 0U);
  BOOST_TEST(created(from_client("a"), "b").reason == "unknown");
}

BOOST_AUTO_TEST_CASE(replaces_nothing_for_a_hello_that_is_not_the_newest) {
  (void)created(from_client(), "a");
  const hello h = from_client("a");
  (void)attached(h);
  (void)attached(from_client("a"));
  BOOST_TEST(refused(d.replace(h, "b", "a", counters(0, 0), now)) == "superseded");
  BOOST_TEST(d.is_live("o", "a"));
  BOOST_TEST(sealed == 0);
}

// What is remembered.

BOOST_AUTO_TEST_CASE(keeps_of_an_agreed_end_the_token_and_the_attach_alone) {
  (void)created(from_client(), "a");
  end("a", 12, 30);
  (void)created(from_client("a"), "b");
  d.end_agreed("o", "b", now);
  BOOST_TEST(d.live() == 0U);
  BOOST_TEST(d.ended() == 1U);
  hello h = from_client("b");
  h.token = "wrong";
  BOOST_TEST(refused(on(h)) == "unauthorized");
  h.token = "secret";
  h.attach = 1;
  BOOST_TEST(refused(on(h)) == "superseded");
  const auto c = created(from_client("b"), "c");
  BOOST_TEST(c.reason == "unknown");
  BOOST_TEST(!c.previous.has_value());
  BOOST_TEST(c.recv == 0U);
}

BOOST_AUTO_TEST_CASE(forgets_an_origin_a_day_after_its_last_session) {
  (void)created(from_client(), "a");
  end("a", 12, 30);
  now += 24h - 1ns;
  BOOST_TEST(refused(on([&] {
               auto h = from_client();
               h.token = "wrong";
               return h;
             }())) == "unauthorized");
  now += 1ns;
  hello h = from_client("a");
  h.token = "another";
  const auto c = created(h, "b");
  BOOST_TEST(c.reason == "restarted");
  BOOST_TEST(!c.previous.has_value());
  BOOST_TEST(sealed == 0);
  BOOST_TEST(d.ended() == 0U);
}

BOOST_AUTO_TEST_CASE(never_forgets_the_origin_of_a_live_session) {
  (void)created(from_client(), "a");
  end("a");
  (void)created(from_client("a"), "b");
  now += 48h;
  BOOST_TEST(attached(from_client("b")).id == "b");
  BOOST_TEST(d.ended() == 0U);
}

BOOST_AUTO_TEST_CASE(keeps_four_ended_sessions_of_an_origin) {
  std::string last;
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    (void)created(from_client(std::exchange(last, id)), id);
    end(id, 5, 6);
  }
  BOOST_TEST(d.ended() == 4U);
  BOOST_TEST(!created(from_client("a"), "x").previous.has_value());
  BOOST_TEST(attached(from_client("b")).previous.has_value());
}

BOOST_AUTO_TEST_CASE(keeps_no_more_ended_sessions_than_it_may_and_drops_the_oldest) {
  const std::string origins = "abcdefgh";
  for (const char origin : origins) {
    (void)created(from_origin({origin}), "s");
    d.end({origin}, "s", why::expired, counters(1, 1), now);
  }
  BOOST_TEST(d.ended() == 6U);
  BOOST_TEST(d.origins() == 6U);
  hello h = from_origin("b");
  h.session = "s";
  BOOST_TEST(created(h, "t").reason == "restarted");
  h = from_origin("c");
  h.session = "s";
  BOOST_TEST(created(h, "t").reason == "expired");
}

BOOST_AUTO_TEST_SUITE_END()
