// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a server makes of a request: an upgrade (RFC 6455, 4.2.1), a page, or a refusal. Pure.
#ifndef TAUTLINE_SRC_TRANSPORT_UPGRADE_CHECK_HPP
#define TAUTLINE_SRC_TRANSPORT_UPGRADE_CHECK_HPP

#include <tautline/server.hpp>

#include "transport/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::transport {

/// An answer that ends the connection.
struct refusal {
  refusal() = default;
  refusal(unsigned s, std::string reason, error_code w)
      : status(s), body(reason.empty() ? reason : reason + "\n"), why(w), detail(std::move(reason)) {}

  [[nodiscard]] std::string text() const;

  unsigned status = 0;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<header> fields;
  error_code why;  ///< empty for a page
  std::string detail;
};

/// For a header section that could not be read; nullopt: the peer has gone, no answer reaches it.
[[nodiscard]] std::optional<refusal> refuse_unreadable(error_code ec);
[[nodiscard]] refusal refuse_overload(const server_options& o);

/// nullopt: an upgrade that only `authorize` can still refuse.
[[nodiscard]] std::optional<refusal> check_request(const http_request& r, const server_options& o);

/// What follows from `authorize` (nullopt: there is none). `fields` are those of the answer 101,
/// `subprotocol` the one that was chosen.
[[nodiscard]] std::optional<refusal> apply_decision(const std::optional<authorization>& said,
                                                    const upgrade_request& request, const server_options& o,
                                                    std::string& subprotocol, std::vector<header>& fields);

}  // namespace tautline::transport

#endif
