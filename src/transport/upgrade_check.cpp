// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "transport/upgrade_check.hpp"

#include <tautline/version.hpp>

#include "policy/classify.hpp"
#include "policy/session_name.hpp"
#include "transport/random_bytes.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tautline::transport {
namespace {

std::string joined(const std::vector<header>& headers, std::string_view name) {
  http_answer all;
  all.headers = headers;
  return all.joined(name);
}

std::size_t count(const std::vector<header>& headers, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [name](const header& h) { return same_name(h.name, name); }));
}

bool asks_for_upgrade(const upgrade_request& r) {
  return has_token(joined(r.headers, "Upgrade"), "websocket") && has_token(joined(r.headers, "Connection"), "upgrade");
}

refusal bad(std::string text) { return refusal(400, std::move(text), errc::bad_upgrade); }

refusal wrong_method(error_code why) {
  refusal r(405, "only GET is answered here", why);
  r.fields.emplace_back("Allow", "GET");
  return r;
}

refusal page(const http_request& r, const server_options& o) {
  if (r.head.method != "GET") return wrong_method({});
  if (r.has_body) return refusal(400, "a request body is not accepted", {});
  const auto p = o.serve_page ? o.serve_page(r.head.target) : server_options::page();
  refusal answer;
  answer.status = p.status;
  answer.content_type = p.content_type;
  answer.body = p.body;
  return answer;
}

bool origin_allowed(const upgrade_request& r, const server_options& o) {
  if (o.origins.empty() || count(r.headers, "Origin") == 0) return true;
  return std::find(o.origins.begin(), o.origins.end(), joined(r.headers, "Origin")) != o.origins.end();
}

std::string choose_subprotocol(const std::vector<std::string_view>& offered, const server_options& o) {
  const auto session = std::find(offered.begin(), offered.end(), policy::session_subprotocol);
  if (o.session && session != offered.end()) return std::string(*session);
  for (const auto& preferred : o.subprotocols) {
    if (std::find(offered.begin(), offered.end(), preferred) != offered.end()) return preferred;
  }
  return {};
}

}  // namespace

std::string refusal::text() const {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " " + std::string(policy::http_status_name(status)) + "\r\n";
  const auto add = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  add("Server", "tautline/" TAUTLINE_VERSION_STRING);
  add("Connection", "close");
  add("Content-Type", content_type);
  add("Content-Length", std::to_string(body.size()));
  for (const auto& f : fields) add(f.name, f.value);
  return out + "\r\n" + body;
}

std::optional<refusal> refuse_unreadable(error_code ec) {
  if (ec == errc::header_too_large) return refusal(431, "the request's header is too large", ec);
  if (ec == errc::not_websocket) return refusal(400, "this is not an HTTP request", ec);
  return std::nullopt;
}

refusal refuse_overload(const server_options& o) {
  refusal r(503, "the server is at its limit", errc::overloaded);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(o.retry_after).count();
  r.fields.emplace_back("Retry-After", std::to_string(std::max<decltype(seconds)>(seconds, 0)));
  return r;
}

std::optional<refusal> check_request(const http_request& r, const server_options& o) {
  const auto& head = r.head;
  if (!asks_for_upgrade(head)) return page(r, o);
  if (head.method != "GET") return wrong_method(errc::bad_upgrade);
  if (head.version != 11) return bad("an upgrade needs HTTP/1.1");
  if (r.has_body) return bad("a request body is not accepted");
  if (count(head.headers, "Host") != 1) return bad("one Host is needed");
  if (joined(head.headers, "Sec-WebSocket-Version") != "13") {
    refusal answer(426, "only version 13 of the protocol is spoken here", errc::bad_upgrade);
    answer.fields.emplace_back("Sec-WebSocket-Version", "13");
    return answer;
  }
  if (!is_websocket_key(joined(head.headers, "Sec-WebSocket-Key"))) return bad("Sec-WebSocket-Key is missing or wrong");
  if (!origin_allowed(head, o)) return refusal(403, "this origin is not let in", errc::refused);
  return std::nullopt;
}

std::optional<refusal> apply_decision(const std::optional<authorization>& said, const upgrade_request& request,
                                      const server_options& o, std::string& subprotocol, std::vector<header>& fields) {
  if (said && said->http_status != 101) {
    const bool valid = said->http_status >= 400 && said->http_status <= 599;
    return refusal(valid ? said->http_status : 500, said->text, errc::refused);
  }
  const std::string list = joined(request.headers, "Sec-WebSocket-Protocol");
  const auto offered = split_list(list);
  subprotocol = said && !said->subprotocol.empty() ? said->subprotocol : choose_subprotocol(offered, o);
  if (!subprotocol.empty() && std::find(offered.begin(), offered.end(), subprotocol) == offered.end()) {
    return refusal(500, "the server chose a subprotocol that was not offered", errc::refused);
  }
  if (said) fields = said->response_headers;
  if (!std::all_of(fields.begin(), fields.end(), valid_field)) {
    return refusal(500, "the server's own header fields are wrong", errc::refused);
  }
  if (!subprotocol.empty()) fields.emplace_back("Sec-WebSocket-Protocol", subprotocol);
  return std::nullopt;
}

}  // namespace tautline::transport
