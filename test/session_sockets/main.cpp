// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Sessions over real sockets on loopback.
#ifndef BOOST_TEST_DYN_LINK
#define BOOST_TEST_DYN_LINK
#endif
#define BOOST_TEST_MODULE session_sockets
#include <boost/test/unit_test.hpp>
