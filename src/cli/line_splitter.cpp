// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The cutting of lines.
#include "line_splitter.hpp"

#include <utility>

namespace tautline::cli {

void line_splitter::feed(std::string_view bytes, std::vector<piece>& out) {
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    end_line(bytes.substr(0, end), out);
    bytes.remove_prefix(end + 1);
  }
  if (!bytes.empty()) keep(bytes, out);
}

void line_splitter::finish(std::vector<piece>& out) {
  if (oversize_ || !unfinished_.empty()) end_line({}, out);
}

void line_splitter::end_line(std::string_view rest, std::vector<piece>& out) {
  const bool fits = !oversize_ && unfinished_.size() + rest.size() <= max_;
  std::string text = std::exchange(unfinished_, {});
  text += rest;
  out.emplace_back(fits ? piece_kind::line : piece_kind::oversize_end, std::move(text));
  oversize_ = false;
}

void line_splitter::keep(std::string_view rest, std::vector<piece>& out) {
  unfinished_ += rest;
  if (!oversize_ && unfinished_.size() <= max_) return;
  oversize_ = true;
  out.emplace_back(piece_kind::oversize_part, std::exchange(unfinished_, {}));
}

}  // namespace tautline::cli
