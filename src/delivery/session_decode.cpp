// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Control messages of tautline.v1, read. Whoever is on the other side may send anything.
#include "delivery/session_codec.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace tautline::delivery {
namespace {

namespace json = boost::json;

constexpr std::size_t max_depth = 8;
constexpr std::size_t origin_digits = 32, token_digits = 64;

/// Takes members out of an object into values. The first thing that is wrong stays as `fault`, by
/// name and never with the value: it might be a secret.
class members {
 public:
  enum class need : unsigned char { optional, required };

  members(const json::object& o, std::string path, std::string& fault) : o_(o), path_(std::move(path)), fault_(fault) {}

  void number(std::string_view name, std::uint64_t& to, need n) {
    const json::value* v = find(name, n);
    if (!v) return;
    if (v->is_uint64())
      to = v->get_uint64();
    else if (v->is_int64() && v->get_int64() >= 0)
      to = static_cast<std::uint64_t>(v->get_int64());
    else
      wrong(name, "is no whole number from 0 to 2^64-1");
  }
  void number(std::string_view name, std::optional<std::uint64_t>& to) {
    if (o_.contains(name)) number(name, to.emplace(), need::optional);
  }
  void at_least_one(std::string_view name, std::uint64_t& to, need n) {
    number(name, to, n);
    if (to == 0) wrong(name, "is 0");
  }
  void text(std::string_view name, std::string& to, need n) {
    const json::value* v = find(name, n);
    if (!v) return;
    if (!v->is_string()) return wrong(name, "is no string");
    to.assign(v->get_string().data(), v->get_string().size());
  }
  void flag(std::string_view name, bool& to, need n) {
    const json::value* v = find(name, n);
    if (!v) return;
    if (!v->is_bool()) return wrong(name, "is neither true nor false");
    to = v->get_bool();
  }
  /// In lower case: the digits stand for a value.
  void hex(std::string_view name, std::string& to, std::size_t digits) {
    text(name, to, need::required);
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    for (char& c : to)
      if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    if (to.size() != digits || !std::all_of(to.begin(), to.end(), is_digit))
      wrong(name, "is not " + std::to_string(digits) + " hex digits");
  }
  /// Calls `read(members&)` for an object of that name, if it is there.
  template <class Read>
  void object(std::string_view name, Read read) {
    const json::value* v = find(name, need::optional);
    if (!v) return;
    if (!v->is_object()) return wrong(name, "is no object");
    members inner(v->get_object(), path_ + std::string(name) + ".", fault_);
    read(inner);
  }
  void wrong(std::string_view name, std::string_view what) {
    if (fault_.empty()) fault_ = path_ + std::string(name) + " " + std::string(what);
  }

 private:
  const json::value* find(std::string_view name, need n) {
    const json::value* v = o_.if_contains(name);
    if (!v && n == need::required) wrong(name, "is missing");
    return v;
  }

