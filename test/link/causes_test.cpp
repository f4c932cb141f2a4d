// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What follows from a cause: retry, another endpoint, another URL, or the end.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <initializer_list>
#include <stdexcept>

using namespace tautline;
using namespace tautline::testing;

namespace {

options two_endpoints() {
  options o("ws://server/");
  o.endpoints.emplace_back("ws://other/");
  o.backoff.jitter = jitter::none;
  return o;
}

options with_provider(endpoint_provider p) {
  options o;
  o.provider = std::move(p);
  o.backoff.jitter = jitter::none;
  o.connect_timeout = 3s;
  return o;
}

asio::awaitable<target> server_with_token(int n) {
  target t("ws://server/?token=" + std::to_string(n));
  t.headers.emplace_back("Authorization", "Bearer " + std::to_string(n));
  co_return t;
}

asio::awaitable<target> throws() {
  throw std::runtime_error("no token today");
  co_return target();
}

/// Waits for ever, on the world's clock.
asio::awaitable<target> never(std::shared_ptr<sleeper> s) {
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [s](auto handler) {
        auto h = std::make_shared<decltype(handler)>(std::move(handler));
        s->wait_until(time_point::max(), [h](bool) { std::move (*h)(); });
      },
      asio::use_awaitable);
  co_return target();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(causes_suite)

BOOST_AUTO_TEST_CASE(fatal_http_statuses_end_the_run_with_their_code) {
  for (const unsigned status : {400U, 401U, 403U, 404U, 410U}) {
    BOOST_TEST_CONTEXT("HTTP " << status) {
      world w;
      w.follow_events();
      w.host.answers(answer::http(status));
      auto& run = w.run();
      w.run_for(1s);
      BOOST_TEST((run.code == error_code(static_cast<int>(status), http_category())));
      BOOST_TEST(w.l->status().why.http_status == status);
      BOOST_TEST((w.l->status().why.what_follows == verdict::fatal));
      BOOST_TEST(w.host.attempts().size() == 1U);
      BOOST_TEST(w.count(event_kind::gave_up) == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(passing_http_statuses_are_retried) {
  for (const unsigned status : {408U, 425U, 429U, 500U, 502U, 503U, 504U}) {
    BOOST_TEST_CONTEXT("HTTP " << status) {
      world w;
      w.host.answers_next(answer::http(status));
      auto& run = w.run();
      w.run_for(3s);
      BOOST_TEST(!run.code.has_value());
      BOOST_TEST((w.l->status().state == link_state::connected));
    }
  }
}

BOOST_AUTO_TEST_CASE(fatal_close_codes_end_the_run_with_their_code) {
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{1002, 1003, 1007, 1008, 1009, 1010}) {
    BOOST_TEST_CONTEXT("close " << code) {
      world w;
      auto& run = w.run();
      w.run_for(1s);
      w.host.close_all(code, "because");
      w.run_for(1s);
      BOOST_TEST((run.code == error_code(code, close_category())));
      BOOST_TEST(w.l->status().why.close_code == code);
      BOOST_TEST(w.l->status().why.close_reason == "because");
      BOOST_TEST(w.host.connections() == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(passing_close_codes_are_retried) {
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{0, 1000, 1001, 1011, 1012, 1013, 1014}) {
    BOOST_TEST_CONTEXT("close " << code) {
      world w;
      auto& run = w.run();
      w.run_for(6s);
      w.host.close_all(code);
      w.run_for(2s);
      BOOST_TEST(!run.code.has_value());
      BOOST_TEST(w.host.connections() == 2U);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_end_without_a_close_frame_is_retried) {
  world w;
  w.up();
  w.run_for(6s);
  w.host.drop_all();
  w.run_for(1s);
  BOOST_TEST(w.host.connections() == 2U);
}

BOOST_AUTO_TEST_CASE(a_hook_may_change_the_verdict_either_way) {
  options o("ws://server/");
  o.classify = [](const cause& c) { return c.http_status == 404 ? verdict::retry : verdict::fatal; };
  world w(o);
  w.host.answers_next(answer::http(404));
  w.host.answers_next(answer::http(503));
  auto& run = w.run();
  w.run_for(10s);
  BOOST_TEST((run.code == error_code(503, http_category())));
  BOOST_TEST(w.host.attempts().size() == 2U);
}

BOOST_AUTO_TEST_CASE(another_endpoint_is_tried_without_the_full_delay) {
  world w(two_endpoints());
  auto other = w.net.host("other");
  w.host.answers(answer::refuse());
  w.up();
  BOOST_TEST((w.elapsed() < 200ms));
  BOOST_TEST(other.connections() == 1U);
  BOOST_TEST(w.l->status().endpoint.find("other") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_worked_is_kept_until_it_fails) {
  world w(two_endpoints());
  auto other = w.net.host("other");
  w.host.answers_next(answer::refuse());
  w.up();
  w.run_for(6s);
  other.reset_all();
  w.run_for(1s);
  BOOST_TEST(other.connections() == 2U);
  BOOST_TEST(w.host.attempts().size() == 1U);
  other.answers(answer::refuse());
  other.reset_all();
  BOOST_TEST(w.until([&] { return w.host.connections() == 1; }, 10s));
}

BOOST_AUTO_TEST_CASE(one_fatal_endpoint_does_not_end_a_link_that_has_another) {
  world w(two_endpoints());
  auto other = w.net.host("other");
  w.host.answers(answer::http(404));
  w.up();
  BOOST_TEST(other.connections() == 1U);
  other.answers(answer::http(410));
  other.reset_all();
  BOOST_TEST(w.until([&] { return w.runs[0].code.has_value(); }, 1min));
  BOOST_TEST((w.runs[0].code == error_code(410, http_category())));
}

BOOST_AUTO_TEST_CASE(five_redirects_are_followed_in_one_attempt) {
  world w;
  for (int i = 1; i <= 5; ++i) {
    const auto from = i == 1 ? std::string("server") : "hop" + std::to_string(i - 1);
    w.net.host(from).answers(answer::redirect(i % 2 == 0 ? 302 : 307, "ws://hop" + std::to_string(i) + "/next"));
  }
  auto last = w.net.host("hop5");
  w.up();
  BOOST_TEST(last.connections() == 1U);
  BOOST_TEST(last.attempts().at(0).url == "ws://hop5/next");
  BOOST_TEST(w.host.attempts().size() == 1U);
  BOOST_TEST(w.l->status().attempt == 1U);
}

BOOST_AUTO_TEST_CASE(a_redirect_to_another_host_does_not_take_credentials_along) {
  auto o = options("ws://server/");
  o.headers = {header("authorization", "Bearer secret"), header("Cookie", "id=1"), header("X-Trace", "7")};
  world w(o);
  auto other = w.net.host("other");
  w.host.answers(answer::redirect(302, "ws://other/"));
  w.run();
  w.run_for(1s);
  BOOST_REQUIRE(other.attempts().size() == 1U);
  const auto& sent = other.attempts()[0].headers;
  BOOST_REQUIRE(sent.size() == 1U);
  BOOST_TEST(sent[0].name == "X-Trace");
  BOOST_REQUIRE(!w.host.attempts().empty());
  BOOST_TEST(w.host.attempts()[0].headers.size() == 3U);
}

BOOST_AUTO_TEST_CASE(the_sixth_redirect_fails_the_attempt) {
  auto o = options("ws://server/");
  o.backoff.max_attempts = 1;
  world w(o);
  w.host.answers(answer::redirect(301, "/again"));
  auto& run = w.run();
  w.run_for(5s);
  BOOST_TEST(w.host.attempts().size() == 6U);
  BOOST_TEST(w.l->status().why.code == make_error_code(errc::too_many_redirects));
  BOOST_TEST(run.code.has_value());
}

BOOST_AUTO_TEST_CASE(a_redirect_from_tls_to_plain_is_refused) {
  auto o = options("wss://server/");
  o.backoff.max_attempts = 1;
  world w(o);
  w.net.host("server:443").answers(answer::redirect(302, "ws://server/"));
  w.run();
  w.run_for(5s);
  BOOST_TEST(w.l->status().why.code == make_error_code(errc::insecure_redirect));
  BOOST_TEST(w.host.attempts().empty());
}

BOOST_AUTO_TEST_CASE(a_provider_is_asked_before_every_attempt) {
  int calls = 0;
  world w(with_provider([&](attempt_info) { return server_with_token(++calls); }));
  w.host.answers_next(answer::refuse());
  w.up();
  BOOST_TEST(calls == 2);
  BOOST_TEST(w.host.attempts()[1].url == "ws://server/?token=2");
  BOOST_TEST(w.host.attempts()[1].headers.at(0).value == "Bearer 2");
}

BOOST_AUTO_TEST_CASE(a_refused_credential_is_retried_with_a_fresh_one) {
  int calls = 0;
  std::vector<unsigned> told;
  world w(with_provider([&](attempt_info i) {
    told.push_back(i.last.http_status);
    return server_with_token(++calls);
  }));
  w.host.answers_next(answer::http(401));
  w.host.answers_next(answer::http(403));
  w.up();
  BOOST_TEST((told == std::vector<unsigned>{0, 401, 403}));
}

BOOST_AUTO_TEST_CASE(a_provider_that_throws_counts_as_a_failed_attempt_and_never_ends_the_link) {
  int calls = 0;
  world w(with_provider([&](attempt_info) { return ++calls < 3 ? throws() : server_with_token(calls); }));
  w.follow_events();
  w.up();
  BOOST_TEST(calls == 3);
  BOOST_REQUIRE(w.count(event_kind::down) == 2U);
  BOOST_TEST((w.events[0].why.where == phase::provider));
  BOOST_TEST(w.events[0].why.code == make_error_code(errc::provider_failed));
}

BOOST_AUTO_TEST_CASE(a_provider_that_throws_before_it_is_a_coroutine_is_no_different) {
  int calls = 0;
  world w(with_provider([&](attempt_info) -> asio::awaitable<target> {
    if (++calls == 1) throw std::runtime_error("at once");
    return server_with_token(calls);
  }));
  w.up();
  BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(a_provider_that_never_ends_is_left_at_the_deadline) {
  int calls = 0;
  std::shared_ptr<sleeper> held;
  world* here = nullptr;
  world w(with_provider([&](attempt_info) {
    if (++calls > 1) return server_with_token(calls);
    held = here->time->make_sleeper(here->io.get_executor());
    return never(held);
  }));
  here = &w;
  w.follow_events();
  w.run();
  w.run_for(2900ms);
  BOOST_TEST(w.count(event_kind::down) == 0U);
  w.up();
  BOOST_TEST(calls == 2);
  BOOST_TEST((w.events[0].why.where == phase::provider));
  held.reset();
}

BOOST_AUTO_TEST_CASE(a_link_can_be_cancelled_while_its_provider_thinks) {
  std::shared_ptr<sleeper> held;
  world* here = nullptr;
  world w(with_provider([&](attempt_info) {
    held = here->time->make_sleeper(here->io.get_executor());
    return never(held);
  }));
  here = &w;
  auto& run = w.run();
  w.run_for(1s);
  w.l->cancel();
  w.run_for(0s);
  BOOST_TEST((run.code == error_code(operation_aborted)));
  held.reset();
}

BOOST_AUTO_TEST_CASE(a_url_that_cannot_be_read_is_fatal) {
  world w(with_provider([](attempt_info) -> asio::awaitable<target> { co_return target("http//nonsense"); }));
  auto& run = w.run();
  w.run_for(1s);
  BOOST_TEST((run.code == make_error_code(errc::invalid_url)));
}

BOOST_AUTO_TEST_CASE(an_attempt_ends_at_the_connect_timeout) {
  auto o = options("ws://server/");
  o.connect_timeout = 3s;
  for (const auto where : {phase::resolve, phase::connect, phase::upgrade}) {
    BOOST_TEST_CONTEXT("hangs in " << to_string(where)) {
      world w(o);
      w.follow_events();
      w.host.answers_next(answer::hang(where));
      w.run();
      BOOST_TEST(w.until([&] { return w.count(event_kind::down) == 1; }, 1min));
      BOOST_TEST((w.elapsed() == 3s));
      BOOST_TEST((w.events[0].why.where == where));
      w.up();
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
