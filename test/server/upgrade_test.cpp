// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Who is let in, and what the others are told.
#include "raw_client.hpp"
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <stdexcept>

namespace server_test {
namespace {

std::vector<header> one_header(std::string name, std::string value) {
  std::vector<header> headers;
  headers.emplace_back(std::move(name), std::move(value));
  return headers;
}

asio::awaitable<upgrade_answer> answer_to(server& s, std::vector<header> headers) {
  raw_client client(s.get_executor());
  auto answer = co_await client.upgrade(s.local_endpoint(), std::move(headers));
  co_return answer;
}

asio::awaitable<authorization> by_token(const upgrade_request& r) {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  if (r.find("Authorization") == "Bearer good") co_return authorization::accept();
  if (r.find("Authorization").empty()) co_return authorization::refuse(401, "who are you?");
  co_return authorization::refuse(403);
}

asio::awaitable<authorization> choose_subprotocol(const upgrade_request&) {
  co_return authorization::accept("second", one_header("X-Seen", "yes"));
}

asio::awaitable<authorization> fail(const upgrade_request&) {
  throw std::runtime_error("the database of secrets is down");
  co_return authorization::accept();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(upgrade)

BOOST_AUTO_TEST_CASE(browsers_of_other_origins_stay_outside) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.origins = {"https://example.com"};
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    const auto wrong = co_await answer_to(s, one_header("Origin", "https://evil.example"));
    BOOST_TEST(wrong.status == 403U);
    const auto right = co_await answer_to(s, one_header("Origin", "https://example.com"));
    BOOST_TEST(right.status == 101U);
    const auto no_browser = co_await answer_to(s, std::vector<header>());
    BOOST_TEST(no_browser.status == 101U);
    co_await eventually([&] { return s.metrics().refused == 1 && s.metrics().upgraded == 2; });
    BOOST_TEST(s.metrics().failed == 0);
  });
}

BOOST_AUTO_TEST_CASE(authorize_lets_in_or_refuses_after_it_has_waited) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.authorize = &by_token;
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    const auto unknown = co_await answer_to(s, std::vector<header>());
    BOOST_TEST(unknown.status == 401U);
    BOOST_TEST(unknown.body.starts_with("who are you?"));
    const auto wrong = co_await answer_to(s, one_header("Authorization", "Bearer bad"));
    BOOST_TEST(wrong.status == 403U);
    const auto right = co_await answer_to(s, one_header("Authorization", "Bearer good"));
    BOOST_TEST(right.status == 101U);
    co_await eventually([&] { return s.metrics().refused == 2 && s.metrics().upgraded == 1; });
  });
}

BOOST_AUTO_TEST_CASE(authorize_chooses_the_subprotocol_and_adds_headers) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.authorize = &choose_subprotocol;
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    const auto answer = co_await answer_to(s, one_header("Sec-WebSocket-Protocol", "first, second"));
    BOOST_TEST(answer.status == 101U);
    BOOST_TEST(answer.find("Sec-WebSocket-Protocol") == "second");
    BOOST_TEST(answer.find("X-Seen") == "yes");
  });
}

BOOST_AUTO_TEST_CASE(both_links_know_the_subprotocol_that_was_agreed_on) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.subprotocols = {"chat.v2", "chat.v1"};
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    auto wish = client_options(s.url());
    wish.subprotocols = {"chat.v1", "chat.v2"};
    link client(io.get_executor(), wish);
    client.async_run(asio::detached);
    auto peer = co_await accepted(s);
    peer.async_run(asio::detached);
    co_await client.async_wait(link_state::connected, asio::use_awaitable);
    co_await peer.async_wait(link_state::connected, asio::use_awaitable);
    BOOST_TEST(client.status().subprotocol == "chat.v2");
    BOOST_TEST(peer.status().subprotocol == "chat.v2");
  });
}

BOOST_AUTO_TEST_CASE(an_authorize_that_throws_is_a_server_error_and_tells_the_peer_nothing) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.authorize = &fail;
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    const auto answer = co_await answer_to(s, std::vector<header>());
    BOOST_TEST(answer.status == 500U);
    BOOST_TEST(answer.body.find("database") == std::string::npos);
    co_await eventually([&] { return s.metrics().open == 0; });
    BOOST_TEST(s.metrics().upgraded == 0);
  });
}

BOOST_AUTO_TEST_CASE(plain_requests_get_their_pages_and_become_no_link) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.serve_page = [](std::string_view target) {
      if (target == "/healthz") return server_options::page(200, "text/plain", "ok");
      return server_options::page();
    };
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    const std::string rest = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const auto health = co_await exchange(s.local_endpoint(), "GET /healthz" + rest);
    BOOST_TEST(health.starts_with("HTTP/1.1 200"));
    BOOST_TEST(health.ends_with("\r\n\r\nok"));
    const auto other = co_await exchange(s.local_endpoint(), "GET /else" + rest);
    BOOST_TEST(other.starts_with("HTTP/1.1 404"));
    co_await eventually([&] { return s.metrics().open == 0; });
    BOOST_TEST(s.metrics().accepted == 2);
    BOOST_TEST(s.metrics().upgraded + s.metrics().refused + s.metrics().failed == 0);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace server_test
