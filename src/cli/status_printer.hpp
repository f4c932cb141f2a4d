// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Shows on standard error what the link says about itself.
#ifndef TAUTLINE_CLI_STATUS_PRINTER_HPP
#define TAUTLINE_CLI_STATUS_PRINTER_HPP

#include <tautline/status.hpp>

#include "cli_options.hpp"
#include "standard_stream.hpp"
#include "status_text.hpp"
#include "terminal_row.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>
#include <string_view>

namespace tautline::cli {

/// At the bottom if standard input is a terminal: the cursor's row then belongs to who types.
[[nodiscard]] placement beside_standard_input() noexcept;

/// NO_COLOR (https://no-color.org): set and not empty means off.
[[nodiscard]] colour colour_of_environment() noexcept;

/// For one thread.
class status_printer {
 public:
  status_printer(const asio::any_io_executor& executor, status_mode mode, placement where);

  [[nodiscard]] status_mode mode() const noexcept { return mode_; }

  void on_event(const event& e);
  /// Mode `line`: brings the row up to date.
  void refresh(const status& s, const std::string& progress = {});
  /// Before something is written to standard output, which may be the same terminal.
  void make_way();
  /// Something that people have to know; not in mode `json`, whose lines are promised.
  void say(std::string_view text);
  /// Something that a row shows as its progress, and gets a line of its own where there is no row.
  void say_without_row(std::string_view text);
  /// The last line. Gives the row back.
  void finish(const totals& t);
  void leave();

  [[nodiscard]] output_stream& stream() noexcept { return err_; }

 private:
  void print_line(std::string_view text);

  status_mode mode_;
  colour colour_;
  terminal_row row_;
  output_stream err_;
  bool out_is_terminal_;
};

}  // namespace tautline::cli

#endif
