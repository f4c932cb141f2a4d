// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "address.hpp"

#include <boost/url/authority_view.hpp>
#include <boost/url/parse.hpp>

#include <charconv>
#include <string_view>
#include <system_error>

namespace tautline::cli {
namespace {

// Boost.URL takes a port of any size, and its number modulo 65536.
bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
}

}  // namespace

std::string check_address(const std::string& text) {
  const auto where = boost::urls::parse_authority(text);
  const bool good = where && !where->has_userinfo() && !where->host().empty() && is_port(where->port());
  return good ? "" : "'" + text + "' is not an address: write HOST:PORT, for example 127.0.0.1:9001 or [::1]:9001";
}

host_and_port split_address(const std::string& text) {
  const auto where = boost::urls::parse_authority(text).value();
  host_and_port out;
  out.host = where.host_address();
  out.port = where.port_number();
  return out;
}

}  // namespace tautline::cli
