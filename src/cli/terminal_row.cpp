// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// VT100 sequences: DECSC and DECRC (ESC 7, ESC 8) keep the cursor, DECSTBM (CSI r) sets the
// scrolled region, EL (CSI K) erases to the end of the row.
#include "terminal_row.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>

#include <utility>

namespace tautline::cli {

terminal_size size_of_terminal(int fd) noexcept {
  winsize w{};
  if (::ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0 || w.ws_row == 0) return {};
  return {w.ws_row, w.ws_col};
}

std::string terminal_row::show(const std::string& text, terminal_size size) {
  const bool resized = size != size_;
  if (!resized && text == shown_) return {};
  std::string out;
  if (where_ == placement::bottom && resized) out = enter(size);
  size_ = size;
  shown_ = text;
  return out + (where_ == placement::bottom ? in_last_row(text) : "\r" + text + "\x1b[K");
}

std::string terminal_row::hide() {
  if (where_ == placement::bottom || shown_.empty()) return {};
  shown_.clear();
  return "\r\x1b[K";
}

std::string terminal_row::leave() {
  if (where_ == placement::in_place) return hide();
  if (size_.rows == 0) return {};
  // What stands in the cursor's row is an echoed ^C or a line that was not finished.
  const std::string out =
      "\x1b"
      "7\x1b[r\x1b"
      "8" +
      in_last_row("") + "\r\x1b[K";
  shown_.clear();
  size_ = {0, 0};
  return out;
}

// The newline makes room in case the cursor is in the last row.
std::string terminal_row::enter(terminal_size size) {
  if (size.rows < 2) return {};
  return fmt::format(
      "\n\x1b"
      "7\x1b[1;{}r\x1b"
      "8\x1b[1A",
      size.rows - 1);
}

std::string terminal_row::in_last_row(std::string_view text) const {
  return fmt::format(
      "\x1b"
      "7\x1b[{};1H{}\x1b[K\x1b"
      "8",
      size_.rows, text);
}

}  // namespace tautline::cli
