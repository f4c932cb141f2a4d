# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
# Every folder test/<room>/ becomes the program test_<room> and one ctest test, and every
# test/<room>/<name>_test.py, which tests the built program, one more. Their own counts of cases go
# to <build>/reports/<test>.xml, where ./dev test adds them up.

file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/reports")
set(test_environment
  "TAUTLINE_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
  "TAUTLINE_BIN_DIR=${PROJECT_BINARY_DIR}/bin"
  "NODE_PATH=${PROJECT_SOURCE_DIR}/build/peers/node_modules"
  "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1")

# Sanitizers are slow: there the longest tests do less.
set(under_sanitizer 0)
set(simulated_limit 0)
if(TAUTLINE_SANITIZE)
  set(under_sanitizer 1)
  set(simulated_limit 40)
endif()

function(tautline_add_room_test folder)
  cmake_path(GET folder FILENAME room)
  tautline_glob(sources test/${room})
  # The simulation is a program of its own, see below.
  if(NOT EXISTS "${folder}/main.cpp" OR room STREQUAL "sim" OR (room STREQUAL "fuzz" AND NOT TARGET tautline_cli))
    return()
  endif()
  set(target test_${room})
  add_executable(${target} ${sources})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/test")
  # Given as empty, so that a source may define it once more.
  target_compile_definitions(${target} PRIVATE BOOST_TEST_DYN_LINK=
    TAUTLINE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" TAUTLINE_BIN_DIR="${PROJECT_BINARY_DIR}/bin"
    TAUTLINE_UNDER_SANITIZER=${under_sanitizer})
  target_link_libraries(${target} PRIVATE tautline Boost::unit_test_framework Boost::url OpenSSL::SSL fmt::fmt)
  if(TARGET tautline_testing)
    target_link_libraries(${target} PRIVATE tautline_testing)
  endif()
  if(room MATCHES "^(cli|fuzz)$" AND TARGET tautline_cli)
    target_link_libraries(${target} PRIVATE tautline_cli)
  endif()
  if(room STREQUAL "cli" AND TARGET tautline_cli)
    add_dependencies(${target} tautline_program)
  endif()
  if(room STREQUAL "gcc12" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT TAUTLINE_SANITIZE)
    # The asan preset prefers clang, which does not miscompile what this room is about. That a user's
    # own file is watched is enough: the library beneath it needs no instrumentation.
    target_compile_options(${target} PRIVATE -fsanitize=address)
    target_link_options(${target} PRIVATE -fsanitize=address)
  endif()
  tautline_own(${target})
  # What a compiler makes of a user's own file is what gcc12 is about; main.cpp sets up Boost.Test.
  if(NOT room STREQUAL "gcc12")
    tautline_precompile(${target} test)
    set_source_files_properties("${folder}/main.cpp" PROPERTIES
      SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  # Sources that each have a helper of the same name cannot be compiled as one.
  if(room MATCHES "^(conformance|delivery|fuzz|gcc12|server|session_sockets|testing)$")
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  endif()
  tautline_put_into_bin(${target})
  set(report "${PROJECT_BINARY_DIR}/reports/${target}.xml")
  add_test(NAME ${target}
    COMMAND ${target} --logger=HRF,message,stdout --logger=JUNIT,error,${report} --color_output=no)
  set_tests_properties(${target} PROPERTIES ENVIRONMENT "${test_environment}" WORKING_DIRECTORY "${PROJECT_BINARY_DIR}")
endfunction()

function(tautline_add_python_tests folder)
  cmake_path(GET folder FILENAME room)
  file(GLOB scripts CONFIGURE_DEPENDS "${folder}/*_test.py")
  foreach(script IN LISTS scripts)
    cmake_path(GET script STEM name)
    set(test ${room}_${name})
    add_test(NAME ${test}
      COMMAND "${PROJECT_SOURCE_DIR}/test/house/run_python" "${PROJECT_BINARY_DIR}/reports/${test}.xml" "${script}"
              "$<TARGET_FILE:tautline_program>")
    set_tests_properties(${test} PROPERTIES ENVIRONMENT "${test_environment}" WORKING_DIRECTORY "${PROJECT_BINARY_DIR}")
  endforeach()
endfunction()

file(GLOB test_folders LIST_DIRECTORIES true CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/test/*")
foreach(folder IN LISTS test_folders)
  tautline_add_room_test("${folder}")
  # What test/faults measures are times, which a sanitizer stretches.
  if(TARGET tautline_program AND NOT (TAUTLINE_SANITIZE AND folder MATCHES "/faults$"))
    tautline_add_python_tests("${folder}")
  endif()
endforeach()

# Simulated worlds: all that ever failed, here or in this build folder, and two thousand fresh ones (under sanitizers
# as many as 40 seconds are enough for); or the same each time.
option(TAUTLINE_FRESH_WORLDS "The simulation test draws other worlds in each run" ON)
tautline_glob(sim_sources test/sim)
if(sim_sources AND TARGET tautline_testing AND CLI11_FOUND)
  add_executable(tautline_sim ${sim_sources})
  target_link_libraries(tautline_sim PRIVATE tautline_testing fmt::fmt CLI11::CLI11)
  tautline_own(tautline_sim)
  tautline_precompile(tautline_sim program)
  tautline_put_into_bin(tautline_sim)
  set(failed_here "${PROJECT_BINARY_DIR}/failed_seeds.txt")
  set(which_worlds --worlds 2000 --seconds ${simulated_limit})
  if(NOT TAUTLINE_FRESH_WORLDS)
    list(APPEND which_worlds --base 1)
  endif()
  add_test(NAME simulation COMMAND tautline_sim ${which_worlds}
    --seeds "${PROJECT_SOURCE_DIR}/test/sim/failed_seeds.txt" --seeds "${failed_here}" --record "${failed_here}")
  set_tests_properties(simulation PROPERTIES ENVIRONMENT "${test_environment}" PROCESSORS 2 TIMEOUT 600)
endif()

# What the compiler's options do not change is looked at once.
if(NOT TAUTLINE_SANITIZE)
  add_test(NAME simulation_mutations_apply COMMAND "${PROJECT_SOURCE_DIR}/test/sim/mutations/check" "${PROJECT_SOURCE_DIR}")
  add_test(NAME house_rooms COMMAND "${PROJECT_SOURCE_DIR}/test/house/rooms" "${PROJECT_SOURCE_DIR}")
  add_test(NAME house_public_face
    COMMAND "${PROJECT_SOURCE_DIR}/test/house/public_face" "${PROJECT_SOURCE_DIR}" "${CMAKE_CXX_COMPILER}"
            "$<JOIN:$<TARGET_PROPERTY:Boost::headers,INTERFACE_INCLUDE_DIRECTORIES>,:>")
  find_package(Python3 COMPONENTS Interpreter)
  if(Python3_FOUND)
    add_test(NAME house_pages COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/test/house/pages.py" "${PROJECT_SOURCE_DIR}")
  endif()
endif()
if(TAUTLINE_CONSUMER_TESTS)
  add_test(NAME consumers
    COMMAND "${PROJECT_SOURCE_DIR}/test/consumers/run" "${PROJECT_BINARY_DIR}/consumers")
  set_tests_properties(consumers PROPERTIES LABELS consumers)
endif()
