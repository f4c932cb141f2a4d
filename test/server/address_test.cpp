// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Addresses, read and written.
#include "server/address.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace tautline;
using boost::asio::ip::tcp;

namespace {

std::string parsed(std::string_view host) {
  error_code ec;
  const auto address = detail::parse_listen_host(host, ec);
  return ec ? "error" : address.to_string();
}

tcp::endpoint at(const char* address) { return tcp::endpoint(boost::asio::ip::make_address(address), 9001); }

}  // namespace

BOOST_AUTO_TEST_SUITE(address)

BOOST_AUTO_TEST_CASE(hosts_are_literal_addresses_or_localhost) {
  BOOST_TEST(parsed("127.0.0.1") == "127.0.0.1");
  BOOST_TEST(parsed("localhost") == "127.0.0.1");
  BOOST_TEST(parsed("::1") == "::1");
  BOOST_TEST(parsed("[::1]") == "::1");
  BOOST_TEST(parsed("[]") == "error");
  BOOST_TEST(parsed("") == "error");
  BOOST_TEST(parsed("example.com") == "error");
  BOOST_TEST(parsed("127.0.0.1:80") == "error");
}

BOOST_AUTO_TEST_CASE(urls_have_brackets_around_ipv6_and_no_zone) {
  BOOST_TEST(detail::websocket_url("ws", at("127.0.0.1")) == "ws://127.0.0.1:9001");
  BOOST_TEST(detail::websocket_url("wss", at("::1")) == "wss://[::1]:9001");
  auto link_local = boost::asio::ip::make_address_v6("fe80::1");
  link_local.scope_id(1);
  BOOST_TEST(detail::host_port(tcp::endpoint(link_local, 7)) == "[fe80::1]:7");
}

BOOST_AUTO_TEST_SUITE_END()
