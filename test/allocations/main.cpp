// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a stream of messages allocates.
#define BOOST_TEST_DYN_LINK
#define BOOST_TEST_MODULE allocations
#include <boost/test/unit_test.hpp>
