// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// URLs of an application and redirects of a server: two lines, a base and a location.
#include "policy/redact.hpp"
#include "policy/url.hpp"
#include "target.hpp"

namespace {

using namespace tautline;

void check(std::string_view text) {
  policy::url u;
  std::string detail;
  (void)policy::redact_url(text);
  if (policy::parse_url(text, u, detail)) return;
  fuzz::expect(!u.host.empty(), "a URL that is taken has a host");
  fuzz::expect(!u.target.empty() && (u.target.front() == '/'), "a target begins with a slash");
  fuzz::expect(u.target.find('#') == std::string::npos, "a fragment is not sent");
  for (const char c : u.target + u.authority())
    fuzz::expect(static_cast<unsigned char>(c) > ' ' && c != '\x7f', "nothing breaks the request apart");
  policy::url again;
  const auto spelled = (u.tls ? "wss://" : "ws://") + u.authority() + u.target;
  fuzz::expect(!policy::parse_url(spelled, again, detail), "what is said of a URL is a URL");
  // A zone means something on this machine only, and is not said.
  const auto host = u.ipv6_literal ? u.host.substr(0, u.host.find('%')) : u.host;
  fuzz::expect(again.host == host && again.port == u.port, "it leads to the same host");
  fuzz::expect(again.target == u.target && again.tls == u.tls, "it asks for the same");
  if (u.user_info.empty()) return;
  fuzz::expect(u.display().find('@') == std::string::npos || u.target.find('@') != std::string::npos,
               "user info is not shown");
}

void run(std::string_view bytes) {
  const auto line = bytes.find('\n');
  const auto base = bytes.substr(0, line);
  check(base);
  if (line == std::string_view::npos) return;
  std::string to;
  if (policy::resolve_redirect(base, bytes.substr(line + 1), to)) return;
  policy::url u;
  std::string detail;
  fuzz::expect(!policy::parse_url(to, u, detail), "a redirect that is followed leads to a URL");
  fuzz::expect(!base.starts_with("wss:") || u.tls, "no redirect leads out of TLS");
}

const fuzz::target t("url", run);

}  // namespace
