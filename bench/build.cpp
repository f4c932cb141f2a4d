// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the benchmarks were built with, for the head of a report: one "name: value" to a line.
#include <boost/version.hpp>

#include <fmt/core.h>

#ifdef __clang__
constexpr auto compiler = "Clang " __clang_version__;
#else
constexpr auto compiler = "GCC " __VERSION__;
#endif

int main() {
  fmt::print("compiler: {}\n", compiler);
  fmt::print("Boost: {}.{}.{}\n", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100);
#ifdef NDEBUG
  fmt::print("assertions: off\n");
#else
  fmt::print("assertions: on\n");
#endif
}
