// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Runs every program of docs/examples: as its reader would, alone, and where it takes a URL also
// against a process of its own.
#define BOOST_TEST_DYN_LINK
#include "examples/child.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace unit_test = boost::unit_test;
using namespace std::chrono_literals;
using tautline_test::child;
using tautline_test::is_built;

constexpr auto limit = 60s;  // of a sanitizer's build on a busy machine

// The lines must come in this order; others may stand between them.
void check_output(const std::string& output, const std::vector<std::string>& wanted) {
  std::size_t from = 0;
  for (const auto& line : wanted) {
    const auto at = output.find(line, from);
    BOOST_CHECK_MESSAGE(at != std::string::npos, "'" << line << "' is missing, or not in its place, in:\n" << output);
    if (at != std::string::npos) from = at + line.size();
  }
}

void runs_alone(const std::string& program, const std::vector<std::string>& wanted) {
  child c(program, {}, limit);
  const int code = c.exit_code();
  BOOST_CHECK_MESSAGE(code == 0, program << " ended with " << code << " and said:\n" << c.output());
  check_output(c.output(), wanted);
}

struct echo_process {
  echo_process() : serve("tautline", {"serve", "--listen", "127.0.0.1:0", "--drain-window", "0s"}, limit) {
    url = serve.line_with("listening ws://").substr(std::string("listening ").size());
  }
  child serve;
  std::string url;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(examples_alone)

BOOST_AUTO_TEST_CASE(the_minimal_client_gets_its_message_back,
                     *unit_test::precondition(is_built("example_minimal_client"))) {
  runs_alone("example_minimal_client", {"delivered\n", "received: hello\n"});
}

BOOST_AUTO_TEST_CASE(the_feed_consumer_fails_over_and_renews_its_subscriptions,
                     *unit_test::precondition(is_built("example_feed_consumer"))) {
  runs_alone("example_feed_consumer", {"down: connect: ", "up: ws://127.0.0.1:", "down: ", "up: ws://127.0.0.1:",
                                       "EURCHF 1.5\n", "EURUSD 1\n", "across 1 reconnect(s)\n"});
}

BOOST_AUTO_TEST_CASE(the_worker_delivers_all_before_it_ends, *unit_test::precondition(is_built("example_worker"))) {
  runs_alone("example_worker", {"working\n", "draining\n", "delivered 50 of 50\n"});
}

BOOST_AUTO_TEST_CASE(many_links_share_a_pool, *unit_test::precondition(is_built("example_many_links"))) {
  runs_alone("example_many_links", {"8 links delivered 4000 messages\n"});
}

BOOST_AUTO_TEST_CASE(a_beast_server_hands_its_upgrades_over,
                     *unit_test::precondition(is_built("example_beast_http_server"))) {
  runs_alone("example_beast_http_server", {"http and ws on port ", "GET: this is HTTP\n", "link: this is WebSocket\n"});
}

BOOST_AUTO_TEST_CASE(a_backoff_and_a_heartbeat_of_ones_own_are_used,
                     *unit_test::precondition(is_built("example_custom_backoff_heartbeat"))) {
  runs_alone("example_custom_backoff_heartbeat",
             {"down: upgrade: the server refused with HTTP 500", "down: upgrade: the server refused with HTTP 500",
              "up at attempt 3\n", "received: enough questions\n", "round trip known: true\n"});
}

BOOST_AUTO_TEST_CASE(a_refused_token_is_followed_by_a_fresh_one,
                     *unit_test::precondition(is_built("example_fresh_token"))) {
  runs_alone("example_fresh_token", {"attempt 1\n", "attempt 2, after: upgrade: the server refused with HTTP 401",
                                     "delivered\n", "tokens used: 2\n"});
}

BOOST_AUTO_TEST_CASE(a_repeat_after_a_lost_session_is_recognised_by_its_id,
                     *unit_test::precondition(is_built("example_session"))) {
  // The repeat and the report of the reset cross on their way.
  runs_alone("example_session", {"booked order 2\n", "session reset: 0 certain, 1 uncertain", "booked order 3\n"});
  runs_alone("example_session", {"booked order 1\n", "booked order 2\n", "the server starts again\n",
                                 "not booked again: order 2\n", "booked order 3\n", "delivered 3, booked 3\n"});
}

BOOST_AUTO_TEST_CASE(callbacks_and_futures_do_without_coroutines,
                     *unit_test::precondition(is_built("example_callbacks_and_futures"))) {
  runs_alone("example_callbacks_and_futures", {"callback: first\n", "callback: second\n"});
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(examples_with_a_url, *unit_test::precondition(is_built("tautline")))

BOOST_AUTO_TEST_CASE(the_minimal_client_talks_to_any_server,
                     *unit_test::precondition(is_built("example_minimal_client"))) {
  echo_process server;
  child c("example_minimal_client", {server.url}, limit);
  BOOST_TEST(c.exit_code() == 0);
  check_output(c.output(), {"delivered\n", "received: hello\n"});
}

BOOST_AUTO_TEST_CASE(the_worker_obeys_a_real_sigterm, *unit_test::precondition(is_built("example_worker"))) {
  echo_process server;
  child c("example_worker", {server.url}, limit);
  (void)c.line_with("working");
  c.signal(SIGTERM);
  BOOST_TEST(c.exit_code() == 0);
  check_output(c.output(), {"working\n", "draining\n", "delivered "});
}

BOOST_AUTO_TEST_CASE(many_links_talk_to_any_server, *unit_test::precondition(is_built("example_many_links"))) {
  echo_process server;
  child c("example_many_links", {server.url}, limit);
  BOOST_TEST(c.exit_code() == 0);
  check_output(c.output(), {"8 links delivered 4000 messages\n"});
}

BOOST_AUTO_TEST_CASE(the_beast_server_serves_until_it_is_told_to_end,
                     *unit_test::precondition(is_built("example_beast_http_server"))) {
  child server("example_beast_http_server", {"0"}, limit);
  const auto line = server.line_with("http and ws on port ");
  const auto port = line.substr(line.rfind(' ') + 1);
  child c("example_minimal_client", {"ws://127.0.0.1:" + port + "/"}, limit);
  BOOST_TEST(c.exit_code() == 0);
  server.signal(SIGTERM);
  BOOST_TEST(server.exit_code() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(no_example_goes_without_a_test) {
  std::vector<std::string> tested = {"minimal_client", "feed_consumer",         "worker",
                                     "many_links",     "beast_http_server",     "custom_backoff_heartbeat",
                                     "fresh_token",    "callbacks_and_futures", "session"};
  std::vector<std::string> there;
  for (const auto& file : std::filesystem::directory_iterator(TAUTLINE_SOURCE_DIR "/docs/examples"))
    if (file.path().extension() == ".cpp") there.push_back(file.path().stem());
  std::sort(tested.begin(), tested.end());
  std::sort(there.begin(), there.end());
  BOOST_TEST(there == tested, boost::test_tools::per_element());
}
