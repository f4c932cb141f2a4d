// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A script that is drawn, and what a step looks like in the log.
#include "demo_schedule.hpp"
#include "fault_script.hpp"
#include "quantities.hpp"

#include <fmt/format.h>

#include <utility>

namespace tautline::cli {
namespace {

using testing::direction;

// The demo draws its pauses from here.
constexpr auto mean_pause = std::chrono::milliseconds(210);
// Then the same faults come again.
constexpr std::size_t drawn_faults = 1000;

std::string_view word(direction d) noexcept {
  switch (d) {
    case direction::up: return "up";
    case direction::down: return "down";
    case direction::both: break;
  }
  return "both";
}

fault_step step(fault_action what, duration after = {}, duration length = {}) {
  fault_step s(what);
  s.after = after;
  s.length = length;
  return s;
}

// Each ends with everything healed.
fault_script steps_of(const fault& f, duration after) {
  switch (f.kind) {
    case fault_kind::reset: return {step(fault_action::reset, after)};
    case fault_kind::close: return {step(fault_action::close, after)};
    case fault_kind::stall: return {step(fault_action::stall, after, f.length)};
    case fault_kind::black_hole:
      return {step(fault_action::black_hole, after), step(fault_action::reset, f.length), step(fault_action::heal)};
    case fault_kind::refusal:
      return {step(fault_action::refuse, after), step(fault_action::reset), step(fault_action::heal, f.length)};
  }
  return {};
}

}  // namespace

fault_script draw_fault_script(std::uint64_t seed, duration every) {
  fault_step endless(fault_action::repeat);
  for (const auto& f : draw_schedule(seed, drawn_faults)) {
    const auto share = std::chrono::duration<double>(f.after) / std::chrono::duration<double>(mean_pause);
    for (auto& s : steps_of(f, std::chrono::duration_cast<duration>(every * share)))
      endless.steps.push_back(std::move(s));
  }
  return {std::move(endless)};
}

std::string fault_text(const fault_step& s) {
  const auto name = to_string(s.what);
  switch (s.what) {
    case fault_action::reset:
    case fault_action::close:
      return s.connection ? fmt::format("{} connection {}", name, *s.connection) : std::string(name);
    case fault_action::cut:
      return fmt::format("cut after {} bytes by {}", s.bytes, s.how == testing::cut::reset ? "reset" : "close");
    case fault_action::latency:
    case fault_action::stall: return fmt::format("{} {} {}", name, word(s.way), duration_text(s.length));
    case fault_action::throttle: return fmt::format("throttle {} to {} bytes/s", word(s.way), s.bytes);
    case fault_action::black_hole: return fmt::format("{} {}", name, word(s.way));
    case fault_action::corrupt:
      return s.rate > 0 ? fmt::format("corrupt {} at a rate of {}", word(s.way), s.rate)
                        : fmt::format("corrupt {} byte {}", word(s.way), s.bytes);
    case fault_action::retarget: return "retarget to " + s.target;
    case fault_action::refuse:
    case fault_action::hang:
    case fault_action::heal:
    case fault_action::repeat: break;
  }
  return std::string(name);
}

std::string fault_json(const fault_step& s, duration at) {
  const auto ms = [](duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); };
  std::string out = fmt::format(R"({{"event":"fault","at_ms":{},"do":"{}")", ms(at), to_string(s.what));
  const auto add = [&out](std::string_view name, const auto& value) { out += fmt::format(R"(,"{}":{})", name, value); };
  const auto add_direction = [&] { add("direction", fmt::format("\"{}\"", word(s.way))); };
  switch (s.what) {
    case fault_action::reset:
    case fault_action::close:
      if (s.connection) add("connection", *s.connection);
      break;
    case fault_action::cut:
      add("after_bytes", s.bytes);
      add("how", s.how == testing::cut::reset ? "\"reset\"" : "\"close\"");
      break;
    case fault_action::latency:
      add_direction();
      add("delay_ms", ms(s.length));
      break;
    case fault_action::stall:
      add_direction();
      add("for_ms", ms(s.length));
      break;
    case fault_action::throttle:
      add_direction();
      add("bytes_per_second", s.bytes);
      break;
    case fault_action::black_hole: add_direction(); break;
    case fault_action::corrupt:
      add_direction();
      if (s.rate > 0)
        add("rate", s.rate);
      else
        add("at_byte", s.bytes);
      break;
    // An address that was checked has nothing that JSON would escape.
    case fault_action::retarget: add("target", fmt::format("\"{}\"", s.target)); break;
    case fault_action::refuse:
    case fault_action::hang:
    case fault_action::heal:
    case fault_action::repeat: break;
  }
  return out + "}";
}

}  // namespace tautline::cli
