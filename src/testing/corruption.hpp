// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Which bytes of a stream are spoiled: one at an offset, or some at random.
#ifndef TAUTLINE_SRC_TESTING_CORRUPTION_HPP
#define TAUTLINE_SRC_TESTING_CORRUPTION_HPP

#include <cstdint>
#include <optional>
#include <random>

namespace tautline::testing::detail {

/// Of one direction of all connections.
class corruption {
 public:
  corruption() = default;
  explicit corruption(std::uint64_t offset) : offset_(offset) {}
  corruption(double probability, std::uint64_t seed) : probability_(probability), dice_(seed) {}

  /// How many good bytes a stream has in front of its first bad one; nullopt: all are good.
  [[nodiscard]] std::optional<std::uint64_t> first() { return probability_ > 0 ? drawn() : offset_; }
  /// And between one and the next.
  [[nodiscard]] std::optional<std::uint64_t> next() { return probability_ > 0 ? drawn() : std::nullopt; }

 private:
  [[nodiscard]] std::optional<std::uint64_t> drawn();

  std::optional<std::uint64_t> offset_;
  double probability_ = 0;
  std::mt19937_64 dice_;
};

}  // namespace tautline::testing::detail

#endif
