// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A client and a server of tautline.v1 over a network that breaks anywhere, in many random runs.
#define BOOST_TEST_DYN_LINK
#include "delivery/session_model.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

using namespace tautline::delivery::model;

namespace {

// Sanitizers make each run many times as slow, and look for what any of them may show.
constexpr std::uint64_t runs = TAUTLINE_UNDER_SANITIZER ? 20'000 : 100'000;

/// What was not true in the run of this seed; empty: all was.
std::string fault_of(std::uint64_t seed, census& sum) {
  try {
    world(seed).run(sum);
  } catch (const std::exception& e) { return e.what(); }
  return {};
}

void replay(std::uint64_t seed) {
  census sum;
  story = &std::cout;
  std::cout << "the story of seed " << seed << ":\n";
  const std::string fault = fault_of(seed, sum);
  story = nullptr;
  BOOST_TEST(fault == "", "seed " << seed << ": it is not true that " << fault);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_session_between_a_client_and_a_server)

BOOST_AUTO_TEST_CASE(keeps_its_promises_whatever_the_network_does) {
  if (const char* seed = std::getenv("TAUTLINE_SEED")) return replay(std::strtoull(seed, nullptr, 10));
  census sum;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    const std::string fault = fault_of(seed, sum);
    BOOST_TEST_REQUIRE(fault == "", "seed " << seed << ": it is not true that " << fault
                                            << "; for its story: TAUTLINE_SEED=" << seed
                                            << " test_delivery -t a_session_between_a_client_and_a_server");
  }
  BOOST_TEST_MESSAGE("in " << runs << " runs " << sum.messages << " messages of the client, " << sum.duplicates
                           << " duplicates dropped, " << sum.resumes << " resumes, " << sum.resets << " resets, "
                           << sum.exact_resets << " of them exact");
  // A network that never breaks would prove nothing.
  BOOST_TEST(sum.messages > 10 * runs);
  BOOST_TEST(sum.duplicates > runs);
  BOOST_TEST(sum.resumes > runs);
  BOOST_TEST(sum.exact_resets > runs / 10);
  BOOST_TEST(sum.resets - sum.exact_resets > runs / 10);
}

BOOST_AUTO_TEST_SUITE_END()
