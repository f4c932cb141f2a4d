// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What one link and one message cost as there are more of them: with so many links in a process, and with
// so many messages queued while there is no connection. Both ends tautline, plain mode.
//   bench_growth --links=N [--count=500000] [--json]
//   bench_growth --queue=N [--json]
#include <tautline/tautline.hpp>

#include "links.hpp"
#include "report.hpp"
#include "service.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
using tautline::error_code;

void run_server(int fd) {
  tautline::server_options o;
  o.session = false;
  o.max_connections = 1'000'000;
  bench::run_service(o, fd, bench::sink);
}

tautline::options to(std::uint16_t port) {
  tautline::options o("ws://127.0.0.1:" + std::to_string(port));
  o.session = tautline::session_use::off;
  return o;
}

class fleet {
 public:
  fleet(asio::io_context& io, std::uint16_t port, std::size_t size) : io_(io) {
    const auto o = std::make_shared<const tautline::options>(to(port));
    for (std::size_t i = 0; i < size; ++i) links_.push_back(std::make_unique<tautline::link>(io.get_executor(), o));
  }
  void connect() {
    for (auto& l : links_) {
      l->async_run([](error_code) {});
      l->async_wait(tautline::link_state::connected, [this](error_code) { ++up_; });
    }
    while (up_ < links_.size()) io_.run_one();
  }
  // In turns, a few at a time, as traffic comes in a service with many peers.
  void send(long messages) {
    constexpr long turn = 8;
    const std::string text(64, 'x');
    const long each = std::max(1L, messages / static_cast<long>(links_.size()));
    for (long said = 0; said < each; said += turn) {
      for (auto& l : links_)
        for (long i = said; i < std::min(each, said + turn); ++i)
          while (l->try_send(tautline::message(text))) io_.run_one();
      io_.poll();
    }
    sent_ = each;
  }
  void run_until_delivered() {
    for (auto& l : links_)
      while (l->metrics().delivered < static_cast<std::uint64_t>(sent_)) io_.run_one();
  }
  [[nodiscard]] double sent() const { return static_cast<double>(sent_) * static_cast<double>(links_.size()); }

 private:
  asio::io_context& io_;
  std::vector<std::unique_ptr<tautline::link>> links_;
  std::size_t up_ = 0;
  long sent_ = 0;
};

void measure_links(const bench::arguments& args, std::size_t links) {
  const bench::child server(&run_server);
  const auto port = server.read<std::uint16_t>();
  asio::io_context io(1);
  const double heap = bench::heap_kib();
  fleet all(io, port, links);
  const auto start = bench::clock::now();
  all.connect();
  const double connecting = bench::seconds_since(start);
  const double used = bench::heap_kib() - heap;
  const double cpu = bench::cpu_seconds();
  all.send(args.number("--count", 500'000));
  all.run_until_delivered();
  const auto n = static_cast<double>(links);
  const auto who = fmt::format("{}", links);
  bench::report(args, "growth, connecting a link, by links", who, "us", {connecting / n * 1e6});
  bench::report(args, "growth, heap of a link, by links", who, "KiB", {used / n});
  bench::report(args, "growth, CPU of a message, by links", who, "us",
                {(bench::cpu_seconds() - cpu) / all.sent() * 1e6});
}

// Short queues are filled again and again, so that there is something to measure.
void measure_queue(const bench::arguments& args, std::size_t depth) {
  const bench::child server(&run_server);
  const auto port = server.read<std::uint16_t>();
  asio::io_context io(1);
  auto o = to(port);
  o.queue.max_messages = depth;
  o.queue.max_bytes = depth * 64;
  tautline::link l(io.get_executor(), o);
  const std::string text(64, 'x');
  const std::size_t rounds = std::max<std::size_t>(1, std::min<std::size_t>(2'000, 1'000'000 / depth));
  double cpu = bench::cpu_seconds();
  std::uint64_t sent = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < depth; ++i, ++sent)
      if (l.try_send(tautline::message(text))) std::exit(1);
    if (round == 0) l.async_run([](error_code) {});
    while (l.metrics().delivered < sent) io.run_one();
  }
  cpu = bench::cpu_seconds() - cpu;
  bench::report(args, "growth, CPU of a message, by queue", fmt::format("{}", depth), "us",
                {cpu / static_cast<double>(sent) * 1e6});
}

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  if (const long depth = args.number("--queue", 0); depth > 0) {
    measure_queue(args, static_cast<std::size_t>(depth));
    return 0;
  }
  const auto links = static_cast<std::size_t>(args.number("--links", 100));
  if (!bench::make_room_for(links)) {
    std::fprintf(stderr, "this process may not open files for %zu links\n", links);
    return 1;
  }
  measure_links(args, links);
}
