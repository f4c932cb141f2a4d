// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One way out, one way in, and there and back, against the neutral server: tautline in plain mode and
// (one way) in a session, Beast by hand, and a raw socket that does only the unavoidable.
//   bench_traffic --measure=send|receive|round_trip --who=floor|beast|beast tuned|tautline|"tautline session"
//                 [--size=64] [--count=N] [--json]
//                 [--way=...] of tautline: try_send, async_send or other_thread; batch or single
// With --who=external it prints its port first and serves whoever connects; it measures what is sent to
// it, under the name --as=NAME.
#include <tautline/tautline.hpp>

#include "report.hpp"
#include "traffic_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <thread>

namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using bench::cpu_seconds;
using bench::traffic::outcome;
using bench::traffic::plan;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

// --- Beast by hand ----------------------------------------------------------------------------------

using beast_stream = websocket::stream<tcp::socket>;

// Tuned: Nagle's algorithm gathers the small writes, and large ones go out in larger pieces.
asio::awaitable<void> beast_opens(beast_stream& ws, std::uint16_t port, bool tuned) {
  co_await ws.next_layer().async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), asio::use_awaitable);
  ws.next_layer().set_option(tcp::no_delay(!tuned));
  ws.auto_fragment(false);
  if (tuned) ws.write_buffer_bytes(std::size_t{64} * 1024);
  ws.text(true);
  co_await ws.async_handshake("127.0.0.1", "/", asio::use_awaitable);
}

asio::awaitable<void> beast_sends(beast_stream& ws, const plan& p) {
  const std::string text(p.size, 'x');
  for (long i = 0; i < p.count; ++i) co_await ws.async_write(asio::buffer(text), asio::use_awaitable);
}

asio::awaitable<double> beast_receives(beast_stream& ws, const plan& p) {
  boost::beast::flat_buffer buffer;
  bench::clock::time_point start;
  for (long i = 0; i < p.count; ++i) {
    co_await ws.async_read(buffer, asio::use_awaitable);
    buffer.clear();
    if (i == 0) start = bench::clock::now();
  }
  co_return bench::seconds_since(start);
}

asio::awaitable<std::vector<double>> beast_asks(beast_stream& ws, const plan& p) {
  const std::string text(p.size, 'x');
  boost::beast::flat_buffer buffer;
  std::vector<double> us;
  for (long i = 0; i < p.count; ++i) {
    const auto start = bench::clock::now();
    co_await ws.async_write(asio::buffer(text), asio::use_awaitable);
    co_await ws.async_read(buffer, asio::use_awaitable);
    buffer.clear();
    us.push_back(bench::seconds_since(start) * 1e6);
  }
  co_return us;
}

// --- tautline ---------------------------------------------------------------------------------------

asio::awaitable<void> tautline_sends(tautline::link& l, const plan& p) {
  const std::string text(p.size, 'x');
  for (long sent = 0; sent < p.count;) {
    int burst = 0;
    for (; burst < 1000 && sent < p.count; ++burst, ++sent)
      if (l.try_send(tautline::message(text))) break;
    if (sent == p.count) co_return;
    if (burst == 1000) {
      co_await asio::post(asio::use_awaitable);
      continue;
    }
    auto waited = co_await l.async_send(tautline::message(text), quiet);
    if (std::get<0>(waited)) co_return;
    ++sent;
  }
}

asio::awaitable<void> tautline_awaits_each(tautline::link& l, const plan& p) {
  const std::string text(p.size, 'x');
  for (long sent = 0; sent < p.count; ++sent) {
    auto queued = co_await l.async_send(tautline::message(text), quiet);
    if (std::get<0>(queued)) co_return;
  }
}

// Of another thread than the link's: waits for room where there is none.
void tautline_sends_from_here(tautline::link& l, const plan& p) {
  const std::string text(p.size, 'x');
  for (long sent = 0; sent < p.count; ++sent)
    if (l.try_send(tautline::message(text))) l.async_send(tautline::message(text), asio::use_future).get();
}

asio::awaitable<double> tautline_receives(tautline::link& l, const plan& p) {
  bench::clock::time_point start;
  for (long got = 0; got < p.count;) {
    const auto batch = co_await l.async_receive_batch(4096, asio::use_awaitable);
    if (got == 0) start = bench::clock::now();
    got += static_cast<long>(batch.size());
  }
  co_return bench::seconds_since(start);
}

asio::awaitable<double> tautline_receives_singly(tautline::link& l, const plan& p) {
  bench::clock::time_point start;
  for (long got = 0; got < p.count; ++got) {
    const auto one = co_await l.async_receive(asio::use_awaitable);
    if (got == 0) start = bench::clock::now();
  }
  co_return bench::seconds_since(start);
}

