// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Control messages of tautline.v1, written; and the names and close codes of the errors.
#include "delivery/session_codec.hpp"
#include "policy/utf8.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace tautline::delivery {
namespace {

namespace json = boost::json;

/// At most `most` bytes of it, ending with a whole character; text that is not UTF-8 keeps its ASCII.
std::string whole_characters(std::string_view text, std::size_t most) {
  std::string out(text.substr(0, most));
  const auto continues = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80; };
  while (!out.empty() && out.size() < text.size() && continues(out.size())) out.pop_back();
  if (!policy::valid_utf8(out))
    std::replace_if(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return out;
}

/// An object that is made to be serialised: its members lie on the stack, as far as they fit.
class draft {
 public:
  explicit draft(std::string_view type) : memory_(room_.data(), room_.size()), members_(&memory_) {
    members_.reserve(most_members);
    members_["type"] = type;
  }
  draft(const draft&) = delete;
  draft& operator=(const draft&) = delete;
  ~draft() = default;

  json::value& operator[](std::string_view name) { return members_[name]; }
  void window(const session_window& w) {
    json::object& o = members_["window"].emplace_object();
    o["messages"] = w.messages;
    o["bytes"] = w.bytes;
  }
  [[nodiscard]] std::string text() const { return json::serialize(members_); }
  /// With a text member, of which what does not fit is cut.
  std::string text_with(std::string_view member, std::string_view text);

 private:
  static constexpr std::size_t most_members = 12;
  std::array<unsigned char, 2048> room_;
  json::monotonic_resource memory_;
  json::object members_;
};

std::string draft::text_with(std::string_view member, std::string_view words) {
  std::string kept = whole_characters(words, max_control_bytes);
  for (;;) {
    if (kept.empty())
      members_.erase(member);
    else
      members_[member] = kept;
    std::string out = text();
    if (out.size() <= max_control_bytes || kept.empty()) return out;
    // A character takes up to six bytes when it is escaped, so this never cuts too much.
    const std::size_t excess = (out.size() - max_control_bytes + 5) / 6;
    kept = whole_characters(kept, kept.size() - std::min(kept.size(), excess));
  }
}

struct fault_row {
  session_fault fault;
  std::string_view name;
  std::uint16_t close_code;
};

constexpr std::array<fault_row, 9> faults{{
    {session_fault::bad_message, "bad_message", 4400},
    {session_fault::unauthorized, "unauthorized", 4401},
    {session_fault::session_lost, "session_lost", 4404},
    {session_fault::hello_timeout, "hello_timeout", 4408},
    {session_fault::superseded, "superseded", 4409},
    {session_fault::gap, "gap", 4410},
    {session_fault::too_large, "too_large", 4413},
    {session_fault::unsupported, "unsupported", 4426},
    {session_fault::overloaded, "overloaded", 4429},
}};

const fault_row& row_of(session_fault f) noexcept { return faults[static_cast<std::size_t>(f)]; }

}  // namespace

std::string encode(const hello& h) {
  draft o("hello");
  o["version"] = h.version;
  o["origin"] = h.origin;
  o["token"] = h.token;
  o["attach"] = h.attach;
  if (!h.session.empty()) o["session"] = h.session;
  o["resume"] = h.resume_required ? "required" : "allowed";
  o["recv"] = h.recv;
  o["from"] = h.from;
  o.window(h.window);
  if (h.max_message_bytes != UINT64_MAX) o["max_message_bytes"] = h.max_message_bytes;
  return o.text_with("agent", h.agent);
}

std::string encode(const welcome& w) {
  draft o("welcome");
  o["version"] = w.version;
  o["session"] = w.session;
  o["resumed"] = w.resumed;
  if (!w.resumed && w.previous) {
    json::object& p = o["previous"].emplace_object();
    p["recv"] = w.previous->recv;
    p["sent"] = w.previous->sent;
  }
  o["recv"] = w.recv;
  o["from"] = w.from;
  o.window(w.window);
  o["heartbeat_ms"] = w.heartbeat_ms;
  o["retain_ms"] = w.retain_ms;
  if (w.max_message_bytes != UINT64_MAX) o["max_message_bytes"] = w.max_message_bytes;
  return o.text_with("reason", w.resumed ? std::string_view() : w.reason);
}

std::string encode(const session_ack& a) {
  draft o("ack");
  o["recv"] = a.recv;
  return o.text();
}

std::string encode(const session_ping& p) {
  draft o("ping");
  if (p.id) o["id"] = *p.id;
  return o.text();
}

std::string encode(const session_pong& p) {
  draft o("pong");
  if (p.id) o["id"] = *p.id;
  o["timestamp"] = p.timestamp;
  if (p.recv) o["recv"] = *p.recv;
  return o.text();
}

std::string encode(const session_drain& d) {
  draft o("drain");
  o["min_ms"] = d.min_ms;
  o["max_ms"] = d.max_ms;
  o["deadline_ms"] = d.deadline_ms;
  std::string without = o.text();
  if (d.url.empty() || !policy::valid_utf8(d.url)) return without;
  o["url"] = d.url;
  std::string with = o.text();
  // Half an address leads nowhere, and the client has its own list.
  return with.size() <= max_control_bytes ? with : without;
}

std::string encode(const session_bye& /*b*/) { return draft("bye").text(); }

std::string encode(const session_error& e) {
  draft o("error");
  o["code"] = e.code;
  if (e.retry_after_ms) o["retry_after_ms"] = *e.retry_after_ms;
  return o.text_with("message", e.message);
}

std::string_view name_of(session_fault f) noexcept { return row_of(f).name; }
std::uint16_t close_code_of(session_fault f) noexcept { return row_of(f).close_code; }

std::optional<session_fault> fault_of(std::uint16_t close_code) noexcept {
  for (const fault_row& row : faults)
    if (row.close_code == close_code) return row.fault;
  return std::nullopt;
}

}  // namespace tautline::delivery
