// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What every room has to know of tautline.v1.
#ifndef TAUTLINE_SRC_POLICY_SESSION_NAME_HPP
#define TAUTLINE_SRC_POLICY_SESSION_NAME_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tautline::policy {

/// What is offered in Sec-WebSocket-Protocol.
inline constexpr std::string_view session_subprotocol = "tautline.v1";
/// The most that stands before a payload: flags, and three numbers of at most 10 bytes.
inline constexpr std::size_t max_session_head = 31;
/// The fault `too_large`, as the transport says it of what it does not even read.
inline constexpr std::uint16_t session_too_large_close = 4413;
inline constexpr std::string_view session_too_large_words =
    R"({"type":"error","code":"too_large","message":"a message is over max_message_bytes"})";

}  // namespace tautline::policy

#endif
