// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a user's test might look like: a link on the test kit's network that is refused once, and delivers a message
// in virtual time.
#include <tautline/tautline.hpp>
#include <tautline/testing/simulated_network.hpp>
#include <tautline/testing/virtual_time.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <memory>

namespace asio = boost::asio;

int main() {
  asio::io_context io;
  auto time = std::make_shared<tautline::testing::virtual_time>(io);
  tautline::testing::simulated_network network(time, 42);
  network.host("feed.example").answers_next(tautline::testing::answer::refuse());
  const auto began = time->now();

  const tautline::options opts("ws://feed.example/");
  tautline::link link(io.get_executor(), opts, network.make_environment());
  link.async_run(asio::detached);
  if (link.try_send("hello")) return 1;
  if (!time->run_until([&] { return link.metrics().delivered == 1; })) return 1;

  const auto& host = network.host("feed.example");
  if (host.attempts().size() != 2 || host.received().size() != 1 || host.received().front().payload != "hello")
    return 1;
  // Waiting for the second attempt took no time of ours.
  if (time->now() == began) return 1;
  std::printf("tautline %s delivered at the second attempt, in virtual time\n", tautline::version());
}
