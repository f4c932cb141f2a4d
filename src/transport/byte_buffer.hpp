// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A growing run of bytes, consumed from the front. Unlike a string it never fills what it
// allocates, and it gives its memory back on request.
#ifndef TAUTLINE_SRC_TRANSPORT_BYTE_BUFFER_HPP
#define TAUTLINE_SRC_TRANSPORT_BYTE_BUFFER_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace tautline::transport {

/// Large blocks that wait for the next buffer which grows that far, a few for each thread. A buffer
/// that runs empty gives its memory back, so that an idle connection holds none; under traffic that
/// happens after each batch, and the heap would tidy up every time.
class spare_blocks {
 public:
  static constexpr std::size_t block = std::size_t{96} * 1024;  // a collected write with its frames' headers

  [[nodiscard]] static std::unique_ptr<char[]> take() {
    if (over() || mine().count == 0) return std::unique_ptr<char[]>(new char[block]);
    auto& kept = mine();
    return std::move(kept.blocks[--kept.count]);
  }
  static void give(std::unique_ptr<char[]> one) noexcept {
    if (over() || mine().count == most) return;
    auto& kept = mine();
    kept.blocks[kept.count++] = std::move(one);
  }

 private:
  static constexpr std::size_t most = 3;  // one to fill, one that is being written, one to read into
  struct store {
    store() = default;
    store(const store&) = delete;
    store& operator=(const store&) = delete;
    ~store() { over() = true; }
    std::array<std::unique_ptr<char[]>, most> blocks;
    std::size_t count = 0;
  };
  /// The thread ends, and something that lives longer (a link of static storage) gives its memory back.
  static bool& over() noexcept {
    thread_local bool is_over = false;
    return is_over;
  }
  static store& mine() noexcept {
    thread_local store s;
    return s;
  }
};

class byte_buffer {
 public:
  byte_buffer() = default;

  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::span<char> bytes() noexcept { return {data_.get() + begin_, size()}; }

  /// Room for `n` bytes behind the others; they count once `commit` says so.
  [[nodiscard]] char* prepare(std::size_t n) {
    if (n > capacity_ - end_) make_room(n);
    return data_.get() + end_;
  }
  void commit(std::size_t n) noexcept { end_ += n; }
  /// What can be committed without another `prepare`.
  [[nodiscard]] std::size_t spare() const noexcept { return capacity_ - end_; }

  void append(const char* bytes, std::size_t n) {
    if (n == 0) return;
    std::memcpy(prepare(n), bytes, n);
    commit(n);
  }

  void consume(std::size_t n) noexcept {
    begin_ += n;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  /// Takes `n` bytes out of the middle.
  void erase(std::size_t offset, std::size_t n) noexcept {
    char* const at = data_.get() + begin_ + offset;
    std::memmove(at, at + n, size() - offset - n);
    end_ -= n;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  /// Gives the memory back.
  void release() noexcept {
    if (capacity_ == spare_blocks::block) spare_blocks::give(std::move(data_));
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }

  void swap(byte_buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  void make_room(std::size_t n) {
    const std::size_t used = size();
    if (used + n <= capacity_ && begin_ >= capacity_ / 2) {
      std::memmove(data_.get(), data_.get() + begin_, used);
    } else {
      grow(std::max(used + n, 2 * capacity_));
    }
    begin_ = 0;
    end_ = used;
  }

  void grow(std::size_t larger) {
    const bool spare = larger > spare_blocks::block / 2 && larger <= spare_blocks::block;
    if (spare) larger = spare_blocks::block;
    auto fresh = spare ? spare_blocks::take() : std::unique_ptr<char[]>(new char[larger]);
    const std::size_t used = size();
    if (used != 0) std::memcpy(fresh.get(), data_.get() + begin_, used);
    if (capacity_ == spare_blocks::block) spare_blocks::give(std::move(data_));
    data_ = std::move(fresh);
    capacity_ = larger;
  }

  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

}  // namespace tautline::transport

#endif
