// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The real clock and real chance.
#define BOOST_TEST_DYN_LINK
#include <tautline/time.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <set>
#include <thread>
#include <vector>

using namespace tautline;
using namespace std::chrono_literals;

namespace {

struct with_sleeper {
  void wait(time_point when, const std::string& name) {
    sleeper->wait_until(when, [this, name](bool due) { told += name + (due ? "+" : "-"); });
  }

  asio::io_context io;
  std::shared_ptr<time_service> time = real_time();
  std::unique_ptr<tautline::sleeper> sleeper = time->make_sleeper(io.get_executor());
  std::string told;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(the_real_sleeper, with_sleeper)

BOOST_AUTO_TEST_CASE(wakes_up_not_before_its_time) {
  const auto when = time->now() + 5ms;
  wait(when, "a");
  io.run();
  BOOST_TEST(told == "a+");
  BOOST_TEST((time->now() >= when));
}

BOOST_AUTO_TEST_CASE(never_calls_from_inside_even_if_the_time_has_passed) {
  wait(time->now() - 1h, "a");
  BOOST_TEST(told.empty());
  io.run();
  BOOST_TEST(told == "a+");
}

BOOST_AUTO_TEST_CASE(is_told_of_a_cancellation_later) {
  wait(time->now() + 1h, "a");
  sleeper->cancel();
  BOOST_TEST(told.empty());
  io.run();
  BOOST_TEST(told == "a-");
}

BOOST_AUTO_TEST_CASE(cancels_the_first_wait_by_a_second_one) {
  wait(time->now() + 1h, "a");
  wait(time->now(), "b");
  io.run();
  BOOST_TEST(told == "a-b+");
}

BOOST_AUTO_TEST_CASE(is_cancelled_even_when_its_timer_has_fired_already) {
  const auto other = time->make_sleeper(io.get_executor());
  const auto past = time->now() - 1h;
  // One turn of the reactor queues the handlers of both.
  other->wait_until(past, [this](bool) { sleeper->cancel(); });
  wait(past, "a");
  io.run();
  BOOST_TEST(told == "a-");
}

BOOST_AUTO_TEST_CASE(can_be_cancelled_without_a_wait) {
  sleeper->cancel();
  wait(time->now(), "a");
  io.run();
  BOOST_TEST(told == "a+");
}

BOOST_AUTO_TEST_CASE(tells_its_wait_when_it_is_destroyed) {
  wait(time->now() - 1h, "a");
  sleeper.reset();
  io.run();
  BOOST_TEST(told == "a-");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(the_real_chance)

BOOST_AUTO_TEST_CASE(is_even_in_every_bit) {
  const auto random = real_random();
  std::array<int, 64> ones{};
  for (int i = 0; i < 10'000; ++i) {
    const auto n = random->next();
    for (std::size_t bit = 0; bit < 64; ++bit) ones.at(bit) += static_cast<int>((n >> bit) & 1U);
  }
  for (const int n : ones) BOOST_TEST((n > 4'600 && n < 5'400));  // eight standard deviations
}

BOOST_AUTO_TEST_CASE(differs_from_generator_to_generator) {
  std::set<std::uint64_t> firsts;
  for (int i = 0; i < 1'000; ++i) firsts.insert(real_random()->next());
  BOOST_TEST(firsts.size() == 1'000U);
}

BOOST_AUTO_TEST_CASE(gives_every_thread_its_own_numbers) {
  const auto random = real_random();
  std::array<std::vector<std::uint64_t>, 4> drawn;
  std::vector<std::thread> threads;
  for (auto& mine : drawn)
    threads.emplace_back([&mine, &random] {
      for (int i = 0; i < 1'000; ++i) mine.push_back(random->next());
    });
  for (auto& t : threads) t.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  BOOST_TEST(all.size() == 4'000U);
}

BOOST_AUTO_TEST_SUITE_END()
