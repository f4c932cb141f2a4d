// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "delivery/json_heartbeat.hpp"

#include <boost/json.hpp>

#include <string_view>

namespace tautline::delivery {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_beat = 4096;

json::value parse_object(const message& m) {
  error_code ec;
  auto v = json::parse(m.payload(), ec);
  if (ec || !v.is_object()) return nullptr;
  return v;
}

}  // namespace

json_beat read_json_beat(const message& m) {
  // Looked at for every text message: the two tests before the parser keep that cheap.
  if (!m.is_text() || m.size() > longest_beat) return json_beat::none;
  if (m.payload().find("\"type\"") == std::string_view::npos) return json_beat::none;
  const auto v = parse_object(m);
  if (!v.is_object()) return json_beat::none;
  const auto* type = v.get_object().if_contains("type");
  if (type == nullptr || !type->is_string()) return json_beat::none;
  if (type->get_string() == "ping") return json_beat::ping;
  if (type->get_string() == "pong") return json_beat::pong;
  return json_beat::none;
}

std::string json_ping() { return R"({"type":"ping"})"; }

std::string json_pong(const message& ping, std::chrono::system_clock::time_point now) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  json::object answer;
  answer["type"] = "pong";
  answer["timestamp"] = ms;
  const auto v = parse_object(ping);
  if (v.is_object())
    if (const auto* id = v.get_object().if_contains("id")) answer["id"] = *id;
  return json::serialize(answer);
}

}  // namespace tautline::delivery
