// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The memory of the outbox: numbered cells that stay where they are, so that the queues in front
// of them move four bytes and not a message.
#ifndef TAUTLINE_SRC_DELIVERY_SLAB_HPP
#define TAUTLINE_SRC_DELIVERY_SLAB_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tautline::delivery {

/// Cells are handed out and taken back by number; a cell that comes back keeps its value until its
/// next owner overwrites it. `trim`, called when none is in use, gives memory back.
template <class Cell>
class slab {
 public:
  using number = std::uint32_t;

  [[nodiscard]] Cell& operator[](number n) noexcept { return (*blocks_[n / per_block])[n % per_block]; }
  [[nodiscard]] const Cell& operator[](number n) const noexcept { return (*blocks_[n / per_block])[n % per_block]; }

  [[nodiscard]] number acquire() {
    if (free_.empty()) add_block();
    const number n = free_.back();
    free_.pop_back();
    peak_ = std::max(peak_, in_use());
    return n;
  }

  void release(number n) noexcept { free_.push_back(n); }

  [[nodiscard]] std::size_t in_use() const noexcept { return blocks_.size() * per_block - free_.size(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return blocks_.size() * per_block; }

  /// Half of the blocks that the time since the last trim did not need go, and all beyond a fixed
  /// bound: a steady stream that keeps running empty allocates nothing, a burst is not kept for ever.
  void trim() noexcept {
    const std::size_t needed = (peak_ + per_block - 1) / per_block;
    peak_ = 0;
    const std::size_t keep = std::min(most_kept, std::max(needed, (blocks_.size() + needed) / 2));
    if (keep >= blocks_.size()) return;
    blocks_.resize(keep);
    std::erase_if(free_, [keep](number n) { return n >= keep * per_block; });
    if (free_.capacity() > 4 * most_kept * per_block) free_.shrink_to_fit();
  }

 private:
  static constexpr std::size_t per_block = 16;
  static constexpr std::size_t most_kept = 64;

  void add_block() {
    const auto first = static_cast<number>(blocks_.size() * per_block);
    const std::size_t all = blocks_.size() * per_block + per_block;
    if (free_.capacity() < all) free_.reserve(2 * all);  // so that `release` cannot throw
    blocks_.push_back(std::make_unique<std::array<Cell, per_block>>());
    for (number i = per_block; i-- > 0;) free_.push_back(first + i);
  }

  std::vector<std::unique_ptr<std::array<Cell, per_block>>> blocks_;
  std::vector<number> free_;
  std::size_t peak_ = 0;
};

}  // namespace tautline::delivery

#endif
