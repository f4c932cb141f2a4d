// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The server over TLS.
#include "certificate.hpp"
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>

namespace server_test {
namespace {

server_options with(const certificate& c) {
  server_options o;
  o.tls.certificate_file = c.certificate_file();
  o.tls.private_key_file = c.private_key_file();
  return o;
}

options trusting(const certificate& c, std::string url) {
  auto o = client_options(std::move(url));
  o.tls.ca_file = c.certificate_file();
  return o;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(peers_talk_through_tls) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const certificate c;
    server s(io.get_executor(), with(c));
    BOOST_TEST(!s.listen());
    BOOST_TEST(s.url().starts_with("wss://127.0.0.1:"));
    asio::co_spawn(io, serve_echo(s), asio::detached);
    link client(io.get_executor(), trusting(c, s.url()));
    client.async_run(asio::detached);
    const auto text = co_await ask(client, "in secret");
    BOOST_TEST(text == "in secret");
  });
}

BOOST_AUTO_TEST_CASE(an_adopted_socket_gets_its_tls_without_a_listener) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const certificate c;
    server s(io.get_executor(), with(c));
    tcp::acceptor listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    link client(io.get_executor(), trusting(c, "wss://127.0.0.1:" + std::to_string(listener.local_endpoint().port())));
    client.async_run(asio::detached);
    auto socket = co_await listener.async_accept(asio::use_awaitable);
    s.adopt(std::move(socket));
    auto peer = co_await accepted(s);
    peer.async_run(asio::detached);
    co_await client.async_wait(link_state::connected, asio::use_awaitable);
    co_await peer.async_wait(link_state::connected, asio::use_awaitable);
    BOOST_TEST(peer.status().endpoint.starts_with("wss://"));
  });
}

BOOST_AUTO_TEST_CASE(a_client_that_speaks_no_tls_disturbs_nobody) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    const certificate c;
    server s(io.get_executor(), with(c));
    BOOST_TEST(!s.listen());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    co_await exchange(s.local_endpoint(), upgrade_text());
    co_await eventually([&] { return s.metrics().failed == 1; });
    link client(io.get_executor(), trusting(c, s.url()));
    client.async_run(asio::detached);
    const auto text = co_await ask(client, "still here");
    BOOST_TEST(text == "still here");
  });
}

BOOST_AUTO_TEST_CASE(a_bad_certificate_file_is_an_error_of_listen_and_the_log_names_it) {
  const certificate c;
  std::ofstream(c.certificate_file()) << "no certificate";
  asio::io_context io;
  std::string log;
  auto o = with(c);
  o.link.log.level = log_level::error;
  o.link.log.sink = [&log](log_level, std::string_view text) { log += text; };
  server s(io.get_executor(), o);
  BOOST_TEST(s.listen().failed());
  BOOST_TEST(log.find(c.certificate_file()) != std::string::npos, log);
  BOOST_TEST(s.url() == "");
}

BOOST_AUTO_TEST_CASE(without_a_usable_certificate_an_adopted_socket_is_closed) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.tls.certificate_file = "/nonexistent/cert.pem";
    o.tls.private_key_file = "/nonexistent/key.pem";
    server s(io.get_executor(), o);
    tcp::acceptor listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    auto client = co_await connected(listener.local_endpoint());
    auto socket = co_await listener.async_accept(asio::use_awaitable);
    s.adopt(std::move(socket));
    const auto heard = co_await read_all(client);
    BOOST_TEST(heard == "");
    BOOST_TEST(s.metrics().failed == 1);
    BOOST_TEST(s.metrics().open == 0);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace server_test
