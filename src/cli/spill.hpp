// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What was not delivered, kept in a file for the next try.
#ifndef TAUTLINE_CLI_SPILL_HPP
#define TAUTLINE_CLI_SPILL_HPP

#include <tautline/config.hpp>
#include <tautline/receipt.hpp>

#include <cstdint>
#include <deque>
#include <fstream>
#include <string>
#include <string_view>

namespace tautline::cli {

/// Follows every message by its receipt. What is certain not to be delivered goes to the file
/// when that is known, the rest at the end, in the order of the input. So what leaves the queue
/// early (dropped, expired, unknown) is spilled too, and memory stays bounded by the queue.
///
/// The file is written beside its place and moved there at the end: the input may be the spill
/// of the run before.
class spill {
 public:
  /// An empty path: nothing is followed. `error()` says whether the file can be written.
  explicit spill(const std::string& path);

  [[nodiscard]] bool wanted() const noexcept { return !path_.empty(); }
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

  /// A message that is about to be sent. `settle` may be called only after its receipt was set.
  void follow(std::string_view text);
  [[nodiscard]] receipt& last() { return followed_.back().fate; }

  /// A part of an input line that can be no message.
  void add_part(std::string_view text);
  void end_of_parts();

  /// Forgets what is delivered, writes what is not.
  void settle();
  /// Writes all that is not delivered and puts the file in its place; returns what went wrong.
  [[nodiscard]] std::string finish();

 private:
  struct followed {
    explicit followed(std::string_view t) : text(t) {}
    std::string text;
    receipt fate;
  };
  void write_line(std::string_view text);

  std::string path_, written_to_, error_;
  std::ofstream file_;
  std::deque<followed> followed_;
};

}  // namespace tautline::cli

#endif
