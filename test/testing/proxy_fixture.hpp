// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A client and an echoing server on bare sockets with the fault proxy between them.
#ifndef TAUTLINE_TEST_TESTING_PROXY_FIXTURE_HPP
#define TAUTLINE_TEST_TESTING_PROXY_FIXTURE_HPP

#include <tautline/testing/fault_proxy.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace proxy_test {

using namespace std::chrono_literals;
using namespace tautline;           // NOLINT(google-build-using-namespace)
using namespace tautline::testing;  // NOLINT(google-build-using-namespace)
using asio::ip::tcp;

inline constexpr auto token = asio::as_tuple(asio::use_awaitable);

/// Echoes what comes, and keeps its sockets where a test can reach them.
struct echo_server {
  explicit echo_server(asio::io_context& io) : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    asio::co_spawn(io, accept(), asio::detached);
  }

  asio::awaitable<void> accept() {
    for (;;) {
      const auto socket = std::make_shared<tcp::socket>(acceptor.get_executor());
      const auto result = co_await acceptor.async_accept(*socket, token);
      if (std::get<0>(result)) co_return;
      sockets.push_back(socket);
      asio::co_spawn(acceptor.get_executor(), echo(socket), asio::detached);
    }
  }

  asio::awaitable<void> echo(std::shared_ptr<tcp::socket> socket) {
    std::array<char, 4096> data{};
    for (;;) {
      const auto got = co_await socket->async_read_some(asio::buffer(data), token);
      if (std::get<0>(got)) {
        last_end = std::get<0>(got);
        ++ends;
        co_return;
      }
      received += std::get<1>(got);
      (void)co_await asio::async_write(*socket, asio::buffer(data, std::get<1>(got)), token);
    }
  }

  tcp::acceptor acceptor;
  std::vector<std::shared_ptr<tcp::socket>> sockets;
  std::size_t received = 0;
  error_code last_end;
  int ends = 0;
};

struct fixture {
  asio::io_context io;
  echo_server server{io};
  fault_proxy proxy{io.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0),
                    server.acceptor.local_endpoint()};
  tcp::socket client{io};

  /// Runs a test's body, at most 20 s.
  void run(asio::awaitable<void> body) {
    std::exception_ptr failure;
    bool done = false;
    asio::co_spawn(io, std::move(body), [&](std::exception_ptr f) {
      failure = f;
      done = true;
      io.stop();
    });
    io.run_for(20s);
    if (failure) std::rethrow_exception(failure);
    BOOST_TEST(done, "the test did not end in time");
  }

  asio::awaitable<error_code> connect() { co_return co_await connect(client); }
  asio::awaitable<error_code> connect(tcp::socket& s) {
    const auto result = co_await s.async_connect(proxy.local_endpoint(), token);
    co_return std::get<0>(result);
  }
  asio::awaitable<error_code> send(std::string text) {
    const auto result = co_await asio::async_write(client, asio::buffer(text), token);
    co_return std::get<0>(result);
  }
  /// So many bytes, or what came before the end and why it ended.
  asio::awaitable<std::string> receive(std::size_t n) {
    std::string text(n, '\0');
    const auto result = co_await asio::async_read(client, asio::buffer(text), token);
    end = std::get<0>(result);
    text.resize(std::get<1>(result));
    co_return text;
  }
  asio::awaitable<void> talk(std::string text) {
    const auto sent = co_await send(text);
    BOOST_TEST(!sent);
    const auto back = co_await receive(text.size());
    BOOST_TEST(back == text);
  }
  asio::awaitable<void> open() {
    const auto ec = co_await connect();
    BOOST_TEST(!ec);
    co_await talk("hello");
  }
  /// From the server, past what a black hole upwards holds.
  asio::awaitable<void> tick() {
    std::string text = "t";
    (void)co_await asio::async_write(*server.sockets.back(), asio::buffer(text), token);
    const auto got = co_await receive(1);
    BOOST_TEST(got == "t");
  }
  asio::awaitable<void> server_end() {
    while (server.ends == 0) co_await asio::post(asio::use_awaitable);
  }

  error_code end;
};

}  // namespace proxy_test

#endif
