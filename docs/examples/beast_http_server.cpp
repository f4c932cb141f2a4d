// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A service that has an HTTP server already, here one made with Boost.Beast, keeps its listener and
// its routes: it hands over only the sockets that ask for an upgrade, and gets links back.
// Usage: beast_http_server [PORT] serves until SIGINT. Without a port it tries itself once and ends.
#include <tautline/tautline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <exception>
#include <iostream>
#include <string>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

// The service's own HTTP, with one place where WebSocket peers leave it.
asio::awaitable<void> handle(tcp::socket socket, tautline::server& links) {
  beast::flat_buffer buffer;
  for (;;) {
    http::request<http::string_body> request;
    co_await http::async_read(socket, buffer, request, asio::use_awaitable);
    if (beast::websocket::is_upgrade(request)) {
      auto upgrade = tautline::upgrade_request::from(request);
      upgrade.leftover = beast::buffers_to_string(buffer.data());  // read too far: these are its frames
      links.adopt(std::move(socket), std::move(upgrade));
      co_return;
    }
    http::response<http::string_body> response(http::status::ok, request.version());
    response.set(http::field::content_type, "text/plain");
    response.keep_alive(request.keep_alive());
    response.body() = "this is HTTP\n";
    response.prepare_payload();
    co_await http::async_write(socket, response, asio::use_awaitable);
    if (!response.keep_alive()) co_return;
  }
}

asio::awaitable<void> listen(tcp::acceptor& acceptor, tautline::server& links) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    const auto executor = acceptor.get_executor();
    asio::co_spawn(executor, handle(std::move(socket), links), asio::detached);
  }
}

asio::awaitable<void> echo(tautline::link peer) {
  peer.async_run(asio::detached);
  for (;;) {
    tautline::message m = co_await peer.async_receive(asio::use_awaitable);
    co_await peer.async_send(std::move(m), asio::use_awaitable);
  }
}

asio::awaitable<void> accept_links(tautline::server& links) {
  for (;;) {
    tautline::link peer = co_await links.async_accept(asio::use_awaitable);
    const auto executor = peer.get_executor();  // before it is moved
    asio::co_spawn(executor, echo(std::move(peer)), asio::detached);
  }
}

// What a browser and a link see of this service.
asio::awaitable<void> try_it(tcp::endpoint where, bool& worked) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(where, asio::use_awaitable);
  http::request<http::empty_body> get(http::verb::get, "/", 11);
  get.set(http::field::host, "localhost");
  get.keep_alive(false);
  co_await http::async_write(socket, get, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response<http::string_body> page;
  co_await http::async_read(socket, buffer, page, asio::use_awaitable);
  std::cout << "GET: " << page.body();

  const std::string url = "ws://127.0.0.1:" + std::to_string(where.port()) + "/any/path";
  tautline::link link(co_await asio::this_coro::executor, tautline::options(url));
  link.async_run(asio::detached);
  co_await link.async_send("this is WebSocket", asio::use_awaitable);
  const tautline::message answer = co_await link.async_receive(asio::use_awaitable);
  std::cout << "link: " << answer.payload() << '\n';
  worked = page.body() == "this is HTTP\n" && answer.payload() == "this is WebSocket";
  co_await link.async_close(asio::use_awaitable);
}

int main(int argc, char* argv[]) {
  try {
    asio::io_context io;
    const auto port = static_cast<unsigned short>(argc > 1 ? std::stoi(argv[1]) : 0);
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), port));
    tautline::server links(io.get_executor(), tautline::server_options());  // adopts only: does not listen
    asio::co_spawn(io, listen(acceptor, links), asio::detached);
    asio::co_spawn(io, accept_links(links), asio::detached);

    bool worked = argc > 1;
    const auto end = [&](const auto&...) { io.stop(); };
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait(end);
    if (argc < 2) asio::co_spawn(io, try_it(acceptor.local_endpoint(), worked), end);
    std::cout << "http and ws on port " << acceptor.local_endpoint().port() << std::endl;
    io.run();
    return worked ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
