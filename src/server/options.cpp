// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The values that a server is told and tells: its options, the upgrade request, the decision.
#include <tautline/server.hpp>

#include "server/address.hpp"
#include "server/link_options.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace tautline {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

/// RFC 9110, 5.6.2.
bool is_token(std::string_view text) noexcept {
  constexpr std::string_view punctuation = "!#$%&'*+-.^_`|~";
  const auto allowed = [&](char c) {
    const auto l = lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || punctuation.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

std::optional<std::string> validate_listener(const server_options& o) {
  error_code ec;
  (void)detail::parse_listen_host(o.host, ec);
  if (ec) return "host must be an IP address or \"localhost\"";
  if (o.tls.certificate_file.empty() != o.tls.private_key_file.empty())
    return "tls.certificate_file and tls.private_key_file must be given together";
  return std::nullopt;
}

std::optional<std::string> validate_limits(const server_options& o) {
  if (o.max_connections < 1) return "max_connections must be at least 1";
  if (o.handshake_timeout <= duration::zero()) return "handshake_timeout must be greater than zero";
  if (o.max_header_bytes < 256) return "max_header_bytes must be at least 256";
  if (o.retry_after < duration::zero()) return "retry_after must not be negative";
  if (o.retain < duration::zero()) return "retain must not be negative";
  if (o.max_sessions < 1) return "max_sessions must be at least 1";
  if (o.max_session_bytes < 1) return "max_session_bytes must be at least 1";
  return std::nullopt;
}

}  // namespace

std::string_view upgrade_request::find(std::string_view name) const noexcept {
  for (const auto& h : headers)
    if (equal_ignoring_case(h.name, name)) return h.value;
  return {};
}

authorization authorization::accept(std::string subprotocol, std::vector<header> response_headers) {
  authorization decision;
  decision.subprotocol = std::move(subprotocol);
  decision.response_headers = std::move(response_headers);
  return decision;
}

authorization authorization::refuse(unsigned http_status, std::string text) {
  authorization decision;
  decision.http_status = http_status >= 400 && http_status <= 599 ? http_status : 500;
  decision.text = std::move(text);
  return decision;
}

server_options::server_options() = default;

std::optional<std::string> server_options::validate() const {
  if (auto fault = validate_listener(*this)) return fault;
  if (auto fault = validate_limits(*this)) return fault;
  if (!std::all_of(subprotocols.begin(), subprotocols.end(), is_token))
    return "subprotocols must be tokens (RFC 9110, 5.6.2)";
  if (auto fault = detail::link_options(*this, "ws://peer").validate()) return "link." + *fault;
  return std::nullopt;
}

std::string prometheus_text(const server_metrics& m) {
  struct line {
    const char* name;
    const char* type;
    const char* help;
    std::uint64_t value;
  };
  const std::array<line, 9> lines{{
      {"accepted_total", "counter", "TCP connections accepted or adopted.", m.accepted},
      {"upgraded_total", "counter", "Connections that became links or took up a session.", m.upgraded},
      {"refused_total", "counter", "Peers refused by a limit, their origin or the application.", m.refused},
      {"failed_total", "counter", "Handshakes that broke or timed out.", m.failed},
      {"open", "gauge", "Connections open now, handshakes included.", m.open},
      {"sessions", "gauge", "Sessions now, with or without a connection.", m.sessions},
      {"sessions_opened_total", "counter", "New sessions.", m.sessions_opened},
      {"sessions_resumed_total", "counter", "Connections that took up a session.", m.sessions_resumed},
      {"sessions_lost_total", "counter", "Sessions that ended without a bye from both sides.", m.sessions_lost},
  }};
  std::string text;
  for (const auto& l : lines) {
    const auto name = std::string("tautline_server_") + l.name;
    text += "# HELP " + name + ' ' + l.help + '\n';
    text += "# TYPE " + name + ' ' + l.type + '\n';
    text += name + ' ' + std::to_string(l.value) + '\n';
  }
  return text;
}

}  // namespace tautline
