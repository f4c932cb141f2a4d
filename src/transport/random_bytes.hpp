// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Random bytes that nobody can foresee, and the key and answer of the upgrade made of them.
#ifndef TAUTLINE_SRC_TRANSPORT_RANDOM_BYTES_HPP
#define TAUTLINE_SRC_TRANSPORT_RANDOM_BYTES_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tautline::transport {

[[nodiscard]] std::uint32_t random_word() noexcept;

/// A fresh Sec-WebSocket-Key (RFC 6455, 4.1).
[[nodiscard]] std::string make_websocket_key();
/// 16 bytes in Base64, as RFC 6455, 4.2.1 wants it.
[[nodiscard]] bool is_websocket_key(std::string_view key) noexcept;
/// The Sec-WebSocket-Accept that answers it (4.2.2).
[[nodiscard]] std::string websocket_accept(std::string_view key);

/// A secret or a name that nobody can guess, of so many bytes (32 at most), in lower-case hex.
[[nodiscard]] std::string random_hex(std::size_t bytes);

[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace tautline::transport

#endif
