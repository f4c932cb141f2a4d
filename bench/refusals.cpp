// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How often a link with all options at their defaults connects within three seconds to a server that accepts
// each connection and closes it at once with 1013 (try again later). Counted at the server.
//   bench_refusals [--links=20] [--json]
#include <tautline/tautline.hpp>

#include "neutral.hpp"
#include "report.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <list>
#include <thread>

namespace {

constexpr auto watched = std::chrono::seconds(3);

void turn_away(int fd) {
  bench::neutral_end end(fd);
  if (!end.upgrade()) return;
  end.send(bench::frame(0x88, "\x03\xF5"));
  end.linger_on();
}

// A listener for each link, so that it is known who came; a thread for each, so that nobody waits.
void serve(std::size_t links, int pipe) {
  std::list<bench::listener> listeners(links);
  std::vector<std::atomic<int>> came(links);
  std::vector<std::thread> threads;
  std::size_t i = 0;
  for (const auto& l : listeners) {
    bench::tell(pipe, l.port());
    threads.emplace_back([&l, &count = came[i++]] {
      for (;;) {
        const int fd = l.accept();
        ++count;
        turn_away(fd);
      }
    });
  }
  std::this_thread::sleep_for(watched);
  for (const auto& count : came) bench::tell(pipe, static_cast<double>(count));
  for (auto& t : threads) t.join();
}

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  const auto links = static_cast<std::size_t>(args.number("--links", 20));
  const bench::child server([links](int fd) { serve(links, fd); });
  boost::asio::io_context io(1);
  std::list<tautline::link> all;
  for (std::size_t i = 0; i < links; ++i) {
    const tautline::options defaults("ws://127.0.0.1:" + std::to_string(server.read<std::uint16_t>()));
    all.emplace_back(io.get_executor(), defaults).async_run([](tautline::error_code) {});
  }
  std::thread clients([&] { io.run(); });
  std::vector<double> came;
  for (std::size_t i = 0; i < links; ++i) came.push_back(server.read<double>());
  io.stop();
  clients.join();
  bench::report(args, "closed with 1013: connections in 3 s", "tautline", "connections", came);
}
