// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Cuts a stream of bytes into lines, whatever pieces it comes in.
#ifndef TAUTLINE_CLI_LINE_SPLITTER_HPP
#define TAUTLINE_CLI_LINE_SPLITTER_HPP

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tautline::cli {

enum class piece_kind : unsigned char {
  line,           ///< a whole line, without its newline; a carriage return before it is part of the line
  oversize_part,  ///< some of a line that is too long to be a message
  oversize_end,   ///< the last of it
};

struct piece {
  piece(piece_kind k, std::string t) : kind(k), text(std::move(t)) {}
  piece_kind kind;
  std::string text;
};

/// Holds at most one unfinished line of at most `max` bytes. A longer line is handed on in
/// parts as it comes, so that memory stays bounded and nothing of it is lost.
class line_splitter {
 public:
  explicit line_splitter(std::size_t max) noexcept : max_(max) {}

  void feed(std::string_view bytes, std::vector<piece>& out);
  /// The input has ended: a last line needs no newline.
  void finish(std::vector<piece>& out);

 private:
  void end_line(std::string_view rest, std::vector<piece>& out);
  void keep(std::string_view rest, std::vector<piece>& out);

  std::size_t max_;
  std::string unfinished_;
  bool oversize_ = false;
};

}  // namespace tautline::cli

#endif
