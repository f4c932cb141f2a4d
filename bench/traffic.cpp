// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One way out, one way in, and there and back, against the neutral server: tautline in plain mode,
// Beast by hand, and a raw socket that does only the unavoidable.
//   bench_traffic --measure=send|receive|round_trip --who=floor|beast|tautline [--size=64] [--count=N] [--json]
// With --who=external it prints its port first and measures whoever connects, under the name --as=NAME.
#include <tautline/tautline.hpp>

#include "neutral.hpp"
#include "report.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <ctime>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

struct plan {
  std::string measure, who;
  std::size_t size = 64;
  long count = 0;
};

// --- the server's side ------------------------------------------------------------------------------

void serve(const plan& p, int fd) {
  const bench::listener l;
  bench::tell(fd, l.port());
  bench::neutral_end end(l.accept());
  if (!end.open()) return;
  long seen = 0;
  bench::clock::time_point start;
  if (p.measure == "send") {
    end.each([&](unsigned char, std::string_view, std::string_view) {
      if (seen++ == 0) start = bench::clock::now();
      return seen < p.count;
    });
    bench::tell(fd, bench::seconds_since(start));
  } else if (p.measure == "receive") {
    const auto one = bench::frame(0x81, std::string(p.size, 'x'));
    std::string many;
    long in_many = 0;
    for (; many.size() < 256 * 1024; ++in_many) many += one;
    long left = p.count;
    for (; left >= in_many; left -= in_many) end.send(many);
    end.send(std::string_view(many).substr(0, static_cast<std::size_t>(left) * one.size()));
  } else {
    end.each([&](unsigned char first, std::string_view payload, std::string_view key) {
      end.send(bench::frame(first, bench::neutral_end::unmasked(payload, key)));
      return true;
    });
  }
  end.linger_on();
}

// --- the floor --------------------------------------------------------------------------------------

std::string masked(std::string_view payload) {
  auto f = bench::frame(0x81, payload);
  f[1] = static_cast<char>(static_cast<unsigned char>(f[1]) | 0x80U);
  f.insert(f.size() - payload.size(), 4, '\0');
  return f;
}

int raw_connection(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = htons(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof(a)) != 0) std::exit(1);
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  bench::write_all(fd,
                   "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  std::string answer;
  for (char c = 0; answer.find("\r\n\r\n") == std::string::npos && ::recv(fd, &c, 1, 0) == 1;) answer += c;
  return fd;
}

void read_exactly(int fd, std::size_t bytes) {
  static std::string buffer(std::size_t{1} << 20U, '\0');
  while (bytes > 0) {
    const auto n = ::recv(fd, buffer.data(), std::min(bytes, buffer.size()), 0);
    if (n <= 0) std::exit(1);
    bytes -= static_cast<std::size_t>(n);
  }
}

void floor_sends(int fd, const plan& p) {
  const auto one = masked(std::string(p.size, 'x'));
  std::string many;
  long in_many = 0;
  for (; many.size() < 64 * 1024; ++in_many) many += one;
  long left = p.count;
  for (; left >= in_many; left -= in_many) bench::write_all(fd, many);
  bench::write_all(fd, std::string_view(many).substr(0, static_cast<std::size_t>(left) * one.size()));
}

std::vector<double> floor_asks(int fd, const plan& p) {
  const auto one = masked(std::string(p.size, 'x'));
  std::vector<double> us;
  for (long i = 0; i < p.count; ++i) {
    const auto start = bench::clock::now();
    bench::write_all(fd, one);
    read_exactly(fd, one.size() - 4);
    us.push_back(bench::seconds_since(start) * 1e6);
  }
  return us;
}

// --- Beast by hand ----------------------------------------------------------------------------------

using beast_stream = websocket::stream<tcp::socket>;

asio::awaitable<void> beast_opens(beast_stream& ws, std::uint16_t port) {
  co_await ws.next_layer().async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), asio::use_awaitable);
  ws.next_layer().set_option(tcp::no_delay(true));
  ws.auto_fragment(false);
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

