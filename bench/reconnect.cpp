// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Reconnect latency: the server resets the connection; the clock runs until the first message of
// the application arrives there on the new one. Against the same done with Beast by hand, in turns.
#include <tautline/tautline.hpp>

#include "measure.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <fmt/core.h>

#include <array>
#include <memory>
#include <string>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

constexpr int warm_up = 50;
constexpr int rounds = 500;
constexpr auto rest = std::chrono::milliseconds(3);

// --- the server: one listener for each client, resets their connections in turns ------------------

struct client_slot {
  explicit client_slot(asio::io_context& io) : listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}
  tcp::acceptor listener;
  std::shared_ptr<websocket::stream<tcp::socket>> present;
};

asio::awaitable<void> answer_pings(std::shared_ptr<websocket::stream<tcp::socket>> ws) {
  boost::beast::flat_buffer buffer;
  for (;;) {
    auto read = co_await ws->async_read(buffer, quiet);
    if (std::get<0>(read)) co_return;
    buffer.clear();
  }
}

// Until the first message of the next connection is there.
asio::awaitable<void> take_first_message(client_slot& c) {
  auto socket = co_await c.listener.async_accept(asio::use_awaitable);
  socket.set_option(tcp::no_delay(true));
  auto ws = std::make_shared<websocket::stream<tcp::socket>>(std::move(socket));
  co_await ws->async_accept(asio::use_awaitable);
  boost::beast::flat_buffer buffer;
  co_await ws->async_read(buffer, asio::use_awaitable);
  c.present = ws;
}

asio::awaitable<void> run_rounds(std::array<client_slot*, 2> clients, int fd) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  for (auto* c : clients) {
    co_await take_first_message(*c);
    asio::co_spawn(executor, answer_pings(c->present), asio::detached);
  }
  for (int round = 0; round < warm_up + rounds; ++round)
    for (auto* c : clients) {
      timer.expires_after(rest);
      co_await timer.async_wait(asio::use_awaitable);
      c->present->next_layer().set_option(asio::socket_base::linger(true, 0));
      const auto start = bench::clock::now();
      c->present->next_layer().close();
      co_await take_first_message(*c);
      const double ms = bench::seconds_since(start) * 1e3;
      asio::co_spawn(executor, answer_pings(c->present), asio::detached);
      if (round >= warm_up) bench::tell(fd, ms);
    }
}

void run_server(int fd) {
  asio::io_context io(1);
  client_slot by_hand(io), ours(io);
  bench::tell(fd, by_hand.listener.local_endpoint().port());
  bench::tell(fd, ours.listener.local_endpoint().port());
  asio::co_spawn(io, run_rounds({&by_hand, &ours}, fd), asio::detached);
  io.run();
}

// --- the clients ----------------------------------------------------------------------------------

asio::awaitable<void> beast_by_hand(std::uint16_t port) {
  const auto executor = co_await asio::this_coro::executor;
  const tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  const std::string text = "hello";
  for (;;) {
    websocket::stream<tcp::socket> ws(executor);
    auto connected = co_await ws.next_layer().async_connect(server, quiet);
    if (std::get<0>(connected)) continue;
    ws.next_layer().set_option(tcp::no_delay(true));
    auto opened = co_await ws.async_handshake("127.0.0.1", "/", quiet);
    if (std::get<0>(opened)) continue;
    auto written = co_await ws.async_write(asio::buffer(text), quiet);
    if (std::get<0>(written)) continue;
    boost::beast::flat_buffer buffer;
    auto read = co_await ws.async_read(buffer, quiet);
    (void)read;
  }
}

// As an application would: what it has to say while the link is down is queued.
asio::awaitable<void> say_hello_when_down(tautline::link& l) {
  for (;;) {
    if (l.try_send(tautline::message("hello"))) co_return;
    for (;;) {
      auto next = co_await l.async_next_event(quiet);
      if (std::get<0>(next)) co_return;
      if (std::get<1>(next).kind == tautline::event_kind::down) break;
    }
  }
}

// As the loop by hand, which waits for nothing.
tautline::options fastest(std::uint16_t port) {
  tautline::options o("ws://127.0.0.1:" + std::to_string(port));
  o.backoff.initial = std::chrono::nanoseconds(1);
  o.backoff.max = std::chrono::nanoseconds(1);
  o.backoff.stable_after = {};
  o.backoff.jitter = tautline::jitter::none;
  o.backoff.first_retry_spread = {};
  o.backoff.max_attempts = tautline::unlimited;
  return o;
}

void report(const char* name, const bench::spread& s) {
  fmt::print("reconnect, {:<14} p5 {:.3f} ms, median {:.3f} ms, p95 {:.3f} ms\n", name, s.low, s.median, s.high);
}

}  // namespace

int main() {
  const bench::child server(&run_server);
  const auto port_by_hand = server.read<std::uint16_t>();
  const auto port_ours = server.read<std::uint16_t>();

  asio::io_context io(1);
  asio::co_spawn(io, beast_by_hand(port_by_hand), asio::detached);
  tautline::link l(io.get_executor(), fastest(port_ours));
  l.async_run([](error_code) {});
  asio::co_spawn(io, say_hello_when_down(l), asio::detached);
  std::thread clients([&] { io.run(); });

  std::vector<double> by_hand, ours;
  for (int i = 0; i < rounds; ++i) {
    by_hand.push_back(server.read<double>());
    ours.push_back(server.read<double>());
  }
  io.stop();
  clients.join();

  const auto b = bench::spread_of(by_hand), t = bench::spread_of(ours);
  report("Beast by hand:", b);
  report("tautline:", t);
  fmt::print("reconnect, ratio to Beast by hand: {:.2f} (goal: at most 1.2)\n", t.median / b.median);
}
