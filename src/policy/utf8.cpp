// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "policy/utf8.hpp"

#include <boost/locale/utf.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tautline::policy {
namespace {

std::uint64_t load(const char* from) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

// Most text is ASCII: many bytes at a time, as long as it lasts.
const char* skip_ascii(const char* p, const char* end) noexcept {
  constexpr std::uint64_t beyond = 0x8080808080808080ULL;
  // By names: an array of words goes through the stack.
  while (end - p >= 32 && ((load(p) | load(p + 8) | load(p + 16) | load(p + 24)) & beyond) == 0) p += 32;
  while (end - p >= 8 && (load(p) & beyond) == 0) p += 8;
  return p;
}

}  // namespace

bool valid_utf8(std::string_view text) noexcept {
  using traits = boost::locale::utf::utf_traits<char>;
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    p = skip_ascii(p, end);
    if (p == end) break;
    if (!boost::locale::utf::is_valid_codepoint(traits::decode(p, end))) return false;
  }
  return true;
}

}  // namespace tautline::policy
