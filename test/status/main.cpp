// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Tests of the status room.
#define BOOST_TEST_DYN_LINK
#define BOOST_TEST_MODULE status
#include <boost/test/unit_test.hpp>
