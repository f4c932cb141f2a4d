// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The way out for everybody.
#include <tautline/testing/virtual_time.hpp>

#include "certificate.hpp"
#include "raw_client.hpp"
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace server_test {
namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

/// A client that notes when it was asked to leave, and with which code.
struct guest {
  guest(asio::io_context& io, time_service& t) : client(io.get_executor()), time(t) {}
  raw_client client;
  time_service& time;
  bool in = false;
  std::uint16_t code = 0;
  time_point left{};
};

asio::awaitable<void> visit(guest& g, tcp::endpoint to) {
  co_await g.client.upgrade(to);
  g.in = true;
  g.code = co_await g.client.wait_for_close();
  g.left = g.time.now();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(draining)

BOOST_AUTO_TEST_CASE(peers_are_asked_to_leave_one_after_another_evenly_over_the_window) {
  asio::io_context io;
  const auto time = std::make_shared<testing::virtual_time>(io);
  environment env;
  env.time = time;
  server s(io.get_executor(), server_options(), env);
  BOOST_TEST(!s.listen());
  asio::co_spawn(io, serve_echo(s), asio::detached);
  std::vector<std::unique_ptr<guest>> guests;
  for (int i = 0; i < 5; ++i) {
    guests.push_back(std::make_unique<guest>(io, *time));
    asio::co_spawn(io, visit(*guests.back(), s.local_endpoint()), asio::detached);
    pump(io, [&] { return guests.back()->in; });
  }
  const auto began = time->now();
  std::optional<error_code> end;
  s.async_drain(std::chrono::seconds(10), [&](error_code ec) { end = ec; });
  for (std::size_t i = 0; i < guests.size(); ++i) {
    pump(io, [&] { return guests[i]->code != 0 && s.metrics().open == guests.size() - i - 1; });
    BOOST_TEST(guests[i]->code == 1001);
    BOOST_CHECK(guests[i]->left - began == std::chrono::seconds(2 * i));
    if (i + 1 < guests.size()) time->run_for(std::chrono::seconds(2));
  }
  pump(io, [&] { return end.has_value(); });
  BOOST_TEST(!*end);
  BOOST_CHECK(time->now() - began == std::chrono::seconds(8));
}

BOOST_AUTO_TEST_CASE(who_does_not_leave_is_waited_for_no_longer_than_the_close_timeout) {
  asio::io_context io;
  const auto time = std::make_shared<testing::virtual_time>(io);
  environment env;
  env.time = time;
  server_options o;
  o.link.close_timeout = std::chrono::seconds(3);
  server s(io.get_executor(), o, env);
  BOOST_TEST(!s.listen());
  raw_client client(io.get_executor());
  asio::co_spawn(io, client.upgrade(s.local_endpoint()), asio::detached);
  std::optional<link> idle;
  s.async_accept([&](error_code, link peer) { idle.emplace(std::move(peer)); });
  pump(io, [&] { return idle.has_value(); });
  std::optional<error_code> end;
  s.async_drain(std::chrono::seconds(2), [&](error_code ec) { end = ec; });
  time->run_for(std::chrono::milliseconds(4999));
  BOOST_TEST(!end.has_value());
  time->run_for(std::chrono::milliseconds(2));
  BOOST_REQUIRE(end.has_value());
  BOOST_TEST(*end == errc::close_timeout);
}

BOOST_AUTO_TEST_CASE(an_empty_server_is_drained_at_once_and_accepts_nobody_any_more) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    std::optional<error_code> pending;
    s.async_accept([&](error_code ec, link) { pending = ec; });
    const auto drained = co_await s.async_drain(std::chrono::hours(1), as_tuple);
    BOOST_TEST(!std::get<0>(drained));
    const auto later = co_await s.async_accept(as_tuple);
    BOOST_TEST(std::get<0>(later) == errc::closed);
    BOOST_TEST(!std::get<1>(later).valid());
    BOOST_REQUIRE(pending.has_value());
    BOOST_TEST(*pending == errc::closed);
    tcp::socket socket(io);
    const auto refused = co_await socket.async_connect(s.local_endpoint(), as_tuple);
    BOOST_TEST(std::get<0>(refused) == asio::error::connection_refused);
    const auto again = co_await s.async_drain(duration::zero(), as_tuple);
    BOOST_TEST(!std::get<0>(again));
  });
}

