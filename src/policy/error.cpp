// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The words of the error codes.
#include <tautline/error.hpp>

#include "policy/classify.hpp"

#include <boost/system/error_category.hpp>

#include <fmt/format.h>

namespace tautline {

namespace {

// With fixed identities the categories are equal to themselves across shared libraries.
constexpr unsigned long long tautline_id = 0x7461'7574'6c69'0001;
constexpr unsigned long long close_id = 0x7461'7574'6c69'0002;
constexpr unsigned long long http_id = 0x7461'7574'6c69'0003;

const char* words_of(errc e) noexcept {
  switch (e) {
    case errc::attempts_exhausted: return "all attempts to connect failed";
    case errc::already_running: return "the link is already running";
    case errc::closed: return "the link is closed";
    case errc::closing: return "the link is closing and takes no more messages";
    case errc::queue_full: return "the queue is full";
    case errc::dropped: return "the message was dropped because the queue was full";
    case errc::expired: return "the message expired before it was delivered";
    case errc::superseded: return "a newer message with the same key replaced the message";
    case errc::withdrawn: return "the message was withdrawn before it was sent";
    case errc::outcome_unknown: return "the message was written, and whether it arrived is not known";
    case errc::message_too_large: return "the message is too large";
    case errc::invalid_options: return "the options are not valid";
    case errc::invalid_url: return "not a ws:// or wss:// URL";
    case errc::invalid_utf8: return "the text is not UTF-8";
    case errc::invalid_json: return "the payload is not JSON";
    case errc::connect_timeout: return "the attempt to connect took too long";
    case errc::resolve_timeout: return "the name was not resolved in time";
    case errc::heartbeat_timeout: return "the peer fell silent";
    case errc::write_timeout: return "the connection took no more data";
    case errc::close_timeout: return "the closing handshake took too long";
    case errc::drain_timeout: return "not everything was delivered in time";
    case errc::provider_failed: return "the endpoint provider failed";
    case errc::too_many_redirects: return "too many redirects";
    case errc::insecure_redirect: return "a redirect from wss to ws was refused";
    case errc::bad_redirect: return "a redirect without a usable location";
    case errc::not_websocket: return "the server does not speak WebSocket";
    case errc::bad_upgrade: return "the server's answer to the upgrade breaks RFC 6455";
    case errc::subprotocol_refused: return "the server chose a subprotocol that was not offered";
    case errc::header_too_large: return "the headers of the upgrade are too large";
    case errc::handshake_timeout: return "the peer did not finish its upgrade in time";
    case errc::overloaded: return "the server is full";
    case errc::refused: return "the server refused the peer";
    case errc::session_unavailable: return "the peer does not speak tautline.v1";
    case errc::protocol_error: return "the peer broke RFC 6455";
    case errc::session_lost: return "the session is gone, and a new one is not wanted";
    case errc::session_expired: return "the session has ended: its peer did not come back in time";
    case errc::session_fault: return "the peer broke tautline.v1";
    case errc::session_timeout: return "the peer chose tautline.v1 and did not answer the hello";
    case errc::callback_failed: return "a function of the application's threw";
  }
  return "unknown error";
}

class own_category final : public boost::system::error_category {
 public:
  own_category() noexcept : error_category(tautline_id) {}
  const char* name() const noexcept override { return "tautline"; }
  std::string message(int value) const override { return words_of(static_cast<errc>(value)); }
};

class close_codes final : public boost::system::error_category {
 public:
  close_codes() noexcept : error_category(close_id) {}
  const char* name() const noexcept override { return "tautline.close"; }
  std::string message(int value) const override {
    return fmt::format("the peer closed with {} {}", value, policy::close_code_name(static_cast<unsigned>(value)));
  }
};

class http_statuses final : public boost::system::error_category {
 public:
  http_statuses() noexcept : error_category(http_id) {}
  const char* name() const noexcept override { return "tautline.http"; }
  std::string message(int value) const override {
    const auto words = policy::http_status_name(static_cast<unsigned>(value));
    return fmt::format("the server refused with HTTP {}{}{}", value, words.empty() ? "" : " ", words);
  }
};

}  // namespace

const boost::system::error_category& tautline_category() noexcept {
  static const own_category category;
  return category;
}

const boost::system::error_category& close_category() noexcept {
  static const close_codes category;
  return category;
}

const boost::system::error_category& http_category() noexcept {
  static const http_statuses category;
  return category;
}

std::string_view to_string(phase p) noexcept {
  switch (p) {
    case phase::none: return "none";
    case phase::provider: return "provider";
    case phase::url: return "url";
    case phase::resolve: return "resolve";
    case phase::connect: return "connect";
    case phase::tls: return "tls";
    case phase::upgrade: return "upgrade";
    case phase::session: return "session";
    case phase::open: return "open";
    case phase::heartbeat: return "heartbeat";
    case phase::local: return "local";
  }
  return "unknown";
}

std::string_view to_string(verdict v) noexcept {
  switch (v) {
    case verdict::retry: return "retry";
    case verdict::retry_after: return "retry_after";
    case verdict::fatal: return "fatal";
  }
  return "unknown";
}

}  // namespace tautline
