// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a user might write first: sends a message to a server of its own and waits until it is delivered.
#include <tautline/tautline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdio>
#include <cstring>
#include <exception>

namespace asio = boost::asio;

asio::awaitable<void> serve(tautline::server& server) {
  tautline::link peer = co_await server.async_accept(asio::use_awaitable);
  peer.async_run(asio::detached);
  tautline::message hello = co_await peer.async_receive(asio::use_awaitable);
  co_await peer.async_send(std::move(hello), asio::use_awaitable);
  co_await peer.async_wait(tautline::link_state::disconnected, asio::use_awaitable);
}

asio::awaitable<void> talk(tautline::link& link, bool& answered) {
  co_await link.async_send("hello", tautline::stage::delivered, asio::use_awaitable);
  const tautline::message echo = co_await link.async_receive(asio::use_awaitable);
  answered = echo.payload() == "hello";
  co_await link.async_close(asio::use_awaitable);
}

int main() {
  asio::io_context io;
  tautline::server server(io.get_executor(), tautline::server_options());
  if (server.listen()) return 1;
  tautline::link link(io.get_executor(), tautline::options(server.url()));
  bool answered = false;
  std::exception_ptr failure;
  const auto finish = [&](std::exception_ptr e) {
    failure = e;
    server.cancel();
  };
  asio::co_spawn(io, serve(server), asio::detached);
  asio::co_spawn(io, talk(link, answered), finish);
  link.async_run(asio::detached);
  io.run();
  if (failure || !answered || std::strcmp(tautline::version(), TAUTLINE_VERSION_STRING) != 0) return 1;
  std::printf("tautline %s answered\n", tautline::version());
}
