// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Frames of RFC 6455, section 5.2: reading the header of one that arrives, and writing one.
#ifndef TAUTLINE_SRC_TRANSPORT_FRAME_HPP
#define TAUTLINE_SRC_TRANSPORT_FRAME_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tautline::transport {

enum class opcode : unsigned char { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

enum class role { client, server };

struct frame_header {
  frame_header() = default;
  unsigned char first = 0;  ///< the first byte: FIN, reserved bits, opcode
  bool masked = false;
  std::size_t header_size = 0;  ///< with the mask key; 0: the header is not all there yet
  std::uint64_t payload_size = 0;

  [[nodiscard]] bool fin() const noexcept { return (first & 0x80U) != 0; }
  [[nodiscard]] unsigned reserved_bits() const noexcept { return first & 0x70U; }
  [[nodiscard]] opcode op() const noexcept { return static_cast<opcode>(first & 0x0FU); }
  [[nodiscard]] bool control() const noexcept { return (first & 0x08U) != 0; }
};

constexpr unsigned deflated_bit = 0x40U;  ///< RSV1 (RFC 7692, section 6)
constexpr std::size_t largest_control_payload = 125;
constexpr std::size_t largest_header = 14;

[[nodiscard]] frame_header read_frame_header(std::span<const char> bytes) noexcept;

/// How many bytes the frame takes.
[[nodiscard]] std::size_t frame_size(role from, std::size_t payload_size) noexcept;
/// Writes one final frame into `to`, which has room for `frame_size()`; `head` and `payload` are its
/// payload together. Frames of a client are masked with a key that the peer cannot foresee (5.3).
void write_frame(char* to, role from, opcode op, std::string_view head, std::string_view payload) noexcept;

/// XORs with the four bytes of `key`, from `from` to `to`, which may be the same.
void apply_mask(char* to, const char* from, std::size_t size, std::uint32_t key) noexcept;

}  // namespace tautline::transport

#endif
