// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The memory of the outbox: cells that stay where they are, so that the queues in front of them
// move a pointer and not a message.
#ifndef TAUTLINE_SRC_DELIVERY_SLAB_HPP
#define TAUTLINE_SRC_DELIVERY_SLAB_HPP

#include "delivery/prefetch.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace tautline::delivery {

/// The first block is a small one: most queues of many links hold a message or none.
/// `Cell` has a member `Cell* next_free`. A cell that comes back keeps its value until its next
/// owner overwrites it. `trim`, called when none is in use, gives memory back.
template <class Cell>
class slab {
 public:
  [[nodiscard]] Cell* acquire() {
    if (!free_) add_block();
    Cell* c = free_;
    free_ = c->next_free;
    prefetch_object(free_);  // for the next one who asks
    if (++in_use_ > peak_) peak_ = in_use_;
    return c;
  }

  void release(Cell* c) noexcept {
    c->next_free = free_;
    free_ = c;
    --in_use_;
  }

  [[nodiscard]] std::size_t in_use() const noexcept { return in_use_; }
  [[nodiscard]] std::size_t capacity() const noexcept {
    return blocks_.empty() ? 0 : first_block + (blocks_.size() - 1) * per_block;
  }

  /// Half of the blocks that the time since the last trim did not need go, and all beyond a fixed
  /// bound: a steady stream that keeps running empty allocates nothing, a burst is not kept for ever.
  void trim() noexcept {
    const std::size_t needed = blocks_for(peak_);
    peak_ = 0;
    const std::size_t keep = std::min(most_kept, std::max(needed, (blocks_.size() + needed) / 2));
    if (keep >= blocks_.size()) return;
    blocks_.resize(keep);
    if (blocks_.capacity() > 4 * most_kept) blocks_.shrink_to_fit();
    free_ = nullptr;
    for (std::size_t i = keep; i-- > 0;) chain(i);
  }

 private:
  static constexpr std::size_t first_block = 1;  // cells
  static constexpr std::size_t per_block = 16;
  static constexpr std::size_t most_kept = 64;

  [[nodiscard]] static std::size_t size_of(std::size_t block) noexcept { return block == 0 ? first_block : per_block; }
  [[nodiscard]] static std::size_t blocks_for(std::size_t cells) noexcept {
    if (cells <= first_block) return cells == 0 ? 0 : 1;
    return 1 + (cells - first_block + per_block - 1) / per_block;
  }

  void add_block() {
    blocks_.push_back(std::make_unique<Cell[]>(size_of(blocks_.size())));
    chain(blocks_.size() - 1);
  }

  void chain(std::size_t block) noexcept {
    Cell* const cells = blocks_[block].get();
    for (std::size_t i = size_of(block); i-- > 0;) {
      cells[i].next_free = free_;
      free_ = &cells[i];
    }
  }

  std::vector<std::unique_ptr<Cell[]>> blocks_;
  Cell* free_ = nullptr;
  std::size_t in_use_ = 0;
  std::size_t peak_ = 0;  // of `in_use_` since the last trim
};

}  // namespace tautline::delivery

#endif
