// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A double-ended queue in one block of memory that grows by doubling: no allocation per element,
// and none at all until the first.
#ifndef TAUTLINE_SRC_DELIVERY_RING_HPP
#define TAUTLINE_SRC_DELIVERY_RING_HPP

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace tautline::delivery {

/// `T` is default-constructible and movable without throwing. References are valid until the next push.
/// A ring that runs empty gives its memory back, unless it is little, or the last filling needed a
/// good part of it: a steady stream allocates nothing, a burst is not kept for ever.
template <class T>
class ring {
  static_assert(std::is_nothrow_move_assignable_v<T>);

 public:
  ring() = default;
  ring(ring&& other) noexcept
      : items_(std::move(other.items_)),
        capacity_(std::exchange(other.capacity_, 0)),
        head_(std::exchange(other.head_, 0)),
        size_(std::exchange(other.size_, 0)),
        peak_(std::exchange(other.peak_, 0)) {}
  ring& operator=(ring&& other) noexcept {
    items_ = std::move(other.items_);
    capacity_ = std::exchange(other.capacity_, 0);
    head_ = std::exchange(other.head_, 0);
    size_ = std::exchange(other.size_, 0);
    peak_ = std::exchange(other.peak_, 0);
    return *this;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  [[nodiscard]] T& operator[](std::size_t i) noexcept { return items_[(head_ + i) & (capacity_ - 1)]; }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return items_[(head_ + i) & (capacity_ - 1)]; }
  [[nodiscard]] T& front() noexcept { return items_[head_]; }
  [[nodiscard]] const T& front() const noexcept { return items_[head_]; }
  [[nodiscard]] T& back() noexcept { return (*this)[size_ - 1]; }
  [[nodiscard]] const T& back() const noexcept { return (*this)[size_ - 1]; }

  void push_back(T value) {
    if (size_ == capacity_) grow();
    items_[(head_ + size_) & (capacity_ - 1)] = std::move(value);
    count_one();
  }

  void push_front(T value) {
    if (size_ == capacity_) grow();
    head_ = (head_ + capacity_ - 1) & (capacity_ - 1);
    items_[head_] = std::move(value);
    count_one();
  }

  void pop_front() noexcept {
    release(items_[head_]);
    head_ = (head_ + 1) & (capacity_ - 1);
    if (--size_ == 0) ran_empty();
  }

  void pop_back() noexcept {
    release(back());
    if (--size_ == 0) ran_empty();
  }

  /// Takes the element out of the middle; those behind it move up.
  void erase(std::size_t i) noexcept {
    for (; i + 1 < size_; ++i) (*this)[i] = std::move((*this)[i + 1]);
    pop_back();
  }

  void clear() noexcept {
    while (size_ > 0) pop_back();
  }

 private:
  // Small elements come by eight at first, large ones alone: many rings hold one now and then.
  static constexpr std::size_t first_capacity =
      std::bit_floor(std::clamp<std::size_t>(256 / sizeof(T), 1, 8));  // NOLINT(bugprone-sizeof-expression)
  static constexpr std::size_t always_kept = 256;                      // bytes
  static constexpr std::size_t never_kept = 64 * 1024;

  void count_one() noexcept {
    if (++size_ > peak_) peak_ = size_;
  }

  static void release(T& item) noexcept {
    if constexpr (!std::is_trivially_destructible_v<T>) item = T();
  }

  void grow() {
    const std::size_t wider = capacity_ == 0 ? first_capacity : capacity_ * 2;
    auto items = std::make_unique<T[]>(wider);
    for (std::size_t i = 0; i < size_; ++i) items[i] = std::move((*this)[i]);
    items_ = std::move(items);
    capacity_ = wider;
    head_ = 0;
  }

  void ran_empty() noexcept {
    head_ = 0;
    const std::size_t bytes = capacity_ * sizeof(T);  // NOLINT(bugprone-sizeof-expression): T may be a pointer
    const bool needed = peak_ > capacity_ / 4;
    peak_ = 0;
    if (bytes <= always_kept || (needed && bytes < never_kept)) return;
    items_.reset();
    capacity_ = 0;
  }

  std::unique_ptr<T[]> items_;
  std::size_t capacity_ = 0;  // zero or a power of two
  std::size_t head_ = 0;
  std::size_t size_ = 0;
  std::size_t peak_ = 0;  // of `size_` since it was empty
};

}  // namespace tautline::delivery

#endif
