# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
# The version is written down once, in the public header.
file(READ "${CMAKE_CURRENT_LIST_DIR}/../../include/tautline/version.hpp" version_header)
if(NOT version_header MATCHES "TAUTLINE_VERSION_STRING \"([0-9]+\\.[0-9]+\\.[0-9]+)\"")
  message(FATAL_ERROR "include/tautline/version.hpp names no version")
endif()
set(TAUTLINE_HEADER_VERSION "${CMAKE_MATCH_1}")
unset(version_header)
