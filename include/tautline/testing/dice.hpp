// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Choices made from a seed: the same on every compiler, which the standard's distributions are not.
#ifndef TAUTLINE_TESTING_DICE_HPP
#define TAUTLINE_TESTING_DICE_HPP

#include <tautline/config.hpp>
#include <tautline/testing/virtual_time.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace tautline::testing {

class dice {
 public:
  explicit dice(std::uint64_t seed) noexcept : random_(seed) {}

  [[nodiscard]] std::uint64_t next() noexcept { return random_.next(); }
  /// In [0, n); 0 if n is 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t n) noexcept { return n == 0 ? 0 : next() % n; }
  /// In [low, high].
  [[nodiscard]] std::uint64_t between(std::uint64_t low, std::uint64_t high) noexcept {
    return low + below(high - low + 1);
  }
  [[nodiscard]] duration between(duration low, duration high) noexcept {
    return low + duration(static_cast<duration::rep>(below(static_cast<std::uint64_t>((high - low).count()) + 1)));
  }
  /// So many times in a thousand.
  [[nodiscard]] bool chance(unsigned per_mille) noexcept { return below(1000) < per_mille; }
  template <class T>
  [[nodiscard]] T one_of(std::initializer_list<T> choices) noexcept {
    return choices.begin()[below(choices.size())];
  }

 private:
  seeded_random random_;
};

}  // namespace tautline::testing

#endif
