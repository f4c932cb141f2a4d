// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Retry-After: how long the peer asks to stay away.
#include "policy/classify.hpp"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

namespace tautline::policy {

namespace {

// A date of the year 9999 has no place in the system clock's nanoseconds.
using utc = std::chrono::sys_seconds;

constexpr std::chrono::seconds longest(24 * 3600);

std::string_view trimmed(std::string_view s) noexcept {
  constexpr std::string_view blank = " \t";
  const auto first = s.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(blank) - first + 1);
}

bool is_number(std::string_view s) noexcept {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

duration seconds_of(std::string_view digits) noexcept {
  std::chrono::seconds sum(0);
  for (const char c : digits) {
    sum = sum * 10 + std::chrono::seconds(c - '0');
    if (sum >= longest) return longest;
  }
  return sum;
}

// std::get_time is content with a text that ends before its format does; the mark at the end of
// both makes it a mismatch.
std::optional<std::tm> read_as(const std::string& text, const std::string& format) {
  constexpr char mark = '|';
  std::istringstream in(text + mark);
  in.imbue(std::locale::classic());  // day and month names are English whatever the process speaks
  std::tm t{};
  in >> std::get_time(&t, (format + mark).c_str());
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  return t;
}

std::optional<utc> time_of(const std::tm& t) {
  using namespace std::chrono;
  const year_month_day date(year(t.tm_year + 1900), month(static_cast<unsigned>(t.tm_mon + 1)),
                            day(static_cast<unsigned>(t.tm_mday)));
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + hours(t.tm_hour) + minutes(t.tm_min) + seconds(t.tm_sec);
}

// IMF-fixdate, then the two obsolete forms that a recipient still has to accept.
std::optional<utc> parse_http_date(const std::string& text, utc now) {
  if (const auto t = read_as(text, "%a, %d %b %Y %H:%M:%S GMT")) return time_of(*t);
  if (const auto t = read_as(text, "%a %b %d %H:%M:%S %Y")) return time_of(*t);
  auto t = read_as(text, "%A, %d-%b-%y %H:%M:%S GMT");
  if (!t) return std::nullopt;
  // Two digits of a year: the century is the one in which it is at most 50 years ahead.
  const int this_year =
      static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year());
  int year = this_year - this_year % 100 + t->tm_year % 100;
  if (year > this_year + 50) year -= 100;
  t->tm_year = year - 1900;
  return time_of(*t);
}

}  // namespace

std::optional<duration> parse_retry_after(std::string_view value, std::chrono::system_clock::time_point now) {
  const std::string_view text = trimmed(value);
  if (is_number(text)) return seconds_of(text);
  const auto this_second = std::chrono::floor<std::chrono::seconds>(now);
  const auto when = parse_http_date(std::string(text.substr(0, 64)), this_second);
  if (!when) return std::nullopt;
  if (*when <= this_second) return duration::zero();
  if (*when >= this_second + longest) return longest;
  return std::chrono::duration_cast<duration>(std::chrono::system_clock::time_point(*when) - now);
}

}  // namespace tautline::policy