asio::awaitable<std::vector<double>> tautline_asks(tautline::link& l, const plan& p) {
  const std::string text(p.size, 'x');
  std::vector<double> us;
  for (long i = 0; i < p.count; ++i) {
    const auto start = bench::clock::now();
    if (l.try_send(tautline::message(text))) std::exit(1);
    const auto answer = co_await l.async_receive(asio::use_awaitable);
    us.push_back(bench::seconds_since(start) * 1e6);
  }
  co_return us;
}

// ----------------------------------------------------------------------------------------------------

asio::awaitable<void> run_beast(std::uint16_t port, const plan& p, outcome& out) {
  beast_stream ws(co_await asio::this_coro::executor);
  co_await beast_opens(ws, port, p.who == "beast tuned");
  out.cpu = cpu_seconds();
  if (p.measure == "send") {
    co_await beast_sends(ws, p);
  } else if (p.measure == "receive") {
    out.seconds = co_await beast_receives(ws, p);
  } else {
    out.round_trips = co_await beast_asks(ws, p);
  }
}

asio::awaitable<void> run_tautline(tautline::link& l, const plan& p, outcome& out, std::thread& other) {
  co_await l.async_wait(tautline::link_state::connected, asio::use_awaitable);
  out.cpu = cpu_seconds();
  if (p.measure == "send" && p.way == "other_thread") {
    other = std::thread([&] { tautline_sends_from_here(l, p); });
  } else if (p.measure == "send" && p.way == "async_send") {
    co_await tautline_awaits_each(l, p);
  } else if (p.measure == "send") {
    co_await tautline_sends(l, p);
  } else if (p.measure == "receive" && p.way == "single") {
    out.seconds = co_await tautline_receives_singly(l, p);
  } else if (p.measure == "receive") {
    out.seconds = co_await tautline_receives(l, p);
  } else {
    out.round_trips = co_await tautline_asks(l, p);
  }
}

outcome run_compiled_in(std::uint16_t port, const plan& p, const bench::child& server) {
  outcome out;
  asio::io_context io(1);
  tautline::options o("ws://127.0.0.1:" + std::to_string(port));
  o.session = tautline::session_use::off;
  if (p.who == bench::traffic::in_a_session) {
    // As large as the neutral server's own window.
    o.session = tautline::session_use::require;
    o.inbox.max_messages = 100'000;
    o.inbox.max_bytes = std::size_t{64} * 1024 * 1024;
  }
  tautline::link l(io.get_executor(), o);
  std::thread other;
  const auto done = [&](std::exception_ptr) {
    if (p.measure != "send") io.stop();
  };
  if (p.who.starts_with("tautline")) {
    l.async_run([](error_code) {});
    asio::co_spawn(io, run_tautline(l, p, out, other), done);
  } else {
    asio::co_spawn(io, run_beast(port, p, out), done);
  }
  std::thread client([&] { io.run(); });
  if (p.measure == "send") {
    out.seconds = server.read<double>();  // the last message has arrived
    io.stop();
  }
  client.join();
  if (other.joinable()) other.join();
  out.cpu = cpu_seconds() - out.cpu;
  return out;
}

outcome run(const plan& p) {
  const bench::child server([&](int fd) { serve(p, fd); });
  const auto port = server.read<std::uint16_t>();
  outcome out;
  if (p.who == "external") {
    fmt::print("{}\n", port);
    std::fflush(stdout);
    if (p.measure == "send") out.seconds = server.read<double>();
    server.wait();
  } else if (p.who == "floor") {
    bench::traffic::run_floor(port, p, out);
    if (p.measure == "send") out.seconds = server.read<double>();
  } else {
    out = run_compiled_in(port, p, server);
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  plan p;
  p.measure = args.value("--measure", "send");
  p.who = args.value("--who", "tautline");
  p.way = args.value("--way");
  p.size = static_cast<std::size_t>(args.number("--size", 64));
  p.count = args.number("--count", 1'000'000);
  const auto out = run(p);
  const auto n = static_cast<double>(p.count);
  const auto name = p.measure + " " + std::to_string(p.size) + " B";
  const auto who = args.value("--as", p.way.empty() ? p.who : p.who + ", " + p.way);
  if (p.who == "external" && p.measure != "send") return 0;
  if (p.measure == "round_trip") {
    bench::report(args, name, who, "us", out.round_trips);
    bench::report(args, name + ", p99", who, "us", {bench::percentile(out.round_trips, 0.99)});
    return 0;
  }
  bench::report(args, name, who, "M/s", {n / out.seconds / 1e6});
  if (p.who != "external") bench::report(args, name + ", CPU", who, "s per M", {out.cpu / n * 1e6});
}
