# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
# Helpers for the targets of this project.

# All sources of the given rooms.
function(tautline_glob out)
  set(found)
  foreach(room IN LISTS ARGN)
    file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${room}/*.cpp")
    list(APPEND found ${files})
  endforeach()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# What our own code is compiled with, and a user's never.
function(tautline_own target)
  target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(NOT PROJECT_IS_TOP_LEVEL)
    return()
  endif()
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion)
  if(CMAKE_UNITY_BUILD)
    target_compile_options(${target} PRIVATE -Wno-shadow)  # of a name in another source
  endif()
  if(TAUTLINE_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(TAUTLINE_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${TAUTLINE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${TAUTLINE_SANITIZE})
    if(TAUTLINE_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # Asio's fences are not modelled; g++ says so once per file.
      target_compile_options(${target} PRIVATE -Wno-tsan)
    endif()
  endif()
endfunction()

function(tautline_put_into_bin target)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
endfunction()

# One program `<prefix>_<name>` for each source of a folder, as a user would write it; further
# arguments are what it links to besides.
function(tautline_add_programs prefix folder)
  tautline_glob(sources ${folder})
  add_custom_target(tautline_${prefix}_programs)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    add_executable(${prefix}_${name} ${source})
    target_link_libraries(${prefix}_${name} PRIVATE tautline::tautline Threads::Threads ${ARGN})
    tautline_own(${prefix}_${name})
    tautline_precompile(${prefix}_${name} program)
    tautline_put_into_bin(${prefix}_${name})
    add_dependencies(tautline_${prefix}_programs ${prefix}_${name})
  endforeach()
endfunction()
