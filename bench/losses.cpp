// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What happens to messages when there is no connection: 100,000 that were sent before there was one, and
// 400,000 sent while it is reset in the middle. "tautline session" has tautline at both ends; all others
// meet a server without any library's help.
//   bench_losses [--measure=flush|reset] [--who=floor|beast|tautline|tautline session] [--count=N] [--json]
// The floor has no part in the reset.
#include <tautline/tautline.hpp>

#include "neutral.hpp"
#include "report.hpp"
#include "resettable.hpp"
#include "service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket.hpp>

#include <thread>
#include <utility>

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

/// Which of them have come.
class tally {
 public:
  explicit tally(long count) : seen_(static_cast<std::size_t>(count)) {}
  void note(std::string_view number) {
    const auto n = static_cast<std::size_t>(std::stol(std::string(number)));
    (seen_[n] ? r.repeated : r.delivered) += 1;
    seen_[n] = true;
  }
  [[nodiscard]] long delivered() const { return static_cast<long>(r.delivered); }
  result r;

 private:
  std::vector<bool> seen_;
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
  tally all(count);
  bool was_reset = false;
  for (;;) {
    const int fd = l.accept();
    const auto start = bench::clock::now();
    give_up_after(fd, 2);
    bench::neutral_end end(fd);
    if (!end.upgrade()) continue;
    const bool more = end.each([&](unsigned char, std::string_view payload, std::string_view key) {
      all.note(bench::neutral_end::unmasked(payload.substr(0, digits), key));
      return all.delivered() < (was_reset ? count : std::min(count, reset_at));
    });
    all.r.seconds = bench::seconds_since(start);
    if (more && !was_reset && reset_at <= count) {
      was_reset = true;
      end.line().reset();
      continue;
    }
    bench::tell(pipe, all.r);
    end.linger_on();
  }
}

// The same by a server of tautline's, whose application notes them. What came and was not told yet before
// the reset belongs to the session, not to the connection.
struct session_end {
  session_end(asio::io_context& io, const tautline::server_options& o, long count)
      : peers(io, o), quiet_for(io), all(count) {}
  bench::resettable_server peers;
  asio::steady_timer quiet_for;
  bench::clock::time_point start;
  tally all;
  bool was_reset = false, told = false;
};

void tell_once(session_end& e, int pipe) {
  if (std::exchange(e.told, true)) return;
  bench::tell(pipe, e.all.r);
}

asio::awaitable<void> receive(bench::link_ptr l, session_end& e, long count, long reset_at, int pipe) {
  for (;;) {
    auto got = co_await l->async_receive_batch(4096, quiet);
    if (std::get<0>(got)) co_return;
    for (const auto& m : std::get<1>(got)) e.all.note(m.payload().substr(0, digits));
    e.all.r.seconds = bench::seconds_since(e.start);
    if (e.all.delivered() >= reset_at && !std::exchange(e.was_reset, true)) e.peers.reset();
    // As long again as the other server waits, for repeats too.
    e.quiet_for.expires_after(std::chrono::milliseconds(e.all.delivered() == count ? 200 : 2000));
    e.quiet_for.async_wait([&e, pipe](error_code ec) {
      if (!ec) tell_once(e, pipe);
    });
  }
}

void serve_session(long count, long reset_at, int pipe) {
  asio::io_context io(1);
  tautline::server_options o;
  o.link.inbox.max_messages = 100'000;
  session_end e(io, o, count);
  bench::tell(pipe, e.peers.port());
  asio::co_spawn(io, e.peers.take_sockets([&] { e.start = bench::clock::now(); }), asio::detached);
  const auto use = [&](const bench::link_ptr& l) {
    asio::co_spawn(io, receive(l, e, count, reset_at, pipe), asio::detached);
  };
  asio::co_spawn(io, bench::take_links(e.peers.server(), use), asio::detached);
  io.run();
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

tautline::options patient(std::uint16_t port, bool session) {
  tautline::options o("ws://127.0.0.1:" + std::to_string(port));
  o.session = session ? tautline::session_use::require : tautline::session_use::off;
  o.backoff.initial = std::chrono::milliseconds(10);
  o.backoff.stable_after = {};
  return o;
}

// All frames in one piece, made beforehand.
result run_floor(std::uint16_t port, long count, const bench::child& server) {
  std::string frames;
  for (long i = 0; i < count; ++i) frames += bench::masked_frame(0x81, numbered(i));
  const auto w = bench::connect_to(port);
  if (w.fd() < 0 || bench::upgrade_blindly(w) < 0 || !w.write(frames)) std::exit(1);
  return server.read<result>();
}

result run(const std::string& who, long count, long reset_at) {
  const bool session = who == "tautline session";
  const bench::child server([&](int fd) { session ? serve_session(count, reset_at, fd) : serve(count, reset_at, fd); });
  const auto port = server.read<std::uint16_t>();
  if (who == "floor") return run_floor(port, count, server);
  asio::io_context io(1);
  tautline::link l(io.get_executor(), patient(port, session));
  if (who == "beast") {
    asio::co_spawn(io, beast_sends(port, count), [](std::exception_ptr) {});
  } else {
    const bool offline = reset_at > count;
    for (long i = 0; offline && i < count; ++i)
      if (l.try_send(tautline::message(numbered(i)))) std::exit(1);
    l.async_run([](error_code) {});
    if (!offline) asio::co_spawn(io, tautline_sends(l, count), [](std::exception_ptr) {});
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
