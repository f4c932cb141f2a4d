# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
# Everything that is used is found, nothing is brought along.

# Boost's own package files: they also serve several versions side by side, and FindBoost has left CMake.
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS json url)
find_package(OpenSSL 3.0 REQUIRED)
find_package(fmt 9 REQUIRED CONFIG)
find_package(Threads REQUIRED)
if(TAUTLINE_BUILD_PROGRAM)
  find_package(CLI11 2.1 REQUIRED CONFIG)
endif()
if(TAUTLINE_BUILD_TESTS)
  block()
    # The tests are written for the shared Boost.Test, also where everything else is linked statically.
    set(Boost_USE_STATIC_LIBS OFF)
    find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS unit_test_framework)
  endblock()
endif()
