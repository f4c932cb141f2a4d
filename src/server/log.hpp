// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The server's log lines: nothing is formatted that nobody reads.
#ifndef TAUTLINE_SRC_SERVER_LOG_HPP
#define TAUTLINE_SRC_SERVER_LOG_HPP

#include <tautline/options.hpp>

#include <string>

namespace tautline::detail {

template <class MakeText>
void log_line(const log_options& log, log_level level, const MakeText& make_text) {
  if (!log.sink || level < log.level) return;
  const std::string text = make_text();
  log.sink(level, text);
}

}  // namespace tautline::detail

#endif
