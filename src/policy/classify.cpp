// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What follows from a cause: the table of docs/errors.md.
#include "policy/classify.hpp"

#include <algorithm>

namespace tautline::policy {

namespace {

bool close_is_fatal(unsigned code, bool fresh_credential) noexcept {
  switch (code) {
    case 1002:  // protocol error
    case 1003:  // unsupported data
    case 1007:  // invalid payload
    case 1008:  // policy violation
    case 1009:  // message too big
    case 1010:  // an extension is missing
    case 4404:  // session_lost
    case 4426:  // unsupported
      return true;
    case 4401:  // unauthorized
      return !fresh_credential;
    default: return false;
  }
}

// Other refusals of the 4xx class are retried: proxies and portals on the way invent them, and the
// attempts are bounded anyway.
bool status_is_fatal(unsigned status, bool fresh_credential) noexcept {
  switch (status) {
    case 400:
    case 404:
    case 410: return true;
    case 401:
    case 403: return !fresh_credential;
    default: return false;
  }
}

bool own_code_is_fatal(int value) noexcept {
  switch (static_cast<errc>(value)) {
    case errc::attempts_exhausted:
    case errc::invalid_options:
    case errc::invalid_url:
    case errc::insecure_redirect:
    case errc::subprotocol_refused:
    case errc::session_unavailable:
    case errc::session_lost:
    case errc::session_expired:
    case errc::invalid_utf8:       // the peer was sent 1007
    case errc::message_too_large:  // 1009
    case errc::protocol_error:     // 1002
      return true;
    default: return false;
  }
}

bool is_fatal(const cause& why, bool fresh_credential) noexcept {
  if (why.what_follows == verdict::fatal || why.where == phase::local) return true;
  if (why.close_code != 0) return close_is_fatal(why.close_code, fresh_credential);
  // Before the status: a redirect that was refused keeps its 30x.
  if (why.code.category() == tautline_category() && own_code_is_fatal(why.code.value())) return true;
  return why.http_status != 0 && status_is_fatal(why.http_status, fresh_credential);
}

}  // namespace

verdict classify(const cause& why, bool fresh_credential) noexcept {
  if (is_fatal(why, fresh_credential)) return verdict::fatal;
  return why.retry_after ? verdict::retry_after : verdict::retry;
}

std::string_view close_code_name(unsigned code) noexcept {
  switch (code) {
    case 1000: return "normal closure";
    case 1001: return "going away";
    case 1002: return "protocol error";
    case 1003: return "unsupported data";
    case 1005: return "no code";
    case 1006: return "abnormal closure";
    case 1007: return "invalid payload";
    case 1008: return "policy violation";
    case 1009: return "message too big";
    case 1010: return "extension required";
    case 1011: return "internal error";
    case 1012: return "service restart";
    case 1013: return "try again later";
    case 1014: return "bad gateway";
    case 1015: return "TLS handshake failed";
    case 4400: return "bad message";
    case 4401: return "unauthorized";
    case 4404: return "session lost";
    case 4408: return "hello timeout";
    case 4409: return "superseded";
    case 4410: return "gap";
    case 4413: return "too large";
    case 4426: return "unsupported version";
    case 4429: return "overloaded";
    default: return code >= 4000 && code <= 4999 ? "application code" : "unknown code";
  }
}

std::string_view http_status_name(unsigned status) noexcept {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 421: return "Misdirected Request";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

}  // namespace tautline::policy
