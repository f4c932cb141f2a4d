// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Text that came from outside, made fit for a log line.
#include "policy/redact.hpp"

#include "policy/url.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace tautline::policy {

namespace {

constexpr std::size_t enough = 256;

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool announces_secret(std::string_view word) {
  const std::string w = lower(word);
  return w == "bearer" || w == "basic" || w == "digest" || w.ends_with(":bearer") || w.ends_with(":basic");
}

// Where the value of "token=value" or "password:value" begins; npos if the word is none.
std::size_t value_of_credential(std::string_view word) {
  static constexpr std::array names{"token", "password", "passwd", "secret", "key", "authorization", "cookie"};
  const auto separator = word.find_first_of("=:");
  if (separator == std::string_view::npos) return separator;
  const std::string name = lower(word.substr(0, separator));
  const bool known = std::any_of(names.begin(), names.end(), [&](const char* n) { return name.ends_with(n); });
  return known ? separator + 1 : std::string_view::npos;
}

/// Goes through a text word by word and remembers whether the next one is a secret.
class censor {
 public:
  std::string operator()(std::string_view word) {
    const bool hide = hide_next_;
    const std::size_t value = value_of_credential(word);
    const bool value_follows = value == word.size();
    hide_next_ = announces_secret(word) || value_follows;
    if (hide_next_) return std::string(word);
    if (value != std::string_view::npos) return std::string(word.substr(0, value)) + "***";
    if (hide) return "***";
    return word.find("://") == std::string_view::npos ? std::string(word) : redact_url(word);
  }

 private:
  bool hide_next_ = false;
};

}  // namespace

std::string one_line(std::string_view text) {
  std::string out(text.substr(0, enough));
  if (text.size() > enough) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xc0U) == 0x80U) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0x80U) out.pop_back();
    out += "...";
  }
  std::replace_if(out.begin(), out.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, '?');
  return out;
}

std::string without_secrets(std::string_view text) {
  censor censored;
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" \t\r\n"), text.size());
    out += censored(text.substr(0, end));
    if (end < text.size()) out += ' ';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return one_line(out);
}

}  // namespace tautline::policy
