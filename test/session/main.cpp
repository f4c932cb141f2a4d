// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Tests of the engine.
#define BOOST_TEST_DYN_LINK
#define BOOST_TEST_MODULE session
#include <boost/test/unit_test.hpp>
