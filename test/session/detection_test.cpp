// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What test/link/detection_test.cpp asks of a link with any peer, of a session: both ends beat, and both judge.
#define BOOST_TEST_DYN_LINK
#include "session_world.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

namespace tautline::testing {

/// So that Boost.Test can print it.
static std::ostream& boost_test_print_type(std::ostream& out, direction d) {
  return out << (d == direction::up ? "up" : d == direction::down ? "down" : "both");
}

}  // namespace tautline::testing

using namespace tautline;
using namespace tautline::testing;
namespace bdata = boost::unit_test::data;

namespace {

constexpr duration interval = 10s;
constexpr duration timeout = 4s;

options beating() {
  options o = session_world::client_options();
  o.heartbeat.interval = interval;
  o.heartbeat.timeout = timeout;
  return o;
}

void start(session_world& w) {
  server_options s = session_world::server_defaults();
  s.link.heartbeat.interval = interval;
  s.link.heartbeat.timeout = timeout;
  w.start_server(s);
  w.run_client();
  w.up();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(detection_suite)

BOOST_DATA_TEST_CASE(a_half_open_session_is_dead_within_interval_timeout_and_a_tenth,
                     bdata::make({direction::up, direction::down, direction::both}), way) {
  seeded_random chance(42);
  for (int moment = 0; moment < 50; ++moment) {
    session_world w(beating());
    start(w);
    w.send_numbers(1, moment);
    w.run_for(std::chrono::milliseconds(chance.next() % 25'000));
    const auto dark = w.time->now();
    w.host.black_hole(way);
    BOOST_REQUIRE(w.until([&] { return w.count(event_kind::down) == 1; }, 1min));
    const auto took = w.time->now() - dark;
    BOOST_TEST((took >= timeout - 10ms), "not before it was asked: " << took.count());
    BOOST_TEST((took <= (interval + timeout) * 11 / 10), "late: " << took.count());
  }
}

BOOST_DATA_TEST_CASE(a_session_s_hour_on_an_uneven_path_raises_no_false_alarm, bdata::make({1, 2, 3, 4, 5}), seed) {
  session_world w(beating(), static_cast<std::uint64_t>(seed));
  seeded_random chance(static_cast<std::uint64_t>(seed));
  start(w);
  const auto began = w.time->now();
  for (int n = 1; w.time->now() - began < 1h; ++n) {
    // Round trips of which the 99th percentile is half the timeout, a fifth of that being jitter.
    const double u = static_cast<double>(chance.next() >> 11U) * 0x1p-53;
    const double round_trip = static_cast<double>(timeout.count()) / 2 * (u < 0.99 ? u : 1 + 80 * (u - 0.99));
    path_options p;
    p.latency_up = p.latency_down = duration(static_cast<duration::rep>(round_trip / 2 / 1.2));
    p.jitter = p.latency_up / 5;
    w.host.path(p);
    if (n % 30 == 0) w.send_numbers(n, n);
    w.run_for(1s);
  }
  BOOST_TEST(w.count(event_kind::down) == 0U);
  BOOST_TEST(w.host.connections() == 1U);
  BOOST_TEST(w.at_server().size() >= 119U);
}

BOOST_AUTO_TEST_SUITE_END()
