// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Sockets from somebody else's listener.
#include "raw_client.hpp"
#include "support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/test/unit_test.hpp>

#include <thread>

namespace server_test {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

tcp::acceptor loopback_listener(asio::io_context& io) {
  return tcp::acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
}

/// A service's own HTTP server: upgrades go to `s`, everything else is answered here.
asio::awaitable<void> serve_http(tcp::acceptor& listener, server& s) {
  for (;;) {
    auto socket = co_await listener.async_accept(asio::use_awaitable);
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    co_await http::async_read(socket, buffer, request, asio::use_awaitable);
    if (request.target() == "/ws") {
      auto upgrade = upgrade_request::from(request);
      upgrade.leftover = beast::buffers_to_string(buffer.data());
      s.adopt(std::move(socket), std::move(upgrade));
      continue;
    }
    http::response<http::string_body> response(http::status::ok, request.version());
    response.body() = "a page of its own";
    response.prepare_payload();
    co_await http::async_write(socket, response, asio::use_awaitable);
  }
}

/// A masked text frame of a client (RFC 6455, 5.2), with a mask of zeros.
std::string masked_frame(std::string_view text) {
  std::string frame("\x81");
  frame += static_cast<char>(0x80U | text.size());
  frame.append(4, '\0');
  return frame.append(text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(adopt)

BOOST_AUTO_TEST_CASE(a_socket_on_which_nothing_was_read_becomes_a_link) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    auto listener = loopback_listener(io);
    raw_client client(io.get_executor());
    auto hand_over = [&]() -> asio::awaitable<void> {
      auto socket = co_await listener.async_accept(asio::use_awaitable);
      s.adopt(std::move(socket));
    };
    asio::co_spawn(io, hand_over(), asio::detached);
    const auto answer = co_await client.upgrade(listener.local_endpoint());
    BOOST_TEST(answer.status == 101U);
    co_await client.send("adopted");
    const auto text = co_await client.receive();
    BOOST_TEST(text == "adopted");
    BOOST_TEST(s.metrics().accepted == 1);
  });
}

BOOST_AUTO_TEST_CASE(a_socket_of_another_context_moves_to_the_server_s) {
  asio::io_context elsewhere;
  tcp::acceptor listener(elsewhere, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  run([&](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    raw_client client(io.get_executor());
    std::thread other([&] { s.adopt(listener.accept()); });
    const auto answer = co_await client.upgrade(listener.local_endpoint());
    other.join();
    BOOST_TEST(answer.status == 101U);
    co_await client.send("moved");
    const auto text = co_await client.receive();
    BOOST_TEST(text == "moved");
  });
}

BOOST_AUTO_TEST_CASE(a_beast_http_server_hands_its_upgrades_over_and_keeps_the_rest) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    asio::co_spawn(io, serve_echo(s), asio::detached);
    auto listener = loopback_listener(io);
    asio::co_spawn(io, serve_http(listener, s), asio::detached);
    const auto endpoint = listener.local_endpoint();
    auto o = client_options("ws://127.0.0.1:" + std::to_string(endpoint.port()) + "/ws");
    link client(io.get_executor(), o);
    client.async_run(asio::detached);
    const auto echoed = co_await ask(client, "through Beast");
    BOOST_TEST(echoed == "through Beast");
    const auto page = co_await exchange(endpoint, "GET /page HTTP/1.0\r\n\r\n");
    BOOST_TEST(page.ends_with("a page of its own"));
  });
}

BOOST_AUTO_TEST_CASE(what_was_read_behind_the_request_is_the_first_that_the_link_hears) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    auto listener = loopback_listener(io);
    asio::co_spawn(io, serve_http(listener, s), asio::detached);
    auto client = co_await connected(listener.local_endpoint());
    const auto eager = upgrade_text("", "/ws") + masked_frame("too early?") + masked_frame("no");
    co_await asio::async_write(client, asio::buffer(eager), asio::use_awaitable);
    auto peer = co_await accepted(s);
    peer.async_run(asio::detached);
    auto first = co_await peer.async_receive(asio::use_awaitable);
    auto second = co_await peer.async_receive(asio::use_awaitable);
    BOOST_TEST(first.payload() == "too early?");
    BOOST_TEST(second.payload() == "no");
  });
}

BOOST_AUTO_TEST_CASE(adopted_sockets_count_towards_the_limit) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.max_connections = 1;
    server s(io.get_executor(), o);
    auto listener = loopback_listener(io);
    asio::co_spawn(io, serve_http(listener, s), asio::detached);
    auto first = co_await connected(listener.local_endpoint());
    co_await asio::async_write(first, asio::buffer(upgrade_text("", "/ws")), asio::use_awaitable);
    auto peer = co_await accepted(s);
    const auto answer = co_await exchange(listener.local_endpoint(), upgrade_text("", "/ws"));
    BOOST_TEST(answer.starts_with("HTTP/1.1 503"));
    BOOST_TEST(answer.find("Retry-After: 5") != std::string::npos);
  });
}

BOOST_AUTO_TEST_CASE(a_closed_server_closes_what_it_is_given) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server s(io.get_executor(), server_options());
    s.cancel();
    auto listener = loopback_listener(io);
    auto client = co_await connected(listener.local_endpoint());
    auto socket = co_await listener.async_accept(asio::use_awaitable);
    s.adopt(std::move(socket));
    s.adopt(tcp::socket(io));
    const auto heard = co_await read_all(client);
    BOOST_TEST(heard == "");
    BOOST_TEST(s.metrics().accepted == 0);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace server_test
