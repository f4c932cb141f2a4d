// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The least that a program needs: one link, one message out, one message back, a proper end.
// Usage: minimal_client [ws://host:port/path]. Without a URL it talks to a server of its own.
#include <tautline/tautline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <iostream>
#include <string>
#include <utility>

namespace asio = boost::asio;

asio::awaitable<void> talk(tautline::link& link) {
  // Queued at once, also while there is no connection; completes when the peer has it.
  co_await link.async_send("hello", tautline::stage::delivered, asio::use_awaitable);
  std::cout << "delivered\n";
  const tautline::message answer = co_await link.async_receive(asio::use_awaitable);
  std::cout << "received: " << answer.payload() << '\n';
  co_await link.async_close(asio::use_awaitable);
}

void run_client(asio::io_context& io, const std::string& url) {
  tautline::link link(io.get_executor(), tautline::options(url));
  link.async_run([&link](tautline::error_code ec) {  // connects, and reconnects until it is closed
    if (ec) std::cerr << "the link ended: " << link.status().why.describe() << '\n';
  });
  asio::co_spawn(io, talk(link), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
}

// The other end: lets one peer in and sends back what it says.
asio::awaitable<void> echo_to_one(tautline::server& server) {
  tautline::link peer = co_await server.async_accept(asio::use_awaitable);
  server.cancel();
  peer.async_run(asio::detached);
  for (;;) {
    tautline::message m = co_await peer.async_receive(asio::use_awaitable);
    co_await peer.async_send(std::move(m), asio::use_awaitable);
  }
}

int main(int argc, char* argv[]) {
  try {
    asio::io_context io;
    tautline::server server(io.get_executor(), tautline::server_options());
    if (argc > 1) {
      run_client(io, argv[1]);
      return 0;
    }
    if (const auto ec = server.listen()) throw boost::system::system_error(ec);
    asio::co_spawn(io, echo_to_one(server), asio::detached);
    run_client(io, server.url());
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
