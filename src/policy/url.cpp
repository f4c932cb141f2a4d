// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// ws:// and wss:// URLs (RFC 6455, section 3), read with Boost.URL.
#include "policy/url.hpp"

#include <tautline/error.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <optional>

namespace tautline::policy {

namespace {

namespace urls = boost::urls;

std::string text_of(boost::core::string_view s) { return std::string(s.data(), s.size()); }

std::string lower(std::string s) {
  for (char& c : s)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return s;
}

bool is_alnum(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A name decodes to anything at all, line breaks for the Host header included; what no name
// service takes stays out.
bool is_name(const std::string& host) noexcept {
  return std::all_of(host.begin(), host.end(), [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_zone(std::string_view zone) noexcept {
  return !zone.empty() && std::all_of(zone.begin(), zone.end(), [](char c) {
    return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
  });
}

// Boost.URL does not know the zones of RFC 6874, "[fe80::1%25eth0]": it gets the URL without.
std::string lift_zone(std::string& url) {
  const auto open = url.find("//");
  const auto end = open == std::string::npos ? open : url.find_first_of("/?#", open + 2);
  const auto from = url.find("%25", open == std::string::npos ? 0 : open);
  const auto close = from == std::string::npos ? from : url.find(']', from);
  const auto bracket = close == std::string::npos ? close : url.rfind('[', from);
  if (bracket == std::string::npos || bracket < open || close > end) return {};
  std::string zone = url.substr(from + 3, close - from - 3);
  if (!is_zone(zone)) return {};
  url.erase(from, close - from);
  return zone;
}

error_code refuse(std::string& detail, const char* why) {
  detail = why;
  return make_error_code(errc::invalid_url);
}

std::uint16_t default_port(bool tls) noexcept { return tls ? 443 : 80; }

// Boost.URL 1.81 reads "ws://h:x" as a host with an empty port and the path "x".
bool path_sticks_to_authority(const urls::url_view& v) {
  const auto path = v.encoded_path();
  return !path.empty() && path.front() != '/';
}

const char* fault_of(const urls::url_view& v) {
  const std::string scheme = lower(text_of(v.scheme()));
  if (scheme != "ws" && scheme != "wss") return "the scheme must be ws or wss";
  if (!v.has_authority() || v.encoded_host().empty()) return "the host is missing";
  if (v.has_fragment()) return "a fragment (#...) is not allowed";
  if (v.has_port() && !v.port().empty() && v.port_number() == 0) return "the port must be between 1 and 65535";
  if (path_sticks_to_authority(v)) return "the port must be a number, and the path must begin with a slash";
  if (v.host_type() == urls::host_type::ipvfuture) return "the host is of no known kind of address";
  // Boost.URL 1.88 knows zones, and lets them hold anything, line breaks included. Those that may be were lifted out.
  if (v.host_type() == urls::host_type::ipv6 && text_of(v.encoded_host()).find('%') != std::string::npos)
    return "the zone of the address holds characters that no zone has";
  if (v.host_type() == urls::host_type::name && !is_name(v.host_address()))
    return "the host holds characters that no host name has (write international names in punycode)";
  return nullptr;
}

std::string target_of(const urls::url_view& v) {
  std::string target = text_of(v.encoded_path());
  if (target.empty()) target = "/";
  if (v.has_query()) target.append("?").append(text_of(v.encoded_query()));
  return target;
}

void fill(const urls::url_view& v, const std::string& zone, url& out) {
  out.tls = lower(text_of(v.scheme())) == "wss";
  out.host = v.host_address();
  if (!zone.empty()) out.host.append("%").append(zone);
  out.ipv6_literal = v.host_type() == urls::host_type::ipv6;
  out.port = v.port_number() != 0 ? v.port_number() : default_port(out.tls);
  out.target = target_of(v);
  out.user_info = v.userinfo();
}

// Cuts before the path, and anything that could be a password whatever the cut means.
std::string redact_broken(std::string_view text) {
  std::string out;
  const auto scheme = text.find("://");
  if (scheme != std::string_view::npos) out = text.substr(0, scheme + 3);
  std::string_view rest = scheme == std::string_view::npos ? text : text.substr(scheme + 3);
  const auto at = rest.rfind('@');
  if (at != std::string_view::npos) rest.remove_prefix(at + 1);
  return out.append(rest.substr(0, rest.find_first_of("?#")));
}

std::string printable(std::string s) {
  constexpr std::size_t enough = 256;
  if (s.size() > enough) s.replace(enough - 3, std::string::npos, "...");
  std::replace_if(s.begin(), s.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return s;
}

std::optional<urls::url> follow(const urls::url_view& base, std::string_view location) {
  const auto reference = urls::parse_uri_reference(boost::core::string_view(location.data(), location.size()));
  if (!reference) return std::nullopt;
  urls::url to;
  if (!urls::resolve(base, *reference, to)) return std::nullopt;
  to.remove_fragment();
  const std::string scheme = lower(text_of(to.scheme()));
  if (scheme == "http") to.set_scheme("ws");
  if (scheme == "https") to.set_scheme("wss");
  return to;
}

}  // namespace

std::string url::authority() const {
  std::string a = ipv6_literal ? "[" + host.substr(0, host.find('%')) + "]" : host;
  if (port != default_port(tls)) a.append(":").append(std::to_string(port));
  return a;
}

std::string url::display() const {
  return (tls ? "wss://" : "ws://") + authority() + target.substr(0, target.find('?'));
}

error_code parse_url(std::string_view text, url& out, std::string& detail) {
  std::string plain(text);
  const std::string zone = lift_zone(plain);
  const auto parsed = urls::parse_uri(plain);
  if (!parsed) return refuse(detail, text.empty() ? "it is empty" : "it does not follow RFC 3986");
  if (const char* fault = fault_of(*parsed)) return refuse(detail, fault);
  if (!zone.empty() && parsed->host_type() != urls::host_type::ipv6)
    return refuse(detail, "it has a zone without an IPv6 address");
  fill(*parsed, zone, out);
  return {};
}

error_code resolve_redirect(std::string_view base, std::string_view location, std::string& out) {
  std::string from_text(base);
  (void)lift_zone(from_text);
  const auto from = urls::parse_uri(from_text);
  if (!from || location.empty()) return make_error_code(errc::bad_redirect);
  const auto to = follow(*from, location);
  url read;
  std::string detail;
  if (!to || parse_url(text_of(to->buffer()), read, detail)) return make_error_code(errc::bad_redirect);
  if (!read.tls && lower(text_of(from->scheme())) == "wss") return make_error_code(errc::insecure_redirect);
  out = text_of(to->buffer());
  return {};
}

std::string redact_url(std::string_view text) {
  url u;
  std::string detail;
  return printable(parse_url(text, u, detail) ? redact_broken(text) : u.display());
}

}  // namespace tautline::policy
