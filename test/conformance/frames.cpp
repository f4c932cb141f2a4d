// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "frames.hpp"

#include <array>
#include <stdexcept>

namespace conformance {
namespace {

constexpr unsigned fin = 0x80;

std::string big_endian(std::uint64_t value, unsigned size) {
  std::string out;
  for (unsigned shift = 8 * size; shift != 0; shift -= 8) out += static_cast<char>((value >> (shift - 8)) & 0xFFU);
  return out;
}

std::string masked(std::string payload, const std::string& key) {
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
  return payload;
}

length_form shortest_for(std::uint64_t size) {
  if (size < 126) return length_form::shortest;
  return size < 65536 ? length_form::two_bytes : length_form::eight_bytes;
}

[[noreturn]] void breach(const char* what) { throw std::runtime_error(std::string("our frame: ") + what); }

std::uint64_t number(std::string_view big) {
  std::uint64_t value = 0;
  for (const char c : big) value = (value << 8U) | static_cast<unsigned char>(c);
  return value;
}

void check(const our_frame& f, std::uint64_t size, bool may_deflate) {
  const unsigned opcode = f.first & 0x0FU, reserved = (f.first >> 4U) & 7U;
  if (opcode > 10 || (opcode > 2 && opcode < 8)) breach("there is no such opcode");
  if (reserved != 0 && !(may_deflate && reserved == 4 && opcode < 3)) breach("a reserved bit");
  if (opcode >= 8 && ((f.first & fin) == 0 || size > 125)) breach("a control frame that is fragmented or too large");
}

}  // namespace

peer_frame peer_frame::reserved(unsigned bits) const {
  peer_frame f = *this;
  f.first |= bits << 4U;
  return f;
}

peer_frame peer_frame::with_length(length_form form) const {
  peer_frame f = *this;
  f.length = form;
  return f;
}

peer_frame peer_frame::announcing(std::uint64_t n) const {
  peer_frame f = *this;
  f.announced = n;
  return f;
}

peer_frame peer_frame::reversed_mask() const {
  peer_frame f = *this;
  f.mask_reversed = true;
  return f;
}

peer_frame peer_frame::masked_with(std::uint32_t k) const {
  peer_frame f = *this;
  f.key = k;
  return f;
}

peer_frame text(std::string payload) { return {fin | 1U, std::move(payload)}; }
peer_frame binary(std::string payload) { return {fin | 2U, std::move(payload)}; }
peer_frame first_text(std::string payload) { return {1U, std::move(payload)}; }
peer_frame first_binary(std::string payload) { return {2U, std::move(payload)}; }
peer_frame more(std::string payload) { return {0U, std::move(payload)}; }
peer_frame last(std::string payload) { return {fin, std::move(payload)}; }
peer_frame ping(std::string payload) { return {fin | 9U, std::move(payload)}; }
peer_frame pong(std::string payload) { return {fin | 10U, std::move(payload)}; }
peer_frame close() { return {fin | 8U, {}}; }
peer_frame close(unsigned code, std::string_view reason) { return {fin | 8U, big_endian(code, 2).append(reason)}; }

std::string encode(const peer_frame& f, tested to) {
  const bool is_masked = (to == tested::server) != f.mask_reversed;
  const std::uint64_t size = f.announced.value_or(f.payload.size());
  const auto form = f.length == length_form::shortest ? shortest_for(size) : f.length;
  const unsigned mask_bit = is_masked ? 0x80U : 0U;
  std::string out(1, static_cast<char>(f.first));
  switch (form) {
    case length_form::shortest: out += static_cast<char>(mask_bit | size); break;
    case length_form::two_bytes: out += static_cast<char>(mask_bit | 126U), out += big_endian(size, 2); break;
    case length_form::eight_bytes: out += static_cast<char>(mask_bit | 127U), out += big_endian(size, 8); break;
  }
  if (!is_masked) return out + f.payload;
  const auto key = big_endian(f.key, 4);
  return out + key + masked(f.payload, key);
}

std::string encode(const frames& all, tested to) {
  std::string out;
  for (const auto& f : all) out += encode(f, to);
  return out;
}

std::string bytes(std::initializer_list<unsigned> values) {
  std::string out;
  for (const unsigned v : values) out += static_cast<char>(v);
  return out;
}

std::string letters(std::size_t n) {
  std::string out;
  out.reserve(n);
  for (std::size_t i = 0; i < n; ++i) out += static_cast<char>('a' + i % 26);
  return out;
}

std::optional<our_frame> take_frame(std::string& in, tested from, bool may_deflate) {
  if (in.size() < 2) return std::nullopt;
  our_frame f;
  f.first = static_cast<unsigned char>(in[0]);
  const unsigned second = static_cast<unsigned char>(in[1]), short_size = second & 0x7FU;
  if (((second & 0x80U) != 0) != (from == tested::client)) breach("masked wrongly");
  const std::size_t extra = short_size < 126 ? 0 : (short_size == 126 ? 2 : 8);
  const std::size_t key_size = from == tested::client ? 4 : 0;
  const std::size_t head = 2 + extra + key_size;
  if (in.size() < head) return std::nullopt;
  const std::uint64_t size = extra == 0 ? short_size : number(std::string_view(in).substr(2, extra));
  constexpr std::array<std::size_t, 3> extras = {0, 2, 8};
  if (extras[static_cast<std::size_t>(shortest_for(size))] != extra) breach("its length is longer than need be");
  check(f, size, may_deflate);
  if (in.size() - head < size) return std::nullopt;
  f.payload = in.substr(head, static_cast<std::size_t>(size));
  if (key_size != 0) f.payload = masked(f.payload, in.substr(head - 4, 4));
  in.erase(0, head + static_cast<std::size_t>(size));
  return f;
}

}  // namespace conformance
