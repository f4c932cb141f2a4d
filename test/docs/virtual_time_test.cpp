// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What docs/testing.md shows.
#define BOOST_TEST_DYN_LINK
#include <tautline/tautline.hpp>
#include <tautline/testing/simulated_network.hpp>
#include <tautline/testing/virtual_time.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>

namespace asio = boost::asio;

BOOST_AUTO_TEST_SUITE(testing_page)

BOOST_AUTO_TEST_CASE(a_link_that_is_refused_once_delivers_at_its_second_attempt) {
  asio::io_context io;
  auto time = std::make_shared<tautline::testing::virtual_time>(io);
  tautline::testing::simulated_network network(time, 42);
  network.host("feed.example").answers_next(tautline::testing::answer::refuse());

  tautline::options opts("ws://feed.example/");
  tautline::link link(io.get_executor(), opts, network.make_environment());
  link.async_run(asio::detached);
  BOOST_REQUIRE(!link.try_send("hello"));
  const bool delivered = time->run_until([&] { return link.metrics().delivered == 1; });

  BOOST_TEST(delivered);
  BOOST_TEST(network.host("feed.example").attempts().size() == 2U);
  BOOST_TEST(network.host("feed.example").received().front().payload == "hello");
}

BOOST_AUTO_TEST_SUITE_END()
