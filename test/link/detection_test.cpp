// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The two promises of a heartbeat: a half-open link is dead in time, and a slow one is not declared so.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

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

options watched() {
  options o("ws://server/");
  o.heartbeat.interval = interval;
  o.heartbeat.timeout = timeout;
  return o;
}

enum class traffic { none, upwards };
std::ostream& operator<<(std::ostream& out, traffic t) { return out << (t == traffic::none ? "idle" : "busy"); }

/// Every 100 ms a message, if there is traffic at all; the peer only confirms.
void live(world& w, traffic t, duration how_long) {
  if (t == traffic::none) return w.run_for(how_long);
  for (duration passed{}; passed < how_long; passed += 100ms) {
    (void)w.l->try_send("up");
    w.run_for(100ms);
  }
}

double fraction(random_source& chance) { return static_cast<double>(chance.next() >> 11U) * 0x1p-53; }

/// Round trips of which the 99th percentile is half the timeout: 99 of 100 are spread evenly below it, the others up to
/// nine tenths of the timeout. A fifth on top of the rest is jitter, drawn anew for each frame.
path_options uneven_path(random_source& chance) {
  const double half = static_cast<double>(timeout.count()) / 2;
  const double u = fraction(chance);
  const double round_trip = u < 0.99 ? half * u / 0.99 : half * (1 + 0.8 * (u - 0.99) / 0.01);
  path_options p;
  p.latency_up = p.latency_down = duration(static_cast<duration::rep>(round_trip / 2 / 1.2));
  p.jitter = p.latency_up / 5;
  return p;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(detection_suite)

BOOST_DATA_TEST_CASE(a_half_open_link_is_dead_within_interval_timeout_and_a_tenth,
                     bdata::make({direction::up, direction::down, direction::both}) *
                         bdata::make({traffic::none, traffic::upwards}),
                     way, before) {
  seeded_random chance(42);
  for (int moment = 0; moment < 50; ++moment) {
    world w(watched());
    w.follow_events();
    w.up();
    live(w, before, std::chrono::milliseconds(chance.next() % 25'000));
    const auto dark = w.time->now();
    w.host.black_hole(way);
    BOOST_REQUIRE(w.until([&] { return w.count(event_kind::down) == 1; }, 1min));
    const auto took = w.time->now() - dark;
    BOOST_TEST((took >= timeout - 10ms), "not before it was asked: " << took.count());
    BOOST_TEST((took <= (interval + timeout) * 11 / 10), "late: " << took.count());
  }
}

BOOST_DATA_TEST_CASE(an_hour_on_an_uneven_path_raises_no_false_alarm,
                     bdata::make({traffic::none, traffic::upwards}) * bdata::make({1, 2, 3, 4, 5}), kind, seed) {
  world w(watched(), static_cast<std::uint64_t>(seed));
  seeded_random chance(static_cast<std::uint64_t>(seed));
  w.follow_events();
  w.up();
  const auto began = w.time->now();
  while (w.time->now() - began < 1h) {
    w.host.path(uneven_path(chance));
    live(w, kind, 1s);
  }
  BOOST_TEST(w.count(event_kind::down) == 0U);
  BOOST_TEST(w.host.connections() == 1U);
  if (kind == traffic::none) BOOST_TEST(w.l->metrics().pings > 100U);
  BOOST_TEST((*w.l->status().round_trip > timeout / 10), "the path was felt");
}

BOOST_AUTO_TEST_SUITE_END()
