// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A growing run of bytes, consumed from the front. Unlike a string it never fills what it
// allocates, and it gives its memory back on request.
#ifndef TAUTLINE_SRC_TRANSPORT_BYTE_BUFFER_HPP
#define TAUTLINE_SRC_TRANSPORT_BYTE_BUFFER_HPP

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace tautline::transport {

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
      const std::size_t larger = std::max(used + n, 2 * capacity_);
      std::unique_ptr<char[]> fresh(new char[larger]);
      if (used != 0) std::memcpy(fresh.get(), data_.get() + begin_, used);
      data_ = std::move(fresh);
      capacity_ = larger;
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

}  // namespace tautline::transport

#endif
