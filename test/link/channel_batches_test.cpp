// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The channel in which the loops meet: many values at once.
#define BOOST_TEST_DYN_LINK
#include "link/channel_bench.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using namespace channel_bench;

BOOST_AUTO_TEST_SUITE(the_channel)

BOOST_AUTO_TEST_CASE(many_at_once_pass_whole_or_queue_in_order_for_who_takes_fewer) {
  bench b(8);
  taken all, few, rest;
  b.pop_batch(3, all);
  b.c.force_push(std::vector<std::string>{"a", "b", "c"});
  b.run();
  BOOST_TEST(all.values == (std::vector<std::string>{"a", "b", "c"}), boost::test_tools::per_element());
  BOOST_TEST(b.c.size() == 0u);
  b.pop_batch(2, few);
  b.c.force_push(std::vector<std::string>{"d", "e", "f"});
  b.c.force_push(std::vector<std::string>{"g"});
  b.c.force_push(std::vector<std::string>());
  b.pop_batch(9, rest);
  b.run();
  BOOST_TEST(few.values == (std::vector<std::string>{"d", "e"}), boost::test_tools::per_element());
  BOOST_TEST(rest.values == (std::vector<std::string>{"f", "g"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_came_at_once_waits_whole_for_who_takes_as_many) {
  bench b(8);
  taken all;
  std::vector<std::string> three = {"a", "bb", "ccc"};
  const auto* const where = three.data();
  b.c.force_push(std::move(three));
  BOOST_TEST(b.c.size() == 3U);
  BOOST_TEST(b.c.bytes() == 6U);
  BOOST_TEST(*b.c.front() == "a");
  b.pop_batch(3, all);
  b.run();
  BOOST_TEST(all.values == (std::vector<std::string>{"a", "bb", "ccc"}), boost::test_tools::per_element());
  BOOST_TEST(all.values.data() == where);
  BOOST_TEST(b.c.size() == 0U);
  BOOST_TEST(b.c.bytes() == 0U);
  BOOST_TEST(b.c.front() == nullptr);
}

BOOST_AUTO_TEST_CASE(what_came_at_once_is_taken_apart_for_all_else) {
  bench b(8);
  taken fewer, one, back, more, rest;
  b.c.force_push(std::vector<std::string>{"x", "y", "z"});
  b.pop_batch(2, fewer);
  b.run();
  BOOST_TEST(fewer.values == (std::vector<std::string>{"x", "y"}), boost::test_tools::per_element());
  b.pop(one);
  b.run();
  BOOST_TEST(one.value == "z");
  one = taken();
  b.c.force_push(std::vector<std::string>{"a", "bb", "ccc"});
  b.pop(one);
  b.run();
  BOOST_TEST(one.value == "a");
  BOOST_TEST(b.c.bytes() == 5U);
  b.c.unpop(std::string("a"));
  b.c.force_push(std::vector<std::string>{"d"});
  b.pop_batch(9, back);
  b.run();
  BOOST_TEST(back.values == (std::vector<std::string>{"a", "bb", "ccc", "d"}), boost::test_tools::per_element());
  b.c.force_push(std::vector<std::string>{"e", "f"});
  b.c.force_push(std::string("g"));
  b.pop_batch(2, more);
  b.pop_batch(2, rest);
  b.run();
  BOOST_TEST(more.values == (std::vector<std::string>{"e", "f"}), boost::test_tools::per_element());
  BOOST_TEST(rest.values == (std::vector<std::string>{"g"}), boost::test_tools::per_element());
  BOOST_TEST(b.c.bytes() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
