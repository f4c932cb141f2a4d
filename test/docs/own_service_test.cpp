// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The service of docs/testing.md and the test of it.
#define BOOST_TEST_DYN_LINK
#include <tautline/tautline.hpp>
#include <tautline/testing/oracle.hpp>
#include <tautline/testing/simulated_network.hpp>
#include <tautline/testing/virtual_time.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

using ledger = std::vector<std::string>;

asio::awaitable<void> book_orders(tautline::link peer, ledger& booked) {
  peer.async_run(asio::detached);
  for (;;) {
    tautline::error_code ec;
    const tautline::message order = co_await peer.async_receive(asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    booked.emplace_back(order.payload());
  }
}

asio::awaitable<void> serve(tautline::server& shop, ledger& booked) {
  for (;;) {
    tautline::link peer = co_await shop.async_accept(asio::use_awaitable);
    asio::co_spawn(shop.get_executor(), book_orders(std::move(peer), booked), asio::detached);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(testing_page)

BOOST_AUTO_TEST_CASE(every_order_is_booked_once_whatever_the_network_does) {
  asio::io_context io;
  auto time = std::make_shared<tautline::testing::virtual_time>(io);
  tautline::testing::simulated_network network(time, 42);

  ledger booked;
  tautline::server shop(io.get_executor(), tautline::server_options(), network.make_server_environment("shop"));
  BOOST_REQUIRE(!shop.listen());
  asio::co_spawn(io, serve(shop, booked), asio::detached);

  tautline::link customer(io.get_executor(), tautline::options("ws://shop/"), network.make_environment());
  customer.async_run(asio::detached);
  tautline::testing::oracle orders(tautline::testing::promise::exactly_once);
  for (int i = 1; i <= 100; ++i) {
    const std::string order = "order " + std::to_string(i);
    tautline::receipt r;
    BOOST_REQUIRE(!customer.try_send(order, r));
    orders.sent(order, r);
    time->run_for(100ms);
    if (i % 10 == 0) network.host("shop").reset_all();
  }
  BOOST_TEST(time->run_until([&] { return customer.metrics().pending == 0; }, 1min));

  for (const std::string& order : booked) orders.received(order);
  BOOST_TEST(orders.judge().kept(), orders.judge().text());
}

BOOST_AUTO_TEST_SUITE_END()
