// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a server does not put up with: too many, too slow, too much.
#include <tautline/testing/virtual_time.hpp>

#include "raw_client.hpp"
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <vector>

namespace server_test {
namespace {

server_options for_at_most(std::size_t connections) {
  server_options o;
  o.max_connections = connections;
  return o;
}

bool has_status(const std::string& answer, std::string_view status) {
  return answer.starts_with("HTTP/1.1 " + std::string(status));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(limits)

BOOST_AUTO_TEST_CASE(beyond_the_limit_a_peer_is_told_to_come_back_and_may_when_one_has_left) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto o = for_at_most(1);
    o.retry_after = std::chrono::seconds(7);
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    raw_client first(io.get_executor());
    co_await first.upgrade(s.local_endpoint());
    raw_client second(io.get_executor());
    const auto refused = co_await second.upgrade(s.local_endpoint());
    BOOST_TEST(refused.status == 503U);
    BOOST_TEST(refused.find("Retry-After") == "7");
    second.reset();
    co_await eventually([&] { return s.metrics().refused == 1; });
    co_await first.close();
    co_await eventually([&] { return s.metrics().open == 0; });
    raw_client third(io.get_executor());
    const auto answer = co_await third.upgrade(s.local_endpoint());
    BOOST_TEST(answer.status == 101U);
  });
}

BOOST_AUTO_TEST_CASE(a_link_of_ours_waits_as_it_was_told_and_gets_in_later) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto o = for_at_most(1);
    o.retry_after = duration::zero();
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    raw_client first(io.get_executor());
    co_await first.upgrade(s.local_endpoint());
    auto patient = client_options(s.url());
    patient.backoff.max_attempts = unlimited;
    link second(io.get_executor(), patient);
    second.async_run(asio::detached);
    co_await eventually([&] { return second.status().why.http_status == 503; });
    co_await first.close();
    const auto answer = co_await ask(second, "in at last");
    BOOST_TEST(answer == "in at last");
  });
}

BOOST_AUTO_TEST_CASE(handshakes_and_peers_that_wait_to_be_accepted_count_as_connections) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), for_at_most(2));
    BOOST_TEST(!s.listen());
    auto silent = co_await connected(s.local_endpoint());
    raw_client waiting(io.get_executor());
    co_await waiting.upgrade(s.local_endpoint());
    co_await eventually([&] { return s.metrics().open == 2; });
    raw_client third(io.get_executor());
    const auto answer = co_await third.upgrade(s.local_endpoint());
    BOOST_TEST(answer.status == 503U);
    reset(silent);
    co_await eventually([&] { return s.metrics().open == 1; });
    raw_client fourth(io.get_executor());
    const auto second_answer = co_await fourth.upgrade(s.local_endpoint());
    BOOST_TEST(second_answer.status == 101U);
  });
}

BOOST_AUTO_TEST_CASE(a_crowd_at_the_door_does_not_pile_up) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), for_at_most(1));
    BOOST_TEST(!s.listen());
    std::vector<tcp::socket> crowd;
    for (int i = 0; i < 300; ++i) {
      auto socket = co_await connected(s.local_endpoint());
      crowd.push_back(std::move(socket));
    }
    co_await eventually([&] { return s.metrics().accepted == 300; });
    BOOST_TEST(s.metrics().refused == 300U - 1U - 256U);
    BOOST_TEST(s.metrics().open == 1U);
    const auto last = co_await read_all(crowd.back());
    BOOST_TEST(last == "");
  });
}

BOOST_AUTO_TEST_CASE(a_peer_that_says_nothing_is_gone_when_its_time_is_up) {
  asio::io_context io;
  const auto time = std::make_shared<testing::virtual_time>(io);
  environment env;
  env.time = time;
  server_options o;
  o.handshake_timeout = std::chrono::seconds(3);
  server s(io.get_executor(), o, env);
  BOOST_TEST(!s.listen());
  tcp::socket silent(io);
  silent.connect(s.local_endpoint());
  pump(io, [&] { return s.metrics().open == 1; });
  time->run_for(std::chrono::milliseconds(2999));
  BOOST_TEST(s.metrics().failed == 0);
  time->run_for(std::chrono::milliseconds(2));
  pump(io, [&] { return s.metrics().failed == 1 && s.metrics().open == 0; });
  char byte = 0;
  error_code ec;
  silent.read_some(asio::buffer(&byte, 1), ec);
  BOOST_TEST(ec.failed());
}

BOOST_AUTO_TEST_CASE(one_byte_now_and_then_buys_no_more_time) {
  asio::io_context io;
  const auto time = std::make_shared<testing::virtual_time>(io);
  environment env;
  env.time = time;
  server_options o;
  o.handshake_timeout = std::chrono::seconds(10);
  server s(io.get_executor(), o, env);
  BOOST_TEST(!s.listen());
  tcp::socket slow(io);
  slow.connect(s.local_endpoint());
  const auto text = upgrade_text();
  for (std::size_t i = 0; i < 10; ++i) {
    asio::write(slow, asio::buffer(text.data() + i, 1));
    pump(io, [&] { return s.metrics().accepted == 1; });
    time->run_for(std::chrono::milliseconds(1001));
  }
  pump(io, [&] { return s.metrics().failed == 1; });
  BOOST_TEST(s.metrics().open == 0);
}

BOOST_AUTO_TEST_CASE(headers_over_the_limit_are_refused) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.max_header_bytes = 1024;
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    const auto long_header = "X-Long: " + std::string(2000, 'x') + "\r\n";
    const auto answer = co_await exchange(s.local_endpoint(), upgrade_text(long_header));
    BOOST_TEST(has_status(answer, "431"), answer);
    const auto short_header = "X-Short: " + std::string(200, 'x') + "\r\n";
    auto socket = co_await connected(s.local_endpoint());
    co_await asio::async_write(socket, asio::buffer(upgrade_text(short_header)), asio::use_awaitable);
    co_await accepted(s);
  });
}

BOOST_AUTO_TEST_CASE(a_message_over_the_limit_ends_its_connection_only) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.link.max_message_bytes = 100;
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    raw_client good(io.get_executor());
    raw_client bad(io.get_executor());
    co_await good.upgrade(s.local_endpoint());
    co_await bad.upgrade(s.local_endpoint());
    co_await bad.send(std::string(101, 'x'));
    const auto code = co_await bad.wait_for_close();
    BOOST_TEST(code == 1009);
    co_await good.send(std::string(100, 'x'));
    const auto echoed = co_await good.receive();
    BOOST_TEST(echoed.size() == 100U);
  });
}

// If the reset that follows had the say, the link would send the same message for ever.
BOOST_AUTO_TEST_CASE(a_link_that_is_in_the_middle_of_too_large_a_message_still_hears_why) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.link.max_message_bytes = 1'000;
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    options mine(s.url());
    mine.session = session_use::off;
    mine.backoff.initial = mine.backoff.first_retry_spread = std::chrono::milliseconds(1);
    tautline::link l(io.get_executor(), mine);
    for (int i = 0; i < 4; ++i) BOOST_TEST(!l.try_send(message::binary(std::string(8'000'000, 'x'))));
    const auto result = co_await l.async_run(asio::as_tuple(asio::use_awaitable));
    BOOST_TEST(std::get<0>(result).message() == "the peer closed with 1009 message too big");
    BOOST_TEST(l.metrics().connections == 1U);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace server_test
