// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What must stay secret is looked for in every text that a link produces.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

#include <boost/asio/awaitable.hpp>

#include <stdexcept>

using namespace tautline;
using namespace tautline::testing;

namespace {

const std::string marker = "s3cr3t";

options talkative(std::string& log) {
  options o;
  o.provider = [](attempt_info i) -> asio::awaitable<target> {
    if (i.attempt == 2) throw std::runtime_error("token " + marker + " was refused");
    target t("ws://user:" + marker + "@server/feed?token=" + marker);
    t.headers.emplace_back("Authorization", "Bearer " + marker);
    co_return t;
  };
  o.headers.emplace_back("Cookie", marker);
  o.log.level = log_level::trace;
  o.log.sink = [&log](log_level, std::string_view text) { log += std::string(text) + "\n"; };
  return o;
}

void look_at(const cause& c, std::string& all) {
  all += c.describe() + c.detail + c.location + c.code.message() + "\n";
}

void look_at(const status& s, std::string& all) {
  all += s.endpoint + s.subprotocol + indicator(s, true) + "\n";
  look_at(s.why, all);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(secrets_suite)

BOOST_AUTO_TEST_CASE(credentials_never_reach_log_status_events_or_errors) {
  std::string texts;
  world w(talkative(texts));
  w.follow_events();
  w.host.answers_next(answer::http(401));
  w.host.answers_next(answer::redirect(302, "ws://" + marker + "@server/?key=" + marker));
  w.host.answers_next(answer::refuse());
  w.run();
  for (int i = 0; i < 40; ++i) {
    w.run_for(500ms);
    look_at(w.l->status(), texts);
  }
  BOOST_TEST((w.l->status().state == link_state::connected));
  w.host.reset_all();
  w.run_for(1s);
  w.close();
  w.run_for(1min);
  for (const auto& e : w.events) {
    look_at(e.status, texts);
    look_at(e.why, texts);
  }
  texts += prometheus_text(w.l->metrics());
  BOOST_TEST(texts.size() > 1000U, "something was said at all");
  BOOST_TEST(texts.find(marker) == std::string::npos);
  BOOST_TEST(w.host.attempts().at(0).url.find(marker) != std::string::npos, "the server did get it");
}

BOOST_AUTO_TEST_CASE(payloads_are_not_logged) {
  std::string texts;
  auto o = options("ws://server/");
  o.log.level = log_level::trace;
  o.log.sink = [&](log_level, std::string_view text) { texts += text; };
  world w(o);
  w.host.echoes();
  w.up();
  w.send(message(marker));
  w.run_for(10s);
  w.host.reset_all();
  w.run_for(10s);
  BOOST_TEST(!texts.empty());
  BOOST_TEST(texts.find(marker) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_is_said_below_the_level) {
  int lines = 0;
  auto o = options("ws://server/");
  o.log.level = log_level::off;
  o.log.sink = [&](log_level, std::string_view) { ++lines; };
  world w(o);
  w.up();
  w.host.reset_all();
  w.run_for(10s);
  BOOST_TEST(lines == 0);
}

BOOST_AUTO_TEST_SUITE_END()
