// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Several links on a pool of threads. None of them costs a thread, their functions may be called from
// any, and one budget bounds how many attempts to connect the whole process makes in a second.
// Usage: many_links [URL]. Without a URL the links talk to a server of the program's own.
#include <tautline/tautline.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;

constexpr int links = 8;
constexpr int messages_each = 500;

// One coroutine a link: it may be resumed by any thread of the pool, by one at a time.
asio::awaitable<void> report(tautline::link& link, int number) {
  for (int i = 1; i < messages_each; ++i)
    co_await link.async_send("link " + std::to_string(number) + " message " + std::to_string(i), asio::use_awaitable);
  co_await link.async_send("last", tautline::stage::delivered, asio::use_awaitable);
  co_await link.async_close(asio::use_awaitable);
}

asio::awaitable<void> take(tautline::link peer) {
  peer.async_run(asio::detached);
  for (;;) (void)co_await peer.async_receive_batch(100, asio::use_awaitable);
}

asio::awaitable<void> serve(tautline::server& server) {
  for (;;) {
    tautline::link peer = co_await server.async_accept(asio::use_awaitable);
    const auto executor = peer.get_executor();  // before it is moved
    asio::co_spawn(executor, take(std::move(peer)), asio::detached);
  }
}

int main(int argc, char* argv[]) {
  try {
    asio::thread_pool pool(4);
    tautline::server server(pool.get_executor(), tautline::server_options());
    std::string url = argc > 1 ? argv[1] : "";
    if (url.empty()) {
      if (const auto ec = server.listen()) throw boost::system::system_error(ec);
      asio::co_spawn(pool, serve(server), asio::detached);
      url = server.url();
    }

    tautline::options opts(url);
    opts.backoff.budget = std::make_shared<tautline::attempt_budget>(20.0, 4);  // 20 a second, 4 at once

    std::vector<tautline::link> all;
    for (int i = 0; i < links; ++i) all.emplace_back(pool.get_executor(), opts);
    std::atomic<int> running = links;
    for (int i = 0; i < links; ++i) {
      auto& link = all[static_cast<std::size_t>(i)];
      link.async_run(asio::detached);
      asio::co_spawn(pool, report(link, i), [&, i](std::exception_ptr failure) {
        if (failure) std::cerr << "link " << i << " failed\n";
        if (--running == 0) server.cancel();
      });
    }
    pool.join();

    std::uint64_t delivered = 0;
    for (const auto& link : all) delivered += link.metrics().delivered;
    std::cout << links << " links delivered " << delivered << " messages\n";
    return delivered == static_cast<std::uint64_t>(links) * messages_each ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
