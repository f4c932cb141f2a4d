# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
# What has to be settled before the compiler is looked for. Only our presets set these variables.
if(TAUTLINE_CCACHE)
  find_program(TAUTLINE_CCACHE_PROGRAM ccache)
  if(TAUTLINE_CCACHE_PROGRAM AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    # Objects that read precompiled headers are cached only with this leave, which is harmless here: no header of the
    # list has a date in it or depends on a macro that a target defines.
    set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros "${TAUTLINE_CCACHE_PROGRAM}")
  endif()
endif()

# Sanitizers prefer clang: g++ 12 needs six times as long and 1.6 GB for one unit with Beast in it.
if(TAUTLINE_SANITIZE AND NOT CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
  find_program(TAUTLINE_CLANG NAMES clang++-19)
  if(TAUTLINE_CLANG)
    set(CMAKE_CXX_COMPILER "${TAUTLINE_CLANG}")
  endif()
endif()
