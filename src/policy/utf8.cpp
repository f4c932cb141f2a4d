// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "policy/utf8.hpp"

#include <boost/locale/utf.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tautline::policy {
namespace {

// Most text is ASCII: many bytes at a time, as long as it lasts.
const char* skip_ascii(const char* p, const char* end) noexcept {
  std::array<std::uint64_t, 4> words;
  for (; end - p >= static_cast<std::ptrdiff_t>(sizeof(words)); p += sizeof(words)) {
    std::memcpy(words.data(), p, sizeof(words));
    if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080ULL) != 0) break;
  }
  for (std::uint64_t word = 0; end - p >= 8; p += 8) {
    std::memcpy(&word, p, 8);
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
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
