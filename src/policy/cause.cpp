// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A cause in one line for people.
#include <tautline/error.hpp>

#include "policy/classify.hpp"
#include "policy/redact.hpp"
#include "policy/url.hpp"

#include <fmt/format.h>

namespace tautline {

namespace {

std::string quoted_close(const cause& why) {
  std::string text = fmt::format("the peer closed with {} {}", why.close_code, policy::close_code_name(why.close_code));
  if (!why.close_reason.empty()) text += fmt::format(" (\"{}\")", policy::without_secrets(why.close_reason));
  return text;
}

std::string what_happened(const cause& why) {
  if (why.close_code != 0) return quoted_close(why);
  if (why.http_status != 0) return http_category().message(static_cast<int>(why.http_status));
  if (why.code) return why.code.message();
  return why.where == phase::local ? "closed by this side" : "ended";
}

std::string in_seconds(duration d) {
  const double seconds = std::chrono::duration<double>(d).count();
  return seconds >= 10 ? fmt::format("{:.0f} s", seconds) : fmt::format("{:.3g} s", seconds);
}

}  // namespace

cause::cause() = default;

std::string cause::describe() const {
  if (where == phase::none) return {};
  std::string text = fmt::format("{}: {}", to_string(where), what_happened(*this));
  if (!detail.empty()) text += ": " + policy::without_secrets(detail);
  if (!location.empty()) text += ", to " + policy::redact_url(location);
  if (retry_after) text += fmt::format(" (retry after {})", in_seconds(*retry_after));
  return text;
}

}  // namespace tautline
