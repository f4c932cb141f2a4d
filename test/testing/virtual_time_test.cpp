// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The virtual clock: order of timers, no time passes by itself, teardown.
#define BOOST_TEST_DYN_LINK
#include <tautline/testing/virtual_time.hpp>

#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace tautline;
using tautline::testing::seeded_random;
using tautline::testing::virtual_time;

namespace {
struct fixture {
  asio::io_context io;
  std::shared_ptr<virtual_time> time = std::make_shared<virtual_time>(io);
  time_point start = time->now();
  std::string trace;

  std::unique_ptr<sleeper> sleep(duration d, std::string name) {
    auto s = time->make_sleeper(io.get_executor());
    s->wait_until(start + d, [this, name](bool due) { trace += name + (due ? "+" : "-"); });
    return s;
  }
};
}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_time_suite)

BOOST_FIXTURE_TEST_CASE(timers_fire_in_the_order_of_their_times, fixture) {
  const auto b = sleep(20ms, "b");
  const auto a = sleep(10ms, "a");
  time->run_for(1s);
  BOOST_TEST(trace == "a+b+");
  BOOST_TEST((time->now() - start == 1s));
}

BOOST_FIXTURE_TEST_CASE(timers_for_the_same_time_fire_first_in_first_out, fixture) {
  std::vector<std::unique_ptr<sleeper>> all;
  for (const auto* name : {"a", "b", "c", "d"}) all.push_back(sleep(5ms, name));
  time->run_for(5ms);
  BOOST_TEST(trace == "a+b+c+d+");
}

BOOST_FIXTURE_TEST_CASE(what_a_timer_makes_ready_runs_before_the_next_timer, fixture) {
  auto first = time->make_sleeper(io.get_executor());
  first->wait_until(start + 5ms, [this](bool) { asio::post(io, [this] { trace += "work "; }); });
  const auto second = sleep(5ms, "b");
  time->run_for(5ms);
  BOOST_TEST(trace == "work b+");
}

BOOST_FIXTURE_TEST_CASE(a_timer_that_is_not_due_stays, fixture) {
  const auto a = sleep(10ms, "a");
  time->run_for(9ms);
  BOOST_TEST(trace.empty());
  time->run_for(1ms);
  BOOST_TEST(trace == "a+");
}

BOOST_FIXTURE_TEST_CASE(a_timer_in_the_past_fires_at_once_but_never_inside_the_call, fixture) {
  const auto a = sleep(-1s, "a");
  BOOST_TEST(trace.empty());
  time->run_for(0s);
  BOOST_TEST(trace == "a+");
  BOOST_TEST((time->now() == start));
}

BOOST_FIXTURE_TEST_CASE(cancel_tells_the_waiter_so_and_only_once, fixture) {
  const auto a = sleep(10ms, "a");
  a->cancel();
  BOOST_TEST(trace.empty());
  a->cancel();
  time->run_for(1s);
  BOOST_TEST(trace == "a-");
}

BOOST_FIXTURE_TEST_CASE(a_second_wait_cancels_the_first, fixture) {
  const auto a = sleep(10ms, "a");
  a->wait_until(start + 20ms, [this](bool due) { trace += due ? "second" : "?"; });
  time->run_for(1s);
  BOOST_TEST(trace == "a-second");
}

BOOST_FIXTURE_TEST_CASE(destroying_a_sleeper_cancels_its_wait, fixture) {
  sleep(10ms, "a").reset();
  time->run_for(1s);
  BOOST_TEST(trace == "a-");
}

BOOST_FIXTURE_TEST_CASE(run_until_stops_at_the_moment_the_condition_holds, fixture) {
  const auto a = sleep(10ms, "a");
  const auto b = sleep(20ms, "b");
  BOOST_TEST(time->run_until([&] { return !trace.empty(); }));
  BOOST_TEST((time->now() - start == 10ms));
  BOOST_TEST(!time->run_until([&] { return trace.size() > 4; }, 1min));
  BOOST_TEST((time->now() - start == 1min + 10ms));
}

BOOST_FIXTURE_TEST_CASE(run_until_idle_does_not_wait_for_what_waits_for_ever, fixture) {
  const auto a = sleep(10ms, "a");
  auto forever = time->make_sleeper(io.get_executor());
  forever->wait_until(time_point::max(), [this](bool due) { trace += due ? "!" : "-"; });
  BOOST_TEST(time->run_until_idle());
  BOOST_TEST(trace == "a+");
  BOOST_TEST(time->waiting() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_jump_fires_what_it_skipped_at_the_new_time, fixture) {
  std::optional<time_point> fired;
  auto a = time->make_sleeper(io.get_executor());
  a->wait_until(start + 10ms, [&](bool) { fired = time->now(); });
  time->jump(1h);
  time->run_for(0s);
  BOOST_REQUIRE(fired.has_value());
  BOOST_TEST((*fired - start == 1h));
}

BOOST_FIXTURE_TEST_CASE(the_utc_clock_runs_with_the_steady_one, fixture) {
  const auto before = time->utc_now();
  time->run_for(90s);
  BOOST_TEST((time->utc_now() - before == 90s));
}

BOOST_FIXTURE_TEST_CASE(handlers_that_spin_are_reported_instead_of_hanging, fixture) {
  std::function<void()> spin = [&] { asio::post(io, spin); };
  spin();
  BOOST_CHECK_THROW(time->settle(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(destroying_the_io_context_destroys_what_waits) {
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = owned;
  auto io = std::make_unique<asio::io_context>();
  const auto time = std::make_shared<virtual_time>(*io);
  auto s = time->make_sleeper(io->get_executor());
  s->wait_until(time->now() + 1s, [owned](bool) {});
  owned.reset();
  BOOST_TEST(!watch.expired());
  io.reset();
  BOOST_TEST(watch.expired());
  BOOST_TEST(time->waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(a_callback_that_sets_another_timer_during_teardown_is_harmless) {
  auto io = std::make_unique<asio::io_context>();
  const auto time = std::make_shared<virtual_time>(*io);
  struct sets_at_death {
    std::shared_ptr<virtual_time> time;
    ~sets_at_death() {
      time->call_at(time->now() + 1s, [] {});
    }
  };
  const auto number = time->call_at(time->now() + 1s, [p = std::make_shared<sets_at_death>(sets_at_death{time})] {});
  BOOST_TEST(number != 0U);
  io.reset();
  BOOST_TEST(time->waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_numbers) {
  seeded_random a(7), b(7), c(8);
  const auto first = a.next();
  BOOST_TEST(first == b.next());
  BOOST_TEST(first != c.next());
  BOOST_TEST(a.next() != first);
}

BOOST_AUTO_TEST_SUITE_END()
