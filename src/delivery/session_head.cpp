// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The binary half of the wire format: what stands before the payload of a data message.
#include "delivery/session_codec.hpp"

namespace tautline::delivery {
namespace {

enum flag : unsigned char { flag_text = 1, flag_ack = 2, flag_void = 4, flags_known = 7 };

char* put_varint(std::uint64_t value, char* to) noexcept {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>((value & 0x7f) | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}

/// Takes one unsigned LEB128 number from the front of `in`; false if there is none of at most 64 bits.
/// A longer form than the number needs is one too, up to ten bytes.
bool take_varint(std::string_view& in, std::uint64_t& value) noexcept {
  value = 0;
  for (std::size_t i = 0; i < in.size() && i < max_varint_bytes; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    if (i == max_varint_bytes - 1 && byte > 1) return false;  // beyond 64 bits, or it goes on
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      in.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

const char* take_void(std::string_view rest, data_head& h) noexcept {
  if (h.text) return "a void message is marked as text";
  if (!take_varint(rest, h.count)) return "the count of a void message is no varint of 64 bits";
  if (h.count == 0) return "a void message counts no number";
  if (!rest.empty()) return "a void message has bytes behind its count";
  if (h.count - 1 > UINT64_MAX - h.seq) return "a void message counts beyond 64 bits";
  return nullptr;
}

}  // namespace

std::size_t encode_head(const data_head& h, char* to) noexcept {
  unsigned flags = 0;
  if (h.is_void)
    flags |= flag_void;
  else if (h.text)
    flags |= flag_text;
  if (h.ack) flags |= flag_ack;
  char* p = to;
  *p++ = static_cast<char>(flags);
  p = put_varint(h.seq, p);
  if (h.ack) p = put_varint(*h.ack, p);
  if (h.is_void) p = put_varint(h.count, p);
  return static_cast<std::size_t>(p - to);
}

const char* decode_head(std::string_view whole, data_head& h) noexcept {
  h = data_head();
  if (whole.empty()) return "a data message is empty";
  const auto flags = static_cast<unsigned char>(whole.front());
  if ((flags & ~unsigned{flags_known}) != 0) return "a data message has unknown flags";
  h.text = (flags & flag_text) != 0;
  h.is_void = (flags & flag_void) != 0;
  std::string_view rest = whole.substr(1);
  if (!take_varint(rest, h.seq)) return "seq is no varint of 64 bits";
  if (h.seq == 0) return "seq is 0";
  if ((flags & flag_ack) != 0 && !take_varint(rest, h.ack.emplace())) return "ack is no varint of 64 bits";
  h.size = whole.size() - rest.size();
  if (!h.is_void) return nullptr;
  h.size = whole.size();
  return take_void(rest, h);
}

}  // namespace tautline::delivery
