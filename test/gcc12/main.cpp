// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Tests of what users may write on the oldest supported compiler.
#define BOOST_TEST_DYN_LINK
#define BOOST_TEST_MODULE gcc12
#include <boost/test/unit_test.hpp>
