// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The tests of the program's parts. The program as a whole is tested by program_test.py.
#define BOOST_TEST_DYN_LINK
#define BOOST_TEST_MODULE cli
#include <boost/test/unit_test.hpp>
