// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Reading a script. Boost.JSON takes the text apart; here each step is held against what its action
// knows, so that a slip of the pen is named and not passed over.
#include "fault_script.hpp"

#include "address.hpp"
#include "printable.hpp"
#include "quantities.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/stream_parser.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <stdexcept>
#include <system_error>

namespace tautline::cli {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 13> names = {"reset", "close",      "cut",     "latency", "throttle",
                                                    "stall", "black_hole", "corrupt", "refuse",  "hang",
                                                    "heal",  "retarget",   "repeat"};
constexpr int deepest = 8;
constexpr std::uint64_t most_times = 1'000'000'000;

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += (i == 0 ? "" : (i + 1 == words.size() ? " and " : ", ")) + std::string(words[i]);
  return out;
}

std::string_view view(json::string_view s) { return {s.data(), s.size()}; }

// One step's object: members are taken, and what nobody took is a mistake.
class reader {
 public:
  reader(const json::object& members, std::string number) : members_(members), number_(std::move(number)) {}

  /// The one place that makes what stands in the script harmless: any word of it may be quoted.
  [[noreturn]] void complain(const std::string& what) const {
    throw std::invalid_argument(printable(fmt::format("step {}{}: {}", number_, action_, what)));
  }
  void at(fault_action a) { action_ = fmt::format(" ({})", to_string(a)); }
  /// "2.1" is the first step within the second.
  [[nodiscard]] const std::string& step_number() const { return number_; }

  const json::value* take(std::string_view name) {
    known_.push_back(name);
    return members_.if_contains(json::string_view(name.data(), name.size()));
  }
  const json::value& need(std::string_view name) {
    const auto* v = take(name);
    if (v == nullptr) complain(fmt::format("'{}' is missing", name));
    return *v;
  }

  std::string text(std::string_view name, const json::value& v) const {
    if (!v.is_string()) complain(fmt::format("'{}' has to be a string", name));
    return std::string(view(v.get_string()));
  }
  duration time(std::string_view name, const json::value& v) const {
    auto written = text(name, v);
    if (const auto wrong = to_milliseconds(written); !wrong.empty()) complain(fmt::format("'{}': {}", name, wrong));
    return milliseconds(whole(written));
  }
  // A number, or a size with a unit.
  std::uint64_t size(std::string_view name, const json::value& v) const {
    if (!v.is_string()) return number(name, v);
    auto written = std::string(view(v.get_string()));
    if (const auto wrong = to_bytes(written); !wrong.empty()) complain(fmt::format("'{}': {}", name, wrong));
    return whole(written);
  }
  std::uint64_t number(std::string_view name, const json::value& v) const {
    if (v.is_int64() && v.get_int64() >= 0) return static_cast<std::uint64_t>(v.get_int64());
    if (v.is_uint64()) return v.get_uint64();
    complain(fmt::format("'{}' has to be a whole number, not negative", name));
  }
  template <class Value>
  Value choice(std::string_view name, const json::value& v,
               std::initializer_list<std::pair<std::string_view, Value>> choices) const {
    const auto word = text(name, v);
    std::vector<std::string_view> words;
    for (const auto& [w, value] : choices) {
      if (w == word) return value;
      words.push_back(w);
    }
    complain(fmt::format("'{}' is '{}', and is one of {}", name, word, joined(words)));
  }

  void nothing_else() const {
    for (const auto& m : members_) {
      const auto name = view(m.key());
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      complain(fmt::format("there is no '{}' here; it may have {}", name, joined(known_)));
    }
  }

 private:
  static std::uint64_t whole(const std::string& digits) {
    std::uint64_t n = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), n);
    return n;
  }

  const json::object& members_;
  std::string number_, action_;
  std::vector<std::string_view> known_;
};

fault_script read_steps(const json::array& all, const std::string& prefix, int depth);

testing::direction read_direction(reader& r) {
  using testing::direction;
  const auto* v = r.take("direction");
  if (v == nullptr) return direction::both;
  return r.choice<direction>("direction", *v,
                             {{"up", direction::up}, {"down", direction::down}, {"both", direction::both}});
}

void read_connection(reader& r, fault_step& s) {
  if (const auto* v = r.take("connection")) s.connection = r.number("connection", *v);
  if (s.connection == 0U) r.complain("'connection' counts from 1");
}

void read_cut(reader& r, fault_step& s) {
  s.bytes = r.size("after_bytes", r.need("after_bytes"));
  if (const auto* v = r.take("how"))
    s.how = r.choice<testing::cut>("how", *v, {{"reset", testing::cut::reset}, {"close", testing::cut::close}});
}

