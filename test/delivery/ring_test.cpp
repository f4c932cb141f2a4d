// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The ring buffer and the slab below the outbox.
#define BOOST_TEST_DYN_LINK
#include "delivery/ring.hpp"

#include "delivery/slab.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <memory>
#include <random>
#include <set>
#include <string>

using tautline::delivery::ring;
using tautline::delivery::slab;

BOOST_AUTO_TEST_SUITE(a_ring)

BOOST_AUTO_TEST_CASE(allocates_nothing_until_the_first_element) {
  const ring<std::string> r;
  BOOST_TEST(r.capacity() == 0U);
  BOOST_TEST(r.empty());
}

BOOST_AUTO_TEST_CASE(behaves_like_a_deque) {
  std::mt19937 random(7);
  ring<std::string> r;
  std::deque<std::string> model;
  for (unsigned i = 0; i < 20'000; ++i) {
    const auto what = random() % 7;
    const std::string value = std::to_string(i) + " with a text beyond the small string's bound";
    if (what < 3) {
      r.push_back(value);
      model.push_back(value);
    } else if (what == 3) {
      r.push_front(value);
      model.push_front(value);
    } else if (!model.empty() && what < 6) {
      BOOST_TEST_REQUIRE(r.front() == model.front());
      r.pop_front();
      model.pop_front();
    } else if (!model.empty()) {
      BOOST_TEST_REQUIRE(r.back() == model.back());
      r.pop_back();
      model.pop_back();
    }
    BOOST_TEST_REQUIRE(r.size() == model.size());
    if (!model.empty()) BOOST_TEST_REQUIRE(r[r.size() / 2] == model[model.size() / 2]);
  }
}

BOOST_AUTO_TEST_CASE(lets_go_of_what_a_popped_element_owns) {
  ring<std::shared_ptr<int>> r;
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = owned;
  r.push_back(nullptr);
  r.push_back(std::move(owned));
  r.pop_back();
  BOOST_TEST(watch.expired());
}

BOOST_AUTO_TEST_CASE(takes_an_element_out_of_the_middle) {
  ring<std::string> r;
  for (const char* s : {"a", "b", "c", "d", "e"}) r.push_back(s);
  r.pop_front();
  r.push_back("f");
  r.erase(1);  // of b, c, d, e, f
  std::string rest;
  for (std::size_t i = 0; i < r.size(); ++i) rest += r[i];
  BOOST_TEST(rest == "bdef");
  r.erase(3);
  BOOST_TEST(r.back() == "e");
}

BOOST_AUTO_TEST_CASE(begins_with_one_place_for_a_large_element) {
  struct large {
    char bytes[500] = {};
  };
  ring<large> r;
  r.push_back(large());
  BOOST_TEST(r.capacity() == 1U);
  r.push_back(large());
  BOOST_TEST(r.capacity() == 2U);
}

BOOST_AUTO_TEST_CASE(gives_a_bursts_memory_back_when_it_runs_empty) {
  ring<std::uint64_t> r;
  for (std::uint64_t i = 0; i < 100'000; ++i) r.push_back(i);
  BOOST_TEST(r.capacity() >= 100'000U);
  r.clear();
  BOOST_TEST(r.capacity() == 0U);
}

BOOST_AUTO_TEST_CASE(keeps_what_a_steady_stream_needs_and_no_longer) {
  ring<std::uint64_t> r;
  for (std::uint64_t i = 0; i < 1'000; ++i) r.push_back(i);
  r.clear();
  BOOST_TEST(r.capacity() == 1'024U);
  r.push_back(1);
  r.pop_front();
  BOOST_TEST(r.capacity() == 0U);
}

BOOST_AUTO_TEST_CASE(moves_with_all_it_holds) {
  ring<int> from;
  from.push_back(1);
  from.push_back(2);
  ring<int> to = std::move(from);
  BOOST_TEST(to.size() == 2U);
  BOOST_TEST(to.back() == 2);
  ring<int> third;
  third = std::move(to);
  BOOST_TEST(third.front() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct plain_cell {
  plain_cell* next_free = nullptr;
  int value = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_slab)

BOOST_AUTO_TEST_CASE(never_hands_a_cell_out_twice) {
  slab<plain_cell> s;
  std::set<plain_cell*> out;
  for (int i = 0; i < 100; ++i) BOOST_TEST(out.insert(s.acquire()).second);
  BOOST_TEST(s.in_use() == 100U);
  plain_cell* back = *out.begin();
  s.release(back);
  BOOST_TEST(s.acquire() == back);
}

BOOST_AUTO_TEST_CASE(begins_small) {
  slab<plain_cell> s;
  s.release(s.acquire());
  BOOST_TEST(s.capacity() == 1U);
  s.trim();
  BOOST_TEST(s.capacity() == 1U);
}

BOOST_AUTO_TEST_CASE(shrinks_after_a_burst_and_still_works) {
  slab<plain_cell> s;
  std::vector<plain_cell*> out;
  for (int i = 0; i < 10'000; ++i) out.push_back(s.acquire());
  for (plain_cell* c : out) s.release(c);
  s.trim();
  BOOST_TEST(s.capacity() <= 1'024U);
  for (int i = 0; i < 16; ++i) {
    s.release(s.acquire());
    s.trim();
  }
  BOOST_TEST(s.capacity() <= 16U);
  std::set<plain_cell*> again;
  for (int i = 0; i < 40; ++i) BOOST_TEST(again.insert(s.acquire()).second);
}

BOOST_AUTO_TEST_CASE(keeps_what_a_steady_stream_needs) {
  slab<plain_cell> s;
  for (int round = 0; round < 5; ++round) {
    std::vector<plain_cell*> out;
    for (int i = 0; i < 500; ++i) out.push_back(s.acquire());
    for (plain_cell* c : out) s.release(c);
    s.trim();
    BOOST_TEST(s.capacity() >= 500U);
    BOOST_TEST(s.capacity() < 520U);
  }
}

BOOST_AUTO_TEST_SUITE_END()
