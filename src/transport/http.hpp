// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The little HTTP/1.1 that an upgrade needs: reading one header section from a wire, within a
// limit, and the client's request and its answer (RFC 6455, 4.1).
#ifndef TAUTLINE_SRC_TRANSPORT_HTTP_HPP
#define TAUTLINE_SRC_TRANSPORT_HTTP_HPP

#include <tautline/error.hpp>
#include <tautline/options.hpp>
#include <tautline/server.hpp>

#include "transport/connection.hpp"
#include "transport/wire.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::policy {
struct url;
}

namespace tautline::transport {

/// Of the answer to an upgrade; a client gives up beyond it.
constexpr std::size_t max_answer_header_bytes = std::size_t{16} * 1024;

struct http_answer {
  http_answer() = default;
  unsigned status = 0;
  unsigned version = 0;
  std::vector<header> headers;
  /// All headers of that name, joined with commas.
  [[nodiscard]] std::string joined(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
};

struct http_request {
  http_request() = default;
  upgrade_request head;
  bool has_body = false;
};

/// Errors: `errc::header_too_large`; `errc::not_websocket` for what is not HTTP; the stream's.
[[nodiscard]] asio::awaitable<error_code> async_read_answer(std::shared_ptr<wire> w, http_answer& out);
[[nodiscard]] asio::awaitable<error_code> async_read_request(std::shared_ptr<wire> w, std::size_t limit,
                                                             http_request& out);

/// The text of a client's request. Fields of `request` replace the defaults, except those that
/// belong to the handshake. Errors: `errc::invalid_options` for a field that would break the
/// request apart; `detail` names it.
[[nodiscard]] error_code write_upgrade_request(const connect_request& request, const policy::url& where,
                                               const std::string& key, std::string& out, std::string& detail);

/// What the client and the server agreed on.
struct upgrade_outcome {
  upgrade_outcome() = default;
  std::string subprotocol;
  std::string extensions;  ///< empty: none
};

/// Checks an answer, whose Sec-WebSocket-Accept should be `accept`. True: `outcome` is filled, else `why`.
[[nodiscard]] bool check_answer(const http_answer& answer, const std::string& accept, const connect_request& request,
                                upgrade_outcome& outcome, cause& why);

/// Is `token` in this comma-separated list (case-insensitive)?
[[nodiscard]] bool has_token(std::string_view list, std::string_view token);
[[nodiscard]] bool same_name(std::string_view a, std::string_view b) noexcept;
/// Splits a comma-separated list, trimmed, empty elements left out.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view list);
/// Would this field keep its place in a header section (RFC 9110, 5.5, 5.6.2)?
[[nodiscard]] bool valid_field(const header& field) noexcept;

}  // namespace tautline::transport

#endif
