// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// ws:// and wss:// URLs (RFC 6455, section 3), read with Boost.URL.
#ifndef TAUTLINE_SRC_POLICY_URL_HPP
#define TAUTLINE_SRC_POLICY_URL_HPP

#include <tautline/config.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace tautline::policy {

struct url {
  url() = default;
  bool tls = false;
  std::string host;  ///< without brackets, percent-decoded; an IPv6 literal without its zone is bare
  bool ipv6_literal = false;
  std::uint16_t port = 0;                       ///< 80 or 443 if the URL gives none
  std::string target;                           ///< path and query, at least "/"; never the fragment
  std::string user_info;                        ///< decoded "user:password"; becomes a Basic Authorization header
  [[nodiscard]] std::string authority() const;  ///< for Host: brackets, and the port unless it is the default
  [[nodiscard]] std::string display() const;    ///< scheme, host, port, path: no user info, no query
};

/// `detail` says what is wrong, without repeating user info. Errors: `errc::invalid_url`. http
/// and https are not accepted here.
[[nodiscard]] error_code parse_url(std::string_view text, url& out, std::string& detail);

/// The URL that a redirect leads to: absolute (ws, wss, http as ws, https as wss) or relative
/// (RFC 3986, section 5). Errors: `errc::bad_redirect`; `errc::insecure_redirect` from TLS to plain.
[[nodiscard]] error_code resolve_redirect(std::string_view base, std::string_view location, std::string& out);

/// A URL as it may be logged, whatever is wrong with it.
[[nodiscard]] std::string redact_url(std::string_view text);

}  // namespace tautline::policy

#endif
