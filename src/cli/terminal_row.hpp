// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The escape sequences that keep one row of a terminal for the status.
#ifndef TAUTLINE_CLI_TERMINAL_ROW_HPP
#define TAUTLINE_CLI_TERMINAL_ROW_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace tautline::cli {

struct terminal_size {
  terminal_size() = default;
  terminal_size(std::size_t r, std::size_t c) : rows(r), columns(c) {}
  std::size_t rows = 24, columns = 80;
  friend bool operator==(const terminal_size&, const terminal_size&) = default;
};

/// Of the terminal behind this descriptor; 24 x 80 if it does not say.
[[nodiscard]] terminal_size size_of_terminal(int fd) noexcept;

/// Where the row is.
enum class placement : unsigned char {
  in_place,  ///< the cursor's row, erased before anything else is printed
  bottom,    ///< the last row, outside the scrolled region: for when somebody types above it
};

/// Turns what is to be shown into what is to be written. No I/O.
class terminal_row {
 public:
  explicit terminal_row(placement where) noexcept : where_(where) {}

  /// Shows `text`, which must be narrower than the terminal. Empty if nothing would change.
  [[nodiscard]] std::string show(const std::string& text, terminal_size size);
  /// Before other output to the same terminal.
  [[nodiscard]] std::string hide();
  /// Gives the row back.
  [[nodiscard]] std::string leave();

 private:
  [[nodiscard]] std::string enter(terminal_size size);
  [[nodiscard]] std::string in_last_row(std::string_view text) const;

  placement where_;
  std::string shown_;
  terminal_size size_{0, 0};
};

}  // namespace tautline::cli

#endif
