// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// As much of Markdown as the tests need: pages, and the tables in them.
#ifndef TAUTLINE_TEST_DOCS_MARKDOWN_HPP
#define TAUTLINE_TEST_DOCS_MARKDOWN_HPP

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tautline_test {

/// A file of the checkout.
[[nodiscard]] inline std::string read_source(const std::string& path) {
  std::ifstream in(std::string(TAUTLINE_SOURCE_DIR) + '/' + path);
  BOOST_REQUIRE_MESSAGE(in, path << " cannot be read");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

using row = std::vector<std::string>;

[[nodiscard]] inline std::string trimmed(std::string_view s) {
  const auto begin = s.find_first_not_of(" `");
  if (begin == std::string_view::npos) return {};
  return std::string(s.substr(begin, s.find_last_not_of(" `") - begin + 1));
}

/// "| a | `b` |" as {"a", "b"}.
[[nodiscard]] inline row cells(const std::string& line) {
  row out;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size())
      cell += line[++i];
    else if (line[i] != '|')
      cell += line[i];
    else
      out.push_back(trimmed(std::exchange(cell, {})));
  }
  return out;
}

/// The rows of the table whose head begins with `first`, without the head.
[[nodiscard]] inline std::vector<row> table(const std::string& page, const std::string& first) {
  std::vector<row> rows;
  std::istringstream lines(page);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    const bool is_row = !line.empty() && line.front() == '|';
    if (inside && !is_row) break;
    if (inside && line.find_first_not_of("|-: ") != std::string::npos) rows.push_back(cells(line));
    if (is_row && cells(line).front() == first) inside = true;
  }
  BOOST_REQUIRE_MESSAGE(!rows.empty(), "no table begins with '" << first << "'");
  return rows;
}

}  // namespace tautline_test

#endif
