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
  const auto port = ':' + std::to_string(endpoint.port());
  if (endpoint.address().is_v4()) return endpoint.address().to_string() + port;
  // Without the zone of a link-local address: no URL has a place for it (RFC 6455, 3; RFC 3986, 3.2.2).
  const asio::ip::address_v6 bare(endpoint.address().to_v6().to_bytes());
  return '[' + bare.to_string() + ']' + port;
}

std::string websocket_url(std::string_view scheme, const asio::ip::tcp::endpoint& endpoint) {
  return std::string(scheme) + "://" + host_port(endpoint);
}

}  // namespace tautline::detail