  const json::object& o_;
  std::string path_;
  std::string& fault_;
};

using need = members::need;

// Of another version only this is known: what else it has may mean something else there.
bool same_version(members& in, unsigned& to) {
  std::uint64_t version = session_version;
  in.number("version", version, need::required);
  to = static_cast<unsigned>(std::min<std::uint64_t>(version, std::numeric_limits<unsigned>::max()));
  return to == session_version;
}

void read_session(members& in, std::string& to, need n) {
  in.text("session", to, n);
  if (to.size() > max_session_id_bytes) in.wrong("session", "is too long");
}

void read_window(members& in, session_window& to) {
  in.object("window", [&](members& w) {
    w.at_least_one("messages", to.messages, need::optional);
    w.at_least_one("bytes", to.bytes, need::optional);
  });
}

void read(members& in, hello& h) {
  if (!same_version(in, h.version)) return;
  in.hex("origin", h.origin, origin_digits);
  in.hex("token", h.token, token_digits);
  in.number("attach", h.attach, need::required);
  read_session(in, h.session, need::optional);
  std::string resume = "allowed";
  in.text("resume", resume, need::optional);
  if (resume != "allowed" && resume != "required") in.wrong("resume", "is neither allowed nor required");
  h.resume_required = resume == "required";
  in.number("recv", h.recv, need::required);
  in.at_least_one("from", h.from, need::required);
  read_window(in, h.window);
  in.number("max_message_bytes", h.max_message_bytes, need::optional);
  in.text("agent", h.agent, need::optional);
}

void read(members& in, welcome& w) {
  if (!same_version(in, w.version)) return;
  read_session(in, w.session, need::required);
  in.flag("resumed", w.resumed, need::required);
  in.text("reason", w.reason, need::optional);
  in.object("previous", [&](members& p) {
    session_counters& to = w.previous.emplace();
    p.number("recv", to.recv, need::required);
    p.number("sent", to.sent, need::required);
  });
  in.number("recv", w.recv, need::required);
  in.at_least_one("from", w.from, need::required);
  read_window(in, w.window);
  in.number("heartbeat_ms", w.heartbeat_ms, need::optional);
  in.number("retain_ms", w.retain_ms, need::optional);
  in.number("max_message_bytes", w.max_message_bytes, need::optional);
}

void read(members& in, session_ack& a) { in.number("recv", a.recv, need::required); }
void read(members& in, session_ping& p) { in.number("id", p.id); }

void read(members& in, session_pong& p) {
  in.number("id", p.id);
  in.number("timestamp", p.timestamp, need::optional);
  in.number("recv", p.recv);
}

void read(members& in, session_drain& d) {
  in.number("min_ms", d.min_ms, need::optional);
  in.number("max_ms", d.max_ms, need::optional);
  in.number("deadline_ms", d.deadline_ms, need::optional);
  in.text("url", d.url, need::optional);
  if (d.max_ms < d.min_ms) in.wrong("max_ms", "is less than min_ms");
}

void read(members& /*in*/, session_bye& /*b*/) {}

void read(members& in, session_error& e) {
  in.text("code", e.code, need::required);
  in.text("message", e.message, need::optional);
  in.number("retry_after_ms", e.retry_after_ms);
}

template <class Message>
std::string read_as(const json::object& o, control& c) {
  std::string fault;
  members in(o, {}, fault);
  read(in, c.emplace<Message>());
  return fault;
}

struct kind_row {
  std::string_view type;
  std::string (*read)(const json::object&, control&);
};

constexpr std::array<kind_row, 8> kinds{{
    {"ack", read_as<session_ack>},
    {"ping", read_as<session_ping>},
    {"pong", read_as<session_pong>},
    {"hello", read_as<hello>},
    {"welcome", read_as<welcome>},
    {"drain", read_as<session_drain>},
    {"bye", read_as<session_bye>},
    {"error", read_as<session_error>},
}};

}  // namespace

std::string decode_control(std::string_view text, control& c) {
  c.emplace<unknown_control>();
  if (text.size() > max_control_bytes) return "a control message has more than 4096 bytes";
  // An ack comes every few messages: it costs no allocation.
  std::array<unsigned char, 2048> memory;
  json::monotonic_resource resource(memory.data(), memory.size());
  json::parse_options options;
  options.max_depth = max_depth;
  boost::system::error_code ec;
  const json::value v = json::parse(text, ec, &resource, options);
  if (ec == json::error::too_deep) return "a control message is deeper than 8 levels";
  if (ec || !v.is_object()) return "a control message is no JSON object";
  const json::value* type = v.get_object().if_contains("type");
  if (!type) return "type is missing";
  if (!type->is_string()) return "type is no string";
  for (const kind_row& kind : kinds)
    if (type->get_string() == kind.type) return kind.read(v.get_object(), c);
  return {};
}

}  // namespace tautline::delivery
