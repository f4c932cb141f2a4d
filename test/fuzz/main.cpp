// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The kept inputs of the fuzz targets, as a regression test.
#ifndef BOOST_TEST_DYN_LINK
#define BOOST_TEST_DYN_LINK
#endif
#define BOOST_TEST_MODULE fuzz
#include <boost/test/unit_test.hpp>
