// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What is kept of a secret.
#define BOOST_TEST_DYN_LINK
#include "policy/secret.hpp"

#include <boost/algorithm/hex.hpp>
#include <boost/test/unit_test.hpp>

#include <iterator>
#include <string>

using namespace tautline::policy;

BOOST_AUTO_TEST_SUITE(of_a_secret)

BOOST_AUTO_TEST_CASE(sha_256_is_kept) {
  // FIPS 180-4, the example of one block.
  std::string hex;
  boost::algorithm::hex_lower(digest_of("abc"), std::back_inserter(hex));
  BOOST_TEST(hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(digests_are_the_same_for_the_same_secret_only) {
  BOOST_TEST(same(digest_of("secret"), digest_of("secret")));
  BOOST_TEST(!same(digest_of("secret"), digest_of("secres")));
  BOOST_TEST(!same(digest_of(""), secret_digest()));
}

BOOST_AUTO_TEST_SUITE_END()
