# Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
# Install rules: headers, libraries, the program, the CMake package and the pkg-config file.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/tautline")
set(installed_targets tautline)
if(TARGET tautline_testing)
  list(APPEND installed_targets tautline_testing)
endif()
install(TARGETS ${installed_targets} EXPORT tautline)
install(DIRECTORY include/tautline DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
install(EXPORT tautline NAMESPACE tautline:: FILE tautlineTargets.cmake DESTINATION "${package_dir}")
if(TARGET tautline_program)
  install(TARGETS tautline_program)
endif()

configure_package_config_file(src/cmake/tautlineConfig.cmake.in tautlineConfig.cmake
  INSTALL_DESTINATION "${package_dir}")
# Before 1.0 a minor version may break what compiled before.
write_basic_package_version_file(tautlineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tautlineConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/tautlineConfigVersion.cmake"
  DESTINATION "${package_dir}")

# A static library hands its own needs on to every user, so that plain `pkg-config --libs` is enough.
get_target_property(library_type tautline TYPE)
if(library_type STREQUAL "STATIC_LIBRARY")
  set(pc_public_libs "-lboost_url")
  set(pc_requires_suffix "")
else()
  set(pc_private_libs "-lboost_url")
  set(pc_requires_suffix ".private")
endif()
file(RELATIVE_PATH pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(src/cmake/tautline.pc.in tautline.pc.step @ONLY)
file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/tautline.pc" INPUT "${CMAKE_CURRENT_BINARY_DIR}/tautline.pc.step")
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tautline.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
