// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A token that must be fresh: the link asks a provider before every attempt where to connect, and
// with which headers. As there is one, a refusal with 401 is no end: the next attempt asks again.
// Usage: fresh_token [URL]. Without a URL a server of its own refuses the first token as too old.
#include <tautline/tautline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

namespace asio = boost::asio;

// Stands for a call to an identity service. What it throws counts as a failed attempt, no more.
asio::awaitable<std::string> request_token(int& issued) {
  asio::steady_timer network(co_await asio::this_coro::executor, std::chrono::milliseconds(5));
  co_await network.async_wait(asio::use_awaitable);
  co_return "token-" + std::to_string(++issued);
}

asio::awaitable<tautline::target> where_to(const std::string& url, int& issued, tautline::attempt_info info) {
  std::cout << "attempt " << info.attempt;
  if (info.last) std::cout << ", after: " << info.last.describe();
  std::cout << '\n';
  const std::string token = co_await request_token(issued);
  tautline::target t(url);
  t.headers.emplace_back("Authorization", "Bearer " + token);
  co_return t;
}

asio::awaitable<void> talk(tautline::link& link) {
  co_await link.async_send("hello", tautline::stage::delivered, asio::use_awaitable);
  std::cout << "delivered\n";
  co_await link.async_close(asio::use_awaitable);
}

// The other end: `token-1` has run out, so the peer gets 401 for it.
asio::awaitable<tautline::authorization> check(const tautline::upgrade_request& request) {
  const auto given = request.find("Authorization");
  if (given != "Bearer token-2") co_return tautline::authorization::refuse(401, "this token has run out\n");
  co_return tautline::authorization::accept();
}

asio::awaitable<void> take_from_one(tautline::server& server) {
  tautline::link peer = co_await server.async_accept(asio::use_awaitable);
  server.cancel();
  peer.async_run(asio::detached);
  for (;;) (void)co_await peer.async_receive(asio::use_awaitable);
}

int main(int argc, char* argv[]) {
  try {
    asio::io_context io;
    tautline::server_options server_opts;
    server_opts.authorize = check;
    tautline::server server(io.get_executor(), std::move(server_opts));
    std::string url = argc > 1 ? argv[1] : "";
    if (url.empty()) {
      if (const auto ec = server.listen()) throw boost::system::system_error(ec);
      asio::co_spawn(io, take_from_one(server), asio::detached);
      url = server.url();
    }

    int issued = 0;
    tautline::options opts;
    // The lambda itself is no coroutine: its captures need not outlive a suspension.
    opts.provider = [&](tautline::attempt_info info) { return where_to(url, issued, std::move(info)); };
    opts.backoff.initial = std::chrono::milliseconds(100);
    tautline::link link(io.get_executor(), std::move(opts));
    link.async_run([&](tautline::error_code ec) {
      if (ec) std::cerr << "the link ended: " << link.status().why.describe() << '\n';
    });
    asio::co_spawn(io, talk(link), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
    io.run();
    std::cout << "tokens used: " << issued << '\n';
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
