// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The client's side of the upgrade: the request, and what its answer means.
#include <tautline/version.hpp>

#include "policy/classify.hpp"
#include "policy/url.hpp"
#include "transport/http.hpp"
#include "transport/random_bytes.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace tautline::transport {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view s) noexcept {
  const auto first = s.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(" \t") - first + 1);
}

bool belongs_to_handshake(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 7> own = {"Connection",
                                                   "Upgrade",
                                                   "Sec-WebSocket-Key",
                                                   "Sec-WebSocket-Version",
                                                   "Sec-WebSocket-Protocol",
                                                   "Sec-WebSocket-Extensions",
                                                   "Content-Length"};
  return std::any_of(own.begin(), own.end(), [name](auto o) { return same_name(o, name); });
}

bool is_token_character(char c) noexcept {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || others.find(c) != std::string_view::npos;
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

const header* find_last(const std::vector<header>& headers, std::string_view name) {
  const auto at =
      std::find_if(headers.rbegin(), headers.rend(), [name](const header& h) { return same_name(h.name, name); });
  return at == headers.rend() ? nullptr : &*at;
}

void add_default(std::string& out, const std::vector<header>& given, std::string_view name, std::string_view value) {
  if (!value.empty() && find_last(given, name) == nullptr) add_field(out, name, value);
}

bool fail(cause& why, errc code, std::string detail) {
  why.code = code;
  why.detail = std::move(detail);
  return false;
}

bool refused(const http_answer& answer, const connect_request& request, cause& why) {
  why.http_status = answer.status;
  why.code = error_code(static_cast<int>(answer.status), http_category());
  why.location = answer.joined("Location");
  const std::string later = answer.joined("Retry-After");
  if (!later.empty()) why.retry_after = policy::parse_retry_after(later, request.time->utc_now());
  return false;
}

// RFC 7692, 7.1: an answer with a parameter that is unknown, doubled or out of range is refused.
bool valid_parameter(std::string_view parameter, std::set<std::string, std::less<>>& seen) {
  const auto eq = parameter.find('=');
  std::string name(trim(parameter.substr(0, eq)));
  std::string_view value = eq == std::string_view::npos ? std::string_view{} : trim(parameter.substr(eq + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  std::transform(name.begin(), name.end(), name.begin(), lower);
  if (!seen.insert(name).second) return false;
  if (name == "server_no_context_takeover" || name == "client_no_context_takeover") {
    return eq == std::string_view::npos;
  }
  if (name != "server_max_window_bits" && name != "client_max_window_bits") return false;
  constexpr std::array<std::string_view, 8> sizes = {"8", "9", "10", "11", "12", "13", "14", "15"};
  return std::find(sizes.begin(), sizes.end(), value) != sizes.end();
}

bool valid_extensions(std::string_view extensions) {
  if (extensions.find(',') != std::string_view::npos) return false;
  std::set<std::string, std::less<>> seen;
  auto semicolon = extensions.find(';');
  if (!same_name(trim(extensions.substr(0, semicolon)), "permessage-deflate")) return false;
  while (semicolon != std::string_view::npos) {
    extensions.remove_prefix(semicolon + 1);
    semicolon = extensions.find(';');
    if (!valid_parameter(trim(extensions.substr(0, semicolon)), seen)) return false;
  }
  return true;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto element = trim(list.substr(0, comma));
    if (!element.empty()) out.push_back(element);
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return out;
}

bool has_token(std::string_view list, std::string_view token) {
  const auto elements = split_list(list);
  return std::any_of(elements.begin(), elements.end(), [token](auto e) { return same_name(e, token); });
}

bool valid_field(const header& field) noexcept {
  if (field.name.empty() || !std::all_of(field.name.begin(), field.name.end(), is_token_character)) return false;
  return std::none_of(field.value.begin(), field.value.end(),
                      [](char c) { return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7f'; });
}

bool http_answer::has(std::string_view name) const { return find_last(headers, name) != nullptr; }

std::string http_answer::joined(std::string_view name) const {
  std::string out;
  for (const auto& h : headers) {
    if (!same_name(h.name, name)) continue;
    if (!out.empty()) out += ", ";
    out += h.value;
  }
  return out;
}

error_code write_upgrade_request(const connect_request& request, const policy::url& where, const std::string& key,
                                 std::string& out, std::string& detail) {
  const auto& given = request.headers;
  for (const auto& h : given) {
    if (valid_field(h)) continue;
    detail = "a header's name or value has characters that HTTP does not allow";
    return errc::invalid_options;
  }
  const auto& protocols = request.subprotocols;
  const bool all_tokens =
      std::all_of(protocols.begin(), protocols.end(), [](const std::string& p) { return valid_field(header(p, "")); });
  if (!all_tokens) {
    detail = "a subprotocol's name has characters that HTTP does not allow";
    return errc::invalid_options;
  }

  out = "GET " + where.target + " HTTP/1.1\r\n";
  add_default(out, given, "Host", where.authority());
  add_field(out, "Upgrade", "websocket");
  add_field(out, "Connection", "Upgrade");
  add_field(out, "Sec-WebSocket-Key", key);
  add_field(out, "Sec-WebSocket-Version", "13");
  std::string offered;
  for (const auto& p : protocols) offered += (offered.empty() ? "" : ", ") + p;
  if (!offered.empty()) add_field(out, "Sec-WebSocket-Protocol", offered);
  if (request.opts->compress) add_field(out, "Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits");
  add_default(out, given, "User-Agent", "tautline/" TAUTLINE_VERSION_STRING);
  if (!where.user_info.empty()) add_default(out, given, "Authorization", "Basic " + base64(where.user_info));
  for (const auto& h : given) {
    if (!belongs_to_handshake(h.name)) add_field(out, h.name, h.value);
  }
  out += "\r\n";
  return {};
}

bool check_answer(const http_answer& answer, const std::string& accept, const connect_request& request,
                  upgrade_outcome& outcome, cause& why) {
  if (answer.status != 101) return refused(answer, request, why);
  if (answer.version != 11) return fail(why, errc::bad_upgrade, "the answer is not HTTP/1.1");
  if (!has_token(answer.joined("Upgrade"), "websocket")) {
    return fail(why, errc::bad_upgrade, "the answer does not say Upgrade: websocket");
  }
  if (!has_token(answer.joined("Connection"), "upgrade")) {
    return fail(why, errc::bad_upgrade, "the answer does not say Connection: Upgrade");
  }
  if (answer.joined("Sec-WebSocket-Accept") != accept) {
    return fail(why, errc::bad_upgrade, "Sec-WebSocket-Accept is missing or wrong");
  }
  outcome.extensions = answer.joined("Sec-WebSocket-Extensions");
  if (!outcome.extensions.empty() && (!request.opts->compress || !valid_extensions(outcome.extensions))) {
    return fail(why, errc::bad_upgrade, "the server chose an extension that was not offered");
  }
  if (!answer.has("Sec-WebSocket-Protocol")) return true;
  outcome.subprotocol = answer.joined("Sec-WebSocket-Protocol");
  const auto& offered = request.subprotocols;
  if (std::find(offered.begin(), offered.end(), outcome.subprotocol) == offered.end()) {
    return fail(why, errc::subprotocol_refused, "the server chose a subprotocol that was not offered");
  }
  return true;
}

}  // namespace tautline::transport
