// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The heartbeat in text messages: {"type":"ping"} answered by {"type":"pong","timestamp":<ms>}.
#ifndef TAUTLINE_SRC_DELIVERY_JSON_HEARTBEAT_HPP
#define TAUTLINE_SRC_DELIVERY_JSON_HEARTBEAT_HPP

#include <tautline/message.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace tautline::delivery {

enum class json_beat { none, ping, pong };

/// What a received message is. Only text of at most 4,096 bytes that is a JSON object with a
/// string member `type` counts; everything else belongs to the application.
[[nodiscard]] json_beat read_json_beat(const message& m);

/// {"type":"ping"}
[[nodiscard]] std::string json_ping();

/// The answer to `ping`; repeats its `id` if it has one.
[[nodiscard]] std::string json_pong(const message& ping, std::chrono::system_clock::time_point now);

}  // namespace tautline::delivery

#endif
