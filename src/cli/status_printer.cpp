// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The four ways to show a status.
#include "status_printer.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>

namespace tautline::cli {
namespace {

// A reader of standard error that stopped reading must not make the program grow.
constexpr std::size_t most_pending = std::size_t{1} << 20U;

// A character in the last column makes some terminals wrap, and an echoed ^C needs two.
constexpr std::size_t kept_free = 3;

std::int64_t utc_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// While a row shows the state itself, only what it cannot show gets a line of its own.
bool outlives_the_row(event_kind k) noexcept {
  switch (k) {
    case event_kind::session_reset:
    case event_kind::overflow:
    case event_kind::expired:
    case event_kind::unconfirmed:
    case event_kind::gave_up: return true;
    default: return false;
  }
}

}  // namespace

placement beside_standard_input() noexcept {
  return ::isatty(STDIN_FILENO) == 1 ? placement::bottom : placement::in_place;
}

colour colour_of_environment() noexcept {
  const char* no_colour = std::getenv("NO_COLOR");
  return no_colour != nullptr && *no_colour != '\0' ? colour::off : colour::on;
}

status_printer::status_printer(const asio::any_io_executor& executor, status_mode mode, placement where)
    : mode_(mode),
      colour_(colour_of_environment()),
      row_(where),
      err_(executor, STDERR_FILENO),
      out_is_terminal_(::isatty(STDOUT_FILENO) == 1) {}

void status_printer::on_event(const event& e) {
  switch (mode_) {
    case status_mode::none: return;
    case status_mode::json:
      if (const auto line = json_line(e, utc_ms())) print_line(*line);
      return;
    case status_mode::line:
      if (!outlives_the_row(e.kind)) return;
      [[fallthrough]];
    case status_mode::plain:
      if (const auto line = plain_line(e)) print_line(*line);
  }
}

void status_printer::refresh(const status& s, const std::string& progress) {
  if (mode_ != status_mode::line || err_.pending() != 0) return;
  const auto size = size_of_terminal(STDERR_FILENO);
  const auto width = size.columns - std::min(size.columns, kept_free);
  err_.write(row_.show(status_line(s, progress, width, colour_), size));
}

void status_printer::make_way() {
  if (mode_ == status_mode::line && out_is_terminal_) err_.write(row_.hide());
}

void status_printer::say(std::string_view text) {
  if (mode_ != status_mode::json) print_line(text);
}

void status_printer::say_without_row(std::string_view text) {
  if (mode_ == status_mode::plain) print_line(text);
}

void status_printer::finish(const totals& t) {
  leave();
  if (mode_ == status_mode::none) return;
  err_.write((mode_ == status_mode::json ? summary_json(t) : summary_text(t)) + "\n");
}

void status_printer::leave() {
  if (mode_ == status_mode::line) err_.write(row_.leave());
}

void status_printer::print_line(std::string_view text) {
  if (err_.pending() > most_pending) return;
  std::string line = mode_ == status_mode::line ? row_.hide() : std::string();
  line += text;
  line += '\n';
  err_.write(line);
}

}  // namespace tautline::cli
