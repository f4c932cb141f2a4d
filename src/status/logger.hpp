// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The log: a callback of the user's, quiet by default, nothing formatted when off.
#ifndef TAUTLINE_SRC_STATUS_LOGGER_HPP
#define TAUTLINE_SRC_STATUS_LOGGER_HPP

#include <tautline/options.hpp>

#include <fmt/format.h>

#include <utility>

namespace tautline::status_room {

class logger {
 public:
  explicit logger(log_options o) : options_(std::move(o)) {}

  [[nodiscard]] bool wants(log_level level) const noexcept {
    return options_.sink && level >= options_.level && options_.level != log_level::off;
  }
  template <class... Args>
  void write(log_level level, fmt::format_string<Args...> text, Args&&... args) const {
    if (wants(level)) options_.sink(level, fmt::format(text, std::forward<Args>(args)...));
  }

 private:
  log_options options_;
};

}  // namespace tautline::status_room

#endif