BOOST_AUTO_TEST_CASE(handshakes_under_way_end_when_the_server_drains) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    auto slow = co_await connected(s.local_endpoint());
    co_await eventually([&] { return s.metrics().open == 1; });
    const auto drained = co_await s.async_drain(std::chrono::hours(1), as_tuple);
    BOOST_TEST(!std::get<0>(drained));
    const auto heard = co_await read_all(slow);
    BOOST_TEST(heard == "");
  });
}

BOOST_AUTO_TEST_CASE(an_application_that_still_thinks_about_a_peer_does_not_hold_the_drain_up) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    bool asked = false;
    server_options o;
    o.authorize = [&asked](const upgrade_request&) -> asio::awaitable<authorization> {
      asked = true;
      asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
      co_await never.async_wait(asio::use_awaitable);
      co_return authorization::accept();
    };
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    auto waiting = co_await connected(s.local_endpoint());
    const auto text = upgrade_text();
    co_await asio::async_write(waiting, asio::buffer(text), asio::use_awaitable);
    co_await eventually([&] { return asked; });
    const auto drained = co_await s.async_drain(std::chrono::hours(1), as_tuple);
    BOOST_TEST(!std::get<0>(drained));
    const auto heard = co_await read_all(waiting);
    BOOST_TEST(heard.find("101") == std::string::npos);
  });
}

BOOST_AUTO_TEST_CASE(a_peer_that_is_silent_inside_tls_does_not_hold_the_drain_up) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const certificate c;
    server_options o;
    o.tls.certificate_file = c.certificate_file();
    o.tls.private_key_file = c.private_key_file();
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    auto silent = co_await connected(s.local_endpoint());
    co_await eventually([&] { return s.metrics().open == 1; });
    const auto drained = co_await s.async_drain(std::chrono::hours(1), as_tuple);
    BOOST_TEST(!std::get<0>(drained));
    const auto heard = co_await read_all(silent);
    BOOST_TEST(heard == "");
  });
}

BOOST_AUTO_TEST_CASE(a_peer_that_nobody_accepted_is_asked_to_leave_too) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    raw_client client(io.get_executor());
    co_await client.upgrade(s.local_endpoint());
    co_await eventually([&] { return s.metrics().upgraded == 1; });
    std::optional<error_code> end;
    s.async_drain(duration::zero(), [&](error_code ec) { end = ec; });
    const auto code = co_await client.wait_for_close();
    BOOST_TEST(code == 1001);
    co_await eventually([&] { return end.has_value(); });
    BOOST_TEST(!*end);
  });
}

BOOST_AUTO_TEST_CASE(a_cancelled_wait_leaves_the_drain_under_way) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    BOOST_TEST(!s.listen());
    raw_client client(io.get_executor());
    co_await client.upgrade(s.local_endpoint());
    auto peer = co_await accepted(s);
    asio::cancellation_signal stop;
    std::optional<error_code> first;
    std::optional<error_code> second;
    s.async_drain(duration::zero(), asio::bind_cancellation_slot(stop.slot(), [&](error_code ec) { first = ec; }));
    s.async_drain(duration::zero(), [&](error_code ec) { second = ec; });
    stop.emit(asio::cancellation_type::terminal);
    co_await eventually([&] { return first.has_value(); });
    BOOST_TEST(*first == asio::error::operation_aborted);
    BOOST_TEST(!second.has_value());
    peer = link();
    co_await eventually([&] { return second.has_value(); });
    BOOST_TEST(!*second);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace server_test
