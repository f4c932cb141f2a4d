# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
# Half of a build here is reading Asio's headers again and again. With TAUTLINE_PRECOMPILE, which our presets
# set and no user has to, they are read once for each kind of object: for the library, for a program, for a
# test. The list holds others' headers only, so that a change of our own costs no more than before. A source
# that forgets an include is still found: clang-tidy and test/consumers compile without.
option(TAUTLINE_PRECOMPILE "Precompile the headers of Boost and the standard library" OFF)

set(TAUTLINE_PRECOMPILED_HEADERS
  <algorithm> <array> <atomic> <charconv> <chrono> <cmath> <coroutine> <cstddef> <cstdint> <cstring> <deque>
  <exception> <fstream> <functional> <iostream> <iterator> <limits> <list> <map> <memory> <mutex> <optional>
  <random> <set> <span> <sstream> <stdexcept> <string> <string_view> <system_error> <thread> <tuple>
  <type_traits> <unordered_map> <utility> <variant> <vector>
  <boost/asio/any_completion_handler.hpp> <boost/asio/any_io_executor.hpp> <boost/asio/as_tuple.hpp>
  <boost/asio/async_result.hpp> <boost/asio/awaitable.hpp> <boost/asio/bind_cancellation_slot.hpp>
  <boost/asio/bind_executor.hpp> <boost/asio/buffer.hpp> <boost/asio/cancellation_signal.hpp>
  <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp> <boost/asio/error.hpp> <boost/asio/io_context.hpp>
  <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp> <boost/asio/redirect_error.hpp> <boost/asio/steady_timer.hpp>
  <boost/asio/strand.hpp> <boost/asio/this_coro.hpp> <boost/asio/use_awaitable.hpp>
  <boost/json.hpp> <boost/system/system_error.hpp>)

# tautline_precompile(TARGET KIND): the headers come compiled, as for every other target of this KIND. What is
# compiled ahead has to be compiled as the sources that use it are, hence a kind for each set of options.
function(tautline_precompile target kind)
  if(NOT TAUTLINE_PRECOMPILE OR NOT PROJECT_IS_TOP_LEVEL)
    return()
  endif()
  set(ahead tautline_headers_${kind})
  if(NOT TARGET ${ahead})
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/${ahead}.cpp" CONTENT "// Compiled for its headers only.\n")
    add_library(${ahead} OBJECT "${PROJECT_BINARY_DIR}/${ahead}.cpp")
    target_compile_features(${ahead} PUBLIC cxx_std_20)
    target_link_libraries(${ahead} PRIVATE Boost::headers Boost::json Threads::Threads)
    set(headers ${TAUTLINE_PRECOMPILED_HEADERS})
    if(NOT kind STREQUAL "program")
      # Examples are made without fmt.
      target_link_libraries(${ahead} PRIVATE fmt::fmt)
      list(APPEND headers <fmt/format.h>)
    endif()
    if(kind STREQUAL "library")
      set_target_properties(${ahead} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    elseif(kind STREQUAL "test")
      target_compile_definitions(${ahead} PRIVATE BOOST_TEST_DYN_LINK=)
      target_link_libraries(${ahead} PRIVATE Boost::unit_test_framework)
      list(APPEND headers <boost/test/unit_test.hpp>)
    endif()
    # Without a time in it, the same headers compiled again are the same file for ccache.
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      target_compile_options(${ahead} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    endif()
    tautline_own(${ahead})
    target_precompile_headers(${ahead} PRIVATE ${headers})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${ahead})
endfunction()
