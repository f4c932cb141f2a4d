// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The counting at the receiver that the demo's verdict rests on.
#ifndef TAUTLINE_CLI_DEMO_TALLY_HPP
#define TAUTLINE_CLI_DEMO_TALLY_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tautline::cli {

/// Takes messages that start with their number, 1 to `expected`.
class tally {
 public:
  explicit tally(std::uint64_t expected) : seen_(static_cast<std::size_t>(expected) + 1) {}

  void take(std::string_view payload);

  [[nodiscard]] std::uint64_t delivered() const noexcept { return delivered_; }
  [[nodiscard]] std::uint64_t lost() const noexcept { return seen_.size() - 1 - delivered_; }
  [[nodiscard]] std::uint64_t repeated() const noexcept { return repeated_; }
  /// Came for the first time after a later one.
  [[nodiscard]] std::uint64_t out_of_order() const noexcept { return out_of_order_; }
  /// Was never sent.
  [[nodiscard]] std::uint64_t foreign() const noexcept { return foreign_; }

 private:
  std::vector<bool> seen_;
  std::uint64_t delivered_ = 0, repeated_ = 0, out_of_order_ = 0, foreign_ = 0, highest_ = 0;
};

}  // namespace tautline::cli

#endif
