// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// RFC 8305 on virtual time, with connects that the test ends.
#include "transport/happy_eyeballs.hpp"

#include <tautline/testing/virtual_time.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace tautline;             // NOLINT(google-build-using-namespace)
using namespace tautline::transport;  // NOLINT(google-build-using-namespace)
using namespace std::chrono_literals;

namespace {

asio::ip::tcp::endpoint at(const char* address) { return {asio::ip::make_address(address), 80}; }

std::string joined(const std::vector<asio::ip::tcp::endpoint>& list) {
  std::string out;
  for (const auto& e : list) out += e.address().to_string() + " ";
  return out;
}

struct race_rig {
  explicit race_rig(std::size_t addresses) : time(std::make_shared<testing::virtual_time>(io)) {
    address_race::track t;
    t.begin = [this](std::size_t i, const std::shared_ptr<address_race>&) { begun.push_back(i); };
    t.drop = [this](std::size_t i) { dropped.push_back(i); };
    t.finish = [this](std::optional<std::size_t> w, error_code ec) {
      ++finishes;
      winner = w;
      result = ec;
    };
    race = std::make_shared<address_race>(addresses, t, time, time->make_sleeper(io.get_executor()));
  }

  asio::io_context io;
  std::shared_ptr<testing::virtual_time> time;
  std::shared_ptr<address_race> race;
  std::vector<std::size_t> begun, dropped;
  std::optional<std::size_t> winner;
  error_code result;
  int finishes = 0;
};

using indices = std::vector<std::size_t>;

}  // namespace

BOOST_AUTO_TEST_CASE(families_take_turns_and_the_resolver_s_first_goes_first) {
  BOOST_TEST(joined(interleave({at("::1"), at("::2"), at("::3"), at("1.1.1.1"), at("1.1.1.2")})) ==
             "::1 1.1.1.1 ::2 1.1.1.2 ::3 ");
  BOOST_TEST(joined(interleave({at("1.1.1.1"), at("::1"), at("1.1.1.2")})) == "1.1.1.1 ::1 1.1.1.2 ");
  BOOST_TEST(joined(interleave({})).empty());
}

BOOST_AUTO_TEST_CASE(the_second_address_is_tried_after_a_quarter_of_a_second_and_not_before) {
  race_rig r(3);
  r.race->start();
  r.time->run_for(249ms);
  BOOST_TEST(r.begun == (indices{0}), boost::test_tools::per_element());
  r.time->run_for(1ms);
  BOOST_TEST(r.begun == (indices{0, 1}), boost::test_tools::per_element());
  r.time->run_for(250ms);
  BOOST_TEST(r.begun == (indices{0, 1, 2}), boost::test_tools::per_element());
  r.race->stop(asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(a_failure_lets_the_next_one_start_at_once_with_its_own_head_start) {
  race_rig r(3);
  r.race->start();
  r.time->run_for(100ms);
  r.race->on_attempt(0, asio::error::connection_refused);
  BOOST_TEST(r.begun == (indices{0, 1}), boost::test_tools::per_element());
  r.time->run_for(249ms);
  BOOST_TEST(r.begun.size() == 2U);
  r.time->run_for(1ms);
  BOOST_TEST(r.begun.size() == 3U);
  r.race->stop(asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(the_first_success_wins_and_the_others_are_dropped) {
  race_rig r(3);
  r.race->start();
  r.time->run_for(300ms);
  r.race->on_attempt(1, {});
  BOOST_TEST((r.winner == std::size_t{1}));
  BOOST_TEST(!r.result);
  BOOST_TEST(r.dropped == (indices{0}), boost::test_tools::per_element());
  // What the dropped one says, and time, change nothing any more.
  r.race->on_attempt(0, asio::error::operation_aborted);
  r.time->run_for(10s);
  BOOST_TEST(r.begun.size() == 2U);
  BOOST_TEST(r.finishes == 1);
}

BOOST_AUTO_TEST_CASE(if_all_fail_the_first_error_is_the_result) {
  race_rig r(2);
  r.race->start();
  r.race->on_attempt(0, asio::error::connection_refused);
  r.race->on_attempt(1, asio::error::network_unreachable);
  BOOST_TEST(!r.winner.has_value());
  BOOST_TEST(r.result == asio::error::connection_refused);
  BOOST_TEST(r.finishes == 1);
}

BOOST_AUTO_TEST_CASE(a_race_that_is_stopped_drops_what_runs) {
  race_rig r(2);
  r.race->start();
  r.time->run_for(250ms);
  r.race->stop(asio::error::operation_aborted);
  r.race->stop(asio::error::operation_aborted);
  BOOST_TEST(r.dropped == (indices{0, 1}), boost::test_tools::per_element());
  BOOST_TEST(r.finishes == 1);
}

BOOST_AUTO_TEST_CASE(a_race_without_addresses_is_over_at_once) {
  race_rig r(0);
  r.race->start();
  BOOST_TEST(r.result == asio::error::host_not_found);
}
