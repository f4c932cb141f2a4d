// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What happens to messages when there is no connection: 100,000 that were sent before there was one, and
// 400,000 sent while it is reset in the middle.
//   bench_losses [--measure=flush|reset] [--who=tautline|beast] [--count=N] [--json]
#include <tautline/tautline.hpp>

#include "neutral.hpp"
#include "report.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket.hpp>

#include <thread>

namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t size = 64;
constexpr std::size_t digits = 8;

std::string numbered(long i) { return fmt::format("{:0{}}{}", i, digits, std::string(size - digits, 'x')); }

struct result {
  double delivered = 0, repeated = 0, seconds = 0;
};

void give_up_after(int fd, long seconds) {
  const timeval t{seconds, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
}

// Notes which messages come, until all have or none does any more; resets the first connection once
// `reset_at` have come.
void serve(long count, long reset_at, int pipe) {
  const bench::listener l;
  bench::tell(pipe, l.port());
  std::vector<bool> seen(static_cast<std::size_t>(count));
  result r;
  bool was_reset = false;
  for (;;) {
    const int fd = l.accept();
    const auto start = bench::clock::now();
    give_up_after(fd, 2);
    bench::neutral_end end(fd);
    if (!end.upgrade()) continue;
    const bool more = end.each([&](unsigned char, std::string_view payload, std::string_view key) {
      const auto n = static_cast<std::size_t>(std::stol(bench::neutral_end::unmasked(payload.substr(0, digits), key)));
      r.repeated += seen[n] ? 1 : 0;
      r.delivered += seen[n] ? 0 : 1;
      seen[n] = true;
      return static_cast<long>(r.delivered) < (was_reset ? count : std::min(count, reset_at));
    });
    r.seconds = bench::seconds_since(start);
    if (more && !was_reset && reset_at <= count) {
      was_reset = true;
      end.line().reset();
      continue;
    }
    bench::tell(pipe, r);
    end.linger_on();
  }
}

asio::awaitable<void> tautline_sends(tautline::link& l, long count) {
  for (long i = 0; i < count; ++i) {
    tautline::message m(numbered(i));
    if (!l.try_send(std::move(m))) continue;
    tautline::message again(numbered(i));
    auto sent = co_await l.async_send(std::move(again), quiet);
    if (std::get<0>(sent)) co_return;
  }
}

// As one writes it first: what fails is written again on the next connection.
asio::awaitable<void> beast_sends(std::uint16_t port, long count) {
  const tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  for (long i = 0; i < count;) {
    websocket::stream<tcp::socket> ws(co_await asio::this_coro::executor);
    auto connected = co_await ws.next_layer().async_connect(server, quiet);
    if (std::get<0>(connected)) continue;
    auto opened = co_await ws.async_handshake("127.0.0.1", "/", quiet);
    if (std::get<0>(opened)) continue;
    for (; i < count; ++i) {
      const auto text = numbered(i);
      auto written = co_await ws.async_write(asio::buffer(text), quiet);
      if (std::get<0>(written)) break;
    }
  }
}

tautline::options patient(std::uint16_t port) {
  tautline::options o("ws://127.0.0.1:" + std::to_string(port));
  o.session = tautline::session_use::off;
  o.backoff.initial = std::chrono::milliseconds(10);
  o.backoff.stable_after = {};
  return o;
}

result run(const std::string& who, long count, long reset_at) {
  const bench::child server([&](int fd) { serve(count, reset_at, fd); });
  const auto port = server.read<std::uint16_t>();
  asio::io_context io(1);
  tautline::link l(io.get_executor(), patient(port));
  if (who == "tautline") {
    const bool offline = reset_at > count;
    for (long i = 0; offline && i < count; ++i)
      if (l.try_send(tautline::message(numbered(i)))) std::exit(1);
    l.async_run([](error_code) {});
    if (!offline) asio::co_spawn(io, tautline_sends(l, count), [](std::exception_ptr) {});
  } else {
    asio::co_spawn(io, beast_sends(port, count), [](std::exception_ptr) {});
  }
  std::thread client([&] { io.run(); });
  const auto r = server.read<result>();
  io.stop();
  client.join();
  return r;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  const auto who = args.value("--who", "tautline");
  const auto measure = args.value("--measure", "reset");
  const bool flush = measure == "flush";
  const long count = args.number("--count", flush ? 100'000 : 400'000);
  const auto r = run(who, count, flush ? count + 1 : count / 2);
  const auto lost = static_cast<double>(count) - r.delivered;
  if (flush) {
    bench::report(args, "offline flush", who, "ms", {r.seconds * 1e3});
    bench::report(args, "offline flush, lost", who, "messages", {lost});
  } else {
    bench::report(args, "reset in the middle, lost", who, "messages", {lost});
    bench::report(args, "reset in the middle, repeated", who, "messages", {r.repeated});
  }
}
