// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "transport/frame.hpp"

#include "transport/random_bytes.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace tautline::transport {
namespace {

std::uint64_t read_big_endian(const char* bytes, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
  return value;
}

void write_big_endian(char* to, std::uint64_t value, std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; ++i) to[i] = static_cast<char>((value >> (8 * (size - 1 - i))) & 0xFFU);
}

std::size_t length_field(std::uint64_t payload_size) noexcept {
  if (payload_size < 126) return 0;
  return payload_size < 65536 ? 2 : 8;
}

}  // namespace

frame_header read_frame_header(std::span<const char> bytes) noexcept {
  frame_header h;
  if (bytes.size() < 2) return h;
  h.first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  h.masked = (second & 0x80U) != 0;
  h.payload_size = second & 0x7FU;

  const std::size_t length = h.payload_size < 126 ? 0 : (h.payload_size == 126 ? 2 : 8);
  const std::size_t size = 2 + length + (h.masked ? 4 : 0);
  if (bytes.size() < size) return h;
  if (length != 0) h.payload_size = read_big_endian(bytes.data() + 2, length);
  h.header_size = size;
  return h;
}

std::size_t frame_size(role from, std::size_t payload_size) noexcept {
  return 2 + length_field(payload_size) + (from == role::client ? 4 : 0) + payload_size;
}

namespace {

std::uint64_t load(const char* from) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

void store(char* to, std::uint64_t word) noexcept { std::memcpy(to, &word, sizeof(word)); }

// The key as it stands `n` bytes further on.
std::uint32_t turned(std::uint32_t key, std::size_t n) noexcept {
  const int bits = static_cast<int>(n % sizeof(key)) * 8;
  return std::endian::native == std::endian::little ? std::rotr(key, bits) : std::rotl(key, bits);
}

}  // namespace

void write_frame(char* to, role from, opcode op, std::string_view head, std::string_view payload) noexcept {
  const std::size_t size = head.size() + payload.size();
  const std::size_t length = length_field(size);
  const unsigned mask_bit = from == role::client ? 0x80U : 0U;
  const std::size_t short_length = length == 0 ? size : (length == 2 ? 126 : 127);
  to[0] = static_cast<char>(0x80U | static_cast<unsigned>(op));
  to[1] = static_cast<char>(mask_bit | short_length);
  if (length != 0) write_big_endian(to + 2, size, length);
  to += 2 + length;
  if (from == role::server) {
    if (!head.empty()) std::memcpy(to, head.data(), head.size());
    if (!payload.empty()) std::memcpy(to + head.size(), payload.data(), payload.size());
    return;
  }
  const std::uint32_t key = random_word();
  std::memcpy(to, &key, sizeof(key));
  to += sizeof(key);
  if (head.empty()) return apply_mask(to, payload.data(), payload.size(), key);
  apply_mask(to, head.data(), head.size(), key);
  apply_mask(to + head.size(), payload.data(), payload.size(), turned(key, head.size()));
}

void apply_mask(char* to, const char* from, std::size_t size, std::uint32_t key) noexcept {
  const std::uint64_t wide = (static_cast<std::uint64_t>(key) << 32U) | key;
  std::size_t i = 0;
  // Four words at a time, each by its name: the compiler turns that into its wide registers, and an
  // array of them into a way through the stack.
  for (; i + 32 <= size; i += 32) {
    const std::uint64_t a = load(from + i) ^ wide, b = load(from + i + 8) ^ wide;
    const std::uint64_t c = load(from + i + 16) ^ wide, d = load(from + i + 24) ^ wide;
    store(to + i, a);
    store(to + i + 8, b);
    store(to + i + 16, c);
    store(to + i + 24, d);
  }
  for (; i + 8 <= size; i += 8) store(to + i, load(from + i) ^ wide);
  std::array<char, sizeof(key)> bytes;
  std::memcpy(bytes.data(), &key, sizeof(key));
  for (; i < size; ++i) to[i] = static_cast<char>(from[i] ^ bytes[i % sizeof(key)]);
}

}  // namespace tautline::transport
