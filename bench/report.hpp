// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How a benchmark says what it measured: a line for people, or one of JSON for bench/run.py.
#ifndef TAUTLINE_BENCH_REPORT_HPP
#define TAUTLINE_BENCH_REPORT_HPP

#include "measure.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What the command line says: `--json`, `--name=value`.
class arguments {
 public:
  arguments(int argc, char** argv) : words_(argv + 1, argv + argc) {}
  [[nodiscard]] bool has(std::string_view flag) const {
    return std::find(words_.begin(), words_.end(), flag) != words_.end();
  }
  [[nodiscard]] std::string value(std::string_view name, std::string otherwise = {}) const {
    const std::string start = std::string(name) + "=";
    for (const auto& w : words_)
      if (w.starts_with(start)) return w.substr(start.size());
    return otherwise;
  }
  /// Of an argument that may be given several times.
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const {
    const std::string start = std::string(name) + "=";
    std::vector<std::string> out;
    for (const auto& w : words_)
      if (w.starts_with(start)) out.push_back(w.substr(start.size()));
    return out;
  }
  [[nodiscard]] long number(std::string_view name, long otherwise) const {
    const auto v = value(name);
    return v.empty() ? otherwise : std::stol(v);
  }

 private:
  std::vector<std::string> words_;
};

/// Samples of one measure by one client.
inline void report(const arguments& args, std::string_view measure, std::string_view who, std::string_view unit,
                   std::vector<double> values) {
  if (!args.has("--json")) {
    const auto s = spread_of(values);
    fmt::print("{:<34} {:<22} p5 {:.4g}, median {:.4g}, p95 {:.4g} {}\n", measure, who, s.low, s.median, s.high, unit);
  } else {
    boost::json::object o;
    o["measure"] = measure;
    o["who"] = who;
    o["unit"] = unit;
    o["values"] = boost::json::array(values.begin(), values.end());
    fmt::print("{}\n", boost::json::serialize(o));
  }
  std::fflush(stdout);
}

}  // namespace bench

#endif
