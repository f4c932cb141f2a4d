// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Tests of the pages: what they state is what the library and the program do.
#define BOOST_TEST_DYN_LINK
#define BOOST_TEST_MODULE docs
#include <boost/test/unit_test.hpp>
