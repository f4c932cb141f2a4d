// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Where a server listens, and what it says if it cannot.
#include "raw_client.hpp"
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace server_test {

namespace {

server_options listening_on(std::string host, std::uint16_t port = 0) {
  server_options o;
  o.host = std::move(host);
  o.port = port;
  return o;
}

bool has_ipv6() {
  asio::io_context io;
  error_code ec;
  tcp::acceptor probe(io);
  probe.open(tcp::v6(), ec);
  if (!ec) probe.bind(tcp::endpoint(asio::ip::address_v6::loopback(), 0), ec);
  return !ec;
}

/// While it lives, this process can open no further file.
class no_more_files {
 public:
  no_more_files() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    auto now = before_;
    now.rlim_cur = 512;
    ::setrlimit(RLIMIT_NOFILE, &now);
    for (int f = ::dup(0); f >= 0; f = ::dup(0)) taken_.push_back(f);
  }
  no_more_files(const no_more_files&) = delete;
  no_more_files& operator=(const no_more_files&) = delete;
  ~no_more_files() {
    for (const int f : taken_) ::close(f);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(listen)

BOOST_AUTO_TEST_CASE(the_url_has_the_port_that_the_system_chose) {
  asio::io_context io;
  server s(io.get_executor(), listening_on("localhost"));
  BOOST_TEST(s.url() == "");
  BOOST_TEST(!s.listen());
  const auto port = s.local_endpoint().port();
  BOOST_TEST(port != 0);
  BOOST_TEST(s.url() == "ws://127.0.0.1:" + std::to_string(port));
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_an_error_and_leaves_the_first_server_alone) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server first(io.get_executor(), server_options());
    BOOST_TEST(!first.listen());
    server second(io.get_executor(), listening_on("127.0.0.1", first.local_endpoint().port()));
    BOOST_TEST(second.listen() == asio::error::address_in_use);
    raw_client client(io.get_executor());
    const auto answer = co_await client.upgrade(first.local_endpoint());
    BOOST_TEST(answer.status == 101U);
  });
}

BOOST_AUTO_TEST_CASE(a_server_listens_once) {
  asio::io_context io;
  server s(io.get_executor(), server_options());
  BOOST_TEST(!s.listen());
  BOOST_TEST(s.listen() == asio::error::already_open);
}

BOOST_AUTO_TEST_CASE(an_address_of_another_host_cannot_be_listened_on) {
  asio::io_context io;
  server s(io.get_executor(), listening_on("192.0.2.1"));
  BOOST_TEST(s.listen().failed());
  BOOST_TEST(s.url() == "");
}

BOOST_AUTO_TEST_CASE(the_ipv6_wildcard_takes_peers_of_both_families, *boost::unit_test::precondition([](auto) {
                       return boost::test_tools::assertion_result(has_ipv6());
                     })) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), listening_on("::"));
    BOOST_TEST(!s.listen());
    const auto port = s.local_endpoint().port();
    BOOST_TEST(s.url() == "ws://[::]:" + std::to_string(port));
    for (const std::string address : {"127.0.0.1", "::1"}) {
      raw_client client(io.get_executor());
      const auto answer = co_await client.upgrade(tcp::endpoint(asio::ip::make_address(address), port));
      BOOST_TEST(answer.status == 101U);
    }
  });
}

BOOST_AUTO_TEST_CASE(running_out_of_files_only_delays_the_next_peer) {
  bool warned = false;
  run([&warned](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.link.log.level = log_level::warning;
    o.link.log.sink = [&warned](log_level, std::string_view text) {
      if (text.find("cannot accept") != std::string_view::npos) warned = true;
    };
    server s(io.get_executor(), o);
    BOOST_TEST(!s.listen());
    tcp::socket waiting(io, tcp::v4());
    {
      const no_more_files limit;
      co_await waiting.async_connect(s.local_endpoint(), asio::use_awaitable);
      co_await eventually([&] { return warned; });
    }
    co_await eventually([&] { return s.metrics().accepted == 1; });
  });
  BOOST_TEST(warned);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace server_test
