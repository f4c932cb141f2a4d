// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Addresses, parsed and printed.
#include "server/address.hpp"

namespace tautline::detail {

asio::ip::address parse_listen_host(std::string_view host, error_code& ec) {
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return asio::ip::make_address(std::string(host), ec);
}

std::string host_port(const asio::ip::tcp::endpoint& endpoint) {
  const auto host = endpoint.address().to_string();
  const auto port = ':' + std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? '[' + host + ']' + port : host + port;
}

std::string websocket_url(std::string_view scheme, const asio::ip::tcp::endpoint& endpoint) {
  return std::string(scheme) + "://" + host_port(endpoint);
}

}  // namespace tautline::detail