asio::awaitable<double> tautline_receives(tautline::link& l, const plan& p) {
  bench::clock::time_point start;
  for (long got = 0; got < p.count;) {
    const auto batch = co_await l.async_receive_batch(4096, asio::use_awaitable);
    if (got == 0) start = bench::clock::now();
    got += static_cast<long>(batch.size());
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

struct outcome {
  double seconds = 0, cpu = 0;
  std::vector<double> round_trips;
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

asio::awaitable<void> run_beast(std::uint16_t port, const plan& p, outcome& out) {
  beast_stream ws(co_await asio::this_coro::executor);
  co_await beast_opens(ws, port);
  out.cpu = cpu_seconds();
  if (p.measure == "send") {
    co_await beast_sends(ws, p);
  } else if (p.measure == "receive") {
    out.seconds = co_await beast_receives(ws, p);
  } else {
    out.round_trips = co_await beast_asks(ws, p);
  }
}

asio::awaitable<void> run_tautline(tautline::link& l, const plan& p, outcome& out) {
  co_await l.async_wait(tautline::link_state::connected, asio::use_awaitable);
  out.cpu = cpu_seconds();
  if (p.measure == "send") {
    co_await tautline_sends(l, p);
  } else if (p.measure == "receive") {
    out.seconds = co_await tautline_receives(l, p);
  } else {
    out.round_trips = co_await tautline_asks(l, p);
  }
}

void run_floor(std::uint16_t port, const plan& p, outcome& out) {
  const int fd = raw_connection(port);
  out.cpu = cpu_seconds();
  if (p.measure == "send") {
    floor_sends(fd, p);
  } else if (p.measure == "receive") {
    const auto one = bench::frame(0x81, std::string(p.size, 'x')).size();
    read_exactly(fd, one);
    const auto start = bench::clock::now();
    read_exactly(fd, one * static_cast<std::size_t>(p.count - 1));
    out.seconds = bench::seconds_since(start);
  } else {
    out.round_trips = floor_asks(fd, p);
  }
}

outcome run(const plan& p) {
  const bench::child server([&](int fd) { serve(p, fd); });
  const auto port = server.read<std::uint16_t>();
  outcome out;
  if (p.who == "external") {
    fmt::print("{}\n", port);
    std::fflush(stdout);
    out.seconds = server.read<double>();
    return out;
  }
  asio::io_context io(1);
  tautline::options o("ws://127.0.0.1:" + std::to_string(port));
  o.session = tautline::session_use::off;
  tautline::link l(io.get_executor(), o);
  const auto done = [&](std::exception_ptr) {
    if (p.measure != "send") io.stop();
  };
  if (p.who == "tautline") {
    l.async_run([](error_code) {});
    asio::co_spawn(io, run_tautline(l, p, out), done);
  } else if (p.who == "beast") {
    asio::co_spawn(io, run_beast(port, p, out), done);
  }
  std::thread client([&] {
    if (p.who == "floor") run_floor(port, p, out);
    io.run();
  });
  if (p.measure == "send") {
    out.seconds = server.read<double>();  // the last message has arrived
    io.stop();
  }
  client.join();
  out.cpu = cpu_seconds() - out.cpu;
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  plan p;
  p.measure = args.value("--measure", "send");
  p.who = args.value("--who", "tautline");
  p.size = static_cast<std::size_t>(args.number("--size", 64));
  p.count = args.number("--count", 1'000'000);
  const auto out = run(p);
  const auto n = static_cast<double>(p.count);
  const auto name = p.measure + " " + std::to_string(p.size) + " B";
  if (p.measure == "round_trip") {
    bench::report(args, name, p.who, "us", out.round_trips);
    return 0;
  }
  bench::report(args, name, args.value("--as", p.who), "M/s", {n / out.seconds / 1e6});
  if (p.who != "external") bench::report(args, name + ", CPU", p.who, "s per M", {out.cpu / n * 1e6});
}
