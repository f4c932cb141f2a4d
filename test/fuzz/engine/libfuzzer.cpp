// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// libFuzzer's way in. There is exactly one target in such a program; what it throws ends the process, and
// libFuzzer keeps the input.
#include "../target.hpp"

#include <cstddef>
#include <cstdint>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::function run = fuzz::targets().begin()->second;
  run({reinterpret_cast<const char*>(data), size});
  return 0;
}