void read_corrupt(reader& r, fault_step& s) {
  s.way = read_direction(r);
  const auto* offset = r.take("at_byte");
  const auto* rate = r.take("rate");
  if ((offset == nullptr) == (rate == nullptr)) r.complain("either 'at_byte' or 'rate' is needed");
  if (const auto* v = r.take("seed")) s.seed = r.number("seed", *v);
  if (offset != nullptr) {
    s.bytes = r.size("at_byte", *offset);
    return;
  }
  s.rate = rate->is_number() ? rate->to_number<double>() : -1;
  if (!(s.rate > 0 && s.rate <= 1)) r.complain("'rate' has to be a number above 0 and not above 1");
}

duration time_of(const fault_script& steps) {
  duration sum{};
  for (const auto& s : steps) sum += s.after + (s.what == fault_action::repeat ? time_of(s.steps) : duration{});
  return sum;
}

void read_repeat(reader& r, fault_step& s, int depth) {
  const auto& steps = r.need("steps");
  if (!steps.is_array() || steps.get_array().empty()) r.complain("'steps' has to be a list of steps, not empty");
  if (depth == deepest) r.complain(fmt::format("repeats are nested more than {} deep", deepest));
  if (const auto* v = r.take("times")) s.times = r.number("times", *v);
  if (s.times && (*s.times == 0 || *s.times > most_times))
    r.complain(fmt::format("'times' has to be a number from 1 to {}", most_times));
  s.steps = read_steps(steps.get_array(), r.step_number() + ".", depth + 1);
  // The proxy would do nothing else any more.
  if (time_of(s.steps) < milliseconds(1)) r.complain("its steps have to take time: give one of them an 'after'");
}

void read_parameters(reader& r, fault_step& s, int depth) {
  switch (s.what) {
    case fault_action::reset:
    case fault_action::close: return read_connection(r, s);
    case fault_action::cut: return read_cut(r, s);
    case fault_action::latency:
      s.way = read_direction(r);
      s.length = r.time("delay", r.need("delay"));
      return;
    case fault_action::throttle:
      s.way = read_direction(r);
      s.bytes = r.size("bytes_per_second", r.need("bytes_per_second"));
      return;
    case fault_action::stall:
      s.way = read_direction(r);
      s.length = r.time("for", r.need("for"));
      return;
    case fault_action::black_hole: s.way = read_direction(r); return;
    case fault_action::corrupt: return read_corrupt(r, s);
    case fault_action::retarget:
      s.target = r.text("target", r.need("target"));
      if (const auto wrong = check_address(s.target); !wrong.empty()) r.complain("'target': " + wrong);
      return;
    case fault_action::repeat: return read_repeat(r, s, depth);
    case fault_action::refuse:
    case fault_action::hang:
    case fault_action::heal: return;
  }
}

fault_action read_action(reader& r) {
  const auto word = r.text("do", r.need("do"));
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end())
    r.complain(fmt::format("'do' is '{}', and is one of {}", word,
                           joined(std::vector<std::string_view>(names.begin(), names.end()))));
  return static_cast<fault_action>(found - names.begin());
}

fault_script read_steps(const json::array& all, const std::string& prefix, int depth) {
  fault_script steps;
  for (const auto& v : all) {
    static const json::object none;
    reader r(v.is_object() ? v.get_object() : none, fmt::format("{}{}", prefix, steps.size() + 1));
    if (!v.is_object()) r.complain("it has to be an object, for example {\"do\":\"reset\"}");
    if (!steps.empty() && steps.back().what == fault_action::repeat && !steps.back().times)
      r.complain("it is never reached, because the step before it repeats without end");
    fault_step s(read_action(r));
    r.at(s.what);
    if (const auto* after = r.take("after")) s.after = r.time("after", *after);
    read_parameters(r, s, depth);
    r.nothing_else();
    steps.push_back(std::move(s));
  }
  return steps;
}

std::string place_in(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto newline = before.rfind('\n');
  const auto column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return fmt::format("line {}, column {}", line, column);
}

}  // namespace

std::string_view to_string(fault_action a) noexcept { return names[static_cast<std::size_t>(a)]; }

std::optional<fault_script> parse_fault_script(std::string_view text, std::string& error) {
  json::stream_parser parser;
  boost::system::error_code ec;
  const auto read = parser.write_some(text.data(), text.size(), ec);
  if (!ec && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) ec = json::error::extra_data;
  if (!ec) parser.finish(ec);
  if (ec) {
    error = fmt::format("{}: this is not JSON: {}", place_in(text, read), ec.message());
    return std::nullopt;
  }
  const auto whole = parser.release();
  if (!whole.is_array() || whole.get_array().empty()) {
    error = "a script is a list of steps, not empty, for example [{\"after\":\"2s\",\"do\":\"reset\"}]";
    return std::nullopt;
  }
  try {
    return read_steps(whole.get_array(), {}, 0);
  } catch (const std::invalid_argument& wrong) {
    error = wrong.what();
    return std::nullopt;
  }
}

}  // namespace tautline::cli
