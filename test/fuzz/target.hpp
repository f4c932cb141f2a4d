// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a fuzz target is: a name, and a function that takes any bytes and throws if something is not
// true of them. libFuzzer drives one of them; test_fuzz replays kept inputs on all.
#ifndef TAUTLINE_TEST_FUZZ_TARGET_HPP
#define TAUTLINE_TEST_FUZZ_TARGET_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace fuzz {

using function = void (*)(std::string_view bytes);

/// Registers a target. An object of static duration, one in each source.
struct target {
  target(const char* name, function f);
};

[[nodiscard]] const std::map<std::string, function>& targets();

/// Throws `std::logic_error` if it does not hold.
void expect(bool holds, const char* what);

/// The bytes as a sequence of decisions. Where they are used up, every decision is the first.
class decisions {
 public:
  explicit decisions(std::string_view bytes) : left_(bytes) {}

  [[nodiscard]] bool over() const noexcept { return left_.empty(); }
  [[nodiscard]] unsigned byte() {
    if (left_.empty()) return 0;
    const auto b = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return b;
  }
  [[nodiscard]] unsigned below(unsigned n) { return byte() % n; }
  /// Small ones mostly.
  [[nodiscard]] std::uint64_t number() {
    const unsigned b = byte();
    if (b < 0xF0) return b % 32;
    std::uint64_t n = 0;
    for (unsigned i = 0; i <= b % 8; ++i) n = (n << 8U) | byte();
    return n;
  }
  [[nodiscard]] std::string_view bytes(std::size_t n) {
    const auto taken = left_.substr(0, std::min(n, left_.size()));
    left_.remove_prefix(taken.size());
    return taken;
  }
  [[nodiscard]] std::string_view rest() { return bytes(left_.size()); }

 private:
  std::string_view left_;
};

}  // namespace fuzz

#endif
