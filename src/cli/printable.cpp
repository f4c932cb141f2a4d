// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What is done to text before it is shown.
#include "printable.hpp"

#include <boost/nowide/utf/convert.hpp>

namespace tautline::cli {
namespace {

bool starts_character(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

bool is_control(char c) noexcept {
  const auto u = static_cast<unsigned char>(c);
  return u < 0x20 || u == 0x7F;
}

// U+0080 to U+009F: one of them, CSI, is what "ESC [" is.
bool is_c1_control(std::string_view at) noexcept {
  return at.size() >= 2 && static_cast<unsigned char>(at[0]) == 0xC2 && static_cast<unsigned char>(at[1]) < 0xA0;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  return boost::nowide::utf::convert_string<char>(text.data(), text.data() + text.size());
}

std::string printable(std::string_view text) {
  const std::string valid = valid_utf8(text);
  std::string out;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (is_c1_control(std::string_view(valid).substr(i))) {
      out += '?';
      ++i;
    } else {
      out += is_control(valid[i]) ? '?' : valid[i];
    }
  }
  return out;
}

std::size_t columns_of(std::string_view text) noexcept {
  std::size_t n = 0;
  for (const char c : text)
    if (starts_character(c)) ++n;
  return n;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (starts_character(text[i]) && ++seen == columns) return std::string(text.substr(0, i)) + "…";
  return std::string(text);
}

}  // namespace tautline::cli
