// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How durations and sizes are read and written.
#include "quantities.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <map>
#include <utility>

namespace tautline::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t longest_ms = std::int64_t{365} * 24 * 3600 * 1000;

const std::map<std::string, std::int64_t>& time_units() {
  static const std::map<std::string, std::int64_t> units = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  return units;
}

// CLI11's own converters say what is wrong by throwing, in words about their C++ types.
bool converts(const CLI::Validator& read, std::string& text) {
  try {
    return read(text).empty();
  } catch (const CLI::ValidationError&) { return false; }
}

}  // namespace

std::string to_milliseconds(std::string& text) {
  if (text == "0") return {};
  const CLI::AsNumberWithUnit read(time_units(), CLI::AsNumberWithUnit::UNIT_REQUIRED);
  const std::string written = text;
  const auto problem = [&] {
    return fmt::format("'{}' is not a duration: write a whole number and ms, s, m or h, for example 250ms", written);
  };
  if (written.empty() || written.front() < '0' || written.front() > '9') return problem();
  if (!converts(read, text)) return problem();
  std::int64_t ms = 0;
  if (!CLI::detail::lexical_cast(text, ms)) return problem();
  if (ms > longest_ms) return fmt::format("'{}' is longer than 365 days", written);
  return {};
}

std::string to_bytes(std::string& text) {
  const std::string written = text;
  const auto problem = [&] {
    return fmt::format("'{}' is not a size: write bytes, or a whole number and KiB, MiB or GiB, for example 64KiB",
                       written);
  };
  if (written.empty() || written.front() < '0' || written.front() > '9') return problem();
  const CLI::AsSizeValue read(false);
  if (!converts(read, text)) return problem();
  return {};
}

std::string duration_text(duration d) {
  const auto ms = std::chrono::duration_cast<milliseconds>(d).count();
  if (ms == 0) return "0s";
  if (ms % 3'600'000 == 0) return fmt::format("{}h", ms / 3'600'000);
  if (ms % 60'000 == 0) return fmt::format("{}m", ms / 60'000);
  if (ms % 1000 == 0) return fmt::format("{}s", ms / 1000);
  return fmt::format("{}ms", ms);
}

std::string size_text(std::size_t bytes) {
  static constexpr std::array<std::pair<std::size_t, const char*>, 3> units = {
      {{std::size_t{1} << 30U, "GiB"}, {std::size_t{1} << 20U, "MiB"}, {std::size_t{1} << 10U, "KiB"}}};
  for (const auto& [factor, name] : units)
    if (bytes != 0 && bytes % factor == 0) return fmt::format("{}{}", bytes / factor, name);
  return fmt::format("{}", bytes);
}

std::string short_time(duration d) {
  const double ms = in_milliseconds(d);
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  if (ms < 120'000) return fmt::format("{:.1f} s", ms / 1000);
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(d).count();
  if (s < 7200) return fmt::format("{} min {} s", s / 60, s % 60);
  return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
}

double in_milliseconds(duration d) noexcept { return std::chrono::duration<double, std::milli>(d).count(); }

}  // namespace tautline::cli
