// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The bytes of a message. Small ones lie in the message itself: most are small, and a deep queue of
// them would otherwise be a heap in pieces.
#ifndef TAUTLINE_DETAIL_PAYLOAD_STORE_HPP
#define TAUTLINE_DETAIL_PAYLOAD_STORE_HPP

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace tautline::detail {

/// Moved from, it is empty.
class payload_store {
 public:
  /// Up to this size. With it a message is two lines of the cache.
  static constexpr std::size_t in_place = 95;

  payload_store() noexcept = default;
  explicit payload_store(std::string_view bytes) {
    if (bytes.size() <= in_place)
      keep(bytes);
    else
      adopt(std::string(bytes));
  }
  explicit payload_store(std::string&& bytes) noexcept {
    if (bytes.size() <= in_place)
      keep(bytes);
    else
      adopt(std::move(bytes));
  }
  payload_store(const payload_store& other) : payload_store(other.view()) {}
  payload_store(payload_store&& other) noexcept { take_over(other); }
  payload_store& operator=(const payload_store& other) {
    if (this != &other) *this = payload_store(other);
    return *this;
  }
  payload_store& operator=(payload_store&& other) noexcept {
    if (this == &other) return *this;
    clear();
    take_over(other);
    return *this;
  }
  ~payload_store() { clear(); }

  [[nodiscard]] std::string_view view() const noexcept {
    return size_ == elsewhere ? std::string_view(large()) : std::string_view(bytes_, size_);
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_ == elsewhere ? large().size() : size_; }

  [[nodiscard]] std::string take() {
    std::string out = size_ == elsewhere ? std::move(large()) : std::string(bytes_, size_);
    clear();
    return out;
  }

  void clear() noexcept {
    if (size_ == elsewhere) std::destroy_at(&large());
    size_ = 0;
  }

  /// Of an empty one: room for `size` bytes, at most `in_place`, which count at once.
  [[nodiscard]] char* make_room(std::size_t size) noexcept {
    size_ = static_cast<unsigned char>(size);
    return bytes_;
  }

  void drop_front(std::size_t n) noexcept {
    if (size_ == elsewhere) {
      large().erase(0, n);
      return;
    }
    size_ = static_cast<unsigned char>(size_ - n);
    std::memmove(bytes_, bytes_ + n, size_);
  }

 private:
  static constexpr unsigned char elsewhere = 0xFF;

  [[nodiscard]] std::string& large() noexcept { return *std::launder(reinterpret_cast<std::string*>(bytes_)); }
  [[nodiscard]] const std::string& large() const noexcept {
    return *std::launder(reinterpret_cast<const std::string*>(bytes_));
  }
  void keep(std::string_view bytes) noexcept {
    if (!bytes.empty()) std::memcpy(bytes_, bytes.data(), bytes.size());
    size_ = static_cast<unsigned char>(bytes.size());
  }
  void adopt(std::string&& bytes) noexcept {
    ::new (static_cast<void*>(bytes_)) std::string(std::move(bytes));
    size_ = elsewhere;
  }
  void take_over(payload_store& other) noexcept {
    if (other.size_ == elsewhere) {
      adopt(std::move(other.large()));
      return other.clear();
    }
    std::memcpy(bytes_, other.bytes_, in_place);  // all of it: a size that is known costs less than the bytes
    size_ = std::exchange(other.size_, 0);
  }

  alignas(std::string) char bytes_[in_place];  // or a string
  unsigned char size_ = 0;
};

}  // namespace tautline::detail

#endif
