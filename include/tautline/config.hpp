// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Names that every public header shares.
#ifndef TAUTLINE_CONFIG_HPP
#define TAUTLINE_CONFIG_HPP

#include <boost/system/error_code.hpp>

#include <chrono>

namespace boost::asio {}

namespace tautline {

namespace asio = boost::asio;
using boost::system::error_code;

/// The clock of every deadline and age in this library. A test kit may run it faster than the wall.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

}  // namespace tautline

#endif
