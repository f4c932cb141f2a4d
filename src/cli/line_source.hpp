// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Standard input as lines, whatever it is: a pipe, a terminal, a file, /dev/null.
#ifndef TAUTLINE_CLI_LINE_SOURCE_HPP
#define TAUTLINE_CLI_LINE_SOURCE_HPP

#include "line_splitter.hpp"
#include "standard_stream.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace tautline::cli {

/// Reads only when asked, so that whoever is slow slows the writer down. For one thread.
class line_source {
 public:
  line_source(const asio::any_io_executor& executor, int fd, std::size_t max_line);

  /// Appends what the next read brings, which may be nothing yet. Errors: `asio::error::eof` (what
  /// was unfinished is appended), `operation_aborted` after `cancel()`, those of the descriptor.
  [[nodiscard]] asio::awaitable<error_code> async_read(std::vector<piece>& out);

  /// Ends the read under way and all later ones.
  void cancel();

 private:
  [[nodiscard]] asio::awaitable<std::size_t> read_bytes(error_code& ec);
  [[nodiscard]] std::size_t read_directly(error_code& ec);

  asio::any_io_executor executor_;
  int fd_;
  std::optional<pollable> pollable_;
  line_splitter splitter_;
  std::array<char, 65'536> buffer_{};
  bool cancelled_ = false;
};

}  // namespace tautline::cli

#endif
