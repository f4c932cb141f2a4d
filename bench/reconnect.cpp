// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Reconnect latency: the server resets the connection; the clock runs until the first message of
// the application arrives there on the new one. Against the same done with Beast by hand, in turns;
// and with a session that is resumed each time.
//   bench_reconnect [--rounds=500] [--json]
#include <tautline/tautline.hpp>

#include "measure.hpp"
#include "report.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
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
constexpr std::size_t clients_in_turn = 3;
constexpr auto rest = std::chrono::milliseconds(3);

// --- the server: one listener for each client, resets their connections in turns ------------------

using beast_stream = websocket::stream<tcp::socket>;

struct client_slot {
  client_slot(asio::io_context& io, bool speaks_session)
      : listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), session(speaks_session) {}
  tcp::acceptor listener;
  bool session;
  unsigned received = 0;  ///< messages of its session
  std::shared_ptr<beast_stream> present;
};

std::string welcome(const client_slot& c) {
  return fmt::format(R"({{"type":"welcome","version":1,"session":"bench","resumed":{},{}"recv":{},"from":1,)"
                     R"("window":{{"messages":1024,"bytes":1048576}},"heartbeat_ms":30000,"retain_ms":120000,)"
                     R"("max_message_bytes":16777216}})",
                     c.received > 0, c.received > 0 ? "" : R"("reason":"new",)", c.received);
}

asio::awaitable<void> answer_pings(client_slot& c) {
  const auto ws = c.present;
  boost::beast::flat_buffer buffer;
  for (;;) {
    auto read = co_await ws->async_read(buffer, quiet);
    if (std::get<0>(read)) co_return;
    buffer.clear();
  }
}

asio::awaitable<void> accept(client_slot& c, beast_stream& ws) {
  boost::beast::flat_buffer buffer;
  boost::beast::http::request<boost::beast::http::empty_body> request;
  co_await boost::beast::http::async_read(ws.next_layer(), buffer, request, asio::use_awaitable);
  if (c.session) {
    auto choose = [](websocket::response_type& answer) { answer.set("Sec-WebSocket-Protocol", "tautline.v1"); };
    ws.set_option(websocket::stream_base::decorator(choose));
  }
  co_await ws.async_accept(request, asio::use_awaitable);
}

// Until the first message of the next connection is there.
asio::awaitable<bench::clock::time_point> take_first_message(client_slot& c) {
  auto socket = co_await c.listener.async_accept(asio::use_awaitable);
  socket.set_option(tcp::no_delay(true));
  auto ws = std::make_shared<beast_stream>(std::move(socket));
  co_await accept(c, *ws);
  boost::beast::flat_buffer buffer;
  co_await ws->async_read(buffer, asio::use_awaitable);
  if (c.session) {  // that was the hello
    const auto text = welcome(c);
    ws->text(true);
    co_await ws->async_write(asio::buffer(text), asio::use_awaitable);
    do {
      buffer.clear();
      co_await ws->async_read(buffer, asio::use_awaitable);
    } while (ws->got_text());
  }
  const auto arrived = bench::clock::now();
  if (c.session) {
    const auto text = fmt::format(R"({{"type":"ack","recv":{}}})", ++c.received);
    co_await ws->async_write(asio::buffer(text), asio::use_awaitable);
  }
  c.present = ws;
  co_return arrived;
}

asio::awaitable<void> run_rounds(std::array<client_slot*, clients_in_turn> clients, long rounds, int fd) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  for (auto* c : clients) {
    co_await take_first_message(*c);
    asio::co_spawn(executor, answer_pings(*c), asio::detached);
  }
  for (long round = 0; round < warm_up + rounds; ++round)
    for (auto* c : clients) {
      timer.expires_after(rest);
      co_await timer.async_wait(asio::use_awaitable);
      c->present->next_layer().set_option(asio::socket_base::linger(true, 0));
      const auto start = bench::clock::now();
      c->present->next_layer().close();
      const auto arrived = co_await take_first_message(*c);
      const double ms = std::chrono::duration<double, std::milli>(arrived - start).count();
      asio::co_spawn(executor, answer_pings(*c), asio::detached);
      if (round >= warm_up) bench::tell(fd, ms);
    }
}

void run_server(long rounds, int fd) {
  asio::io_context io(1);
  client_slot by_hand(io, false), plain(io, false), session(io, true);
  for (auto* c : {&by_hand, &plain, &session}) bench::tell(fd, c->listener.local_endpoint().port());
  asio::co_spawn(io, run_rounds({&by_hand, &plain, &session}, rounds, fd), asio::detached);
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
tautline::options fastest(std::uint16_t port, tautline::session_use session) {
  tautline::options o("ws://127.0.0.1:" + std::to_string(port));
  o.session = session;
  o.backoff.initial = std::chrono::nanoseconds(1);
  o.backoff.max = std::chrono::nanoseconds(1);
  o.backoff.stable_after = {};
  o.backoff.jitter = tautline::jitter::none;
  o.backoff.first_retry_spread = {};
  o.backoff.max_attempts = tautline::unlimited;
  return o;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  const long rounds = args.number("--rounds", 500);
  const bench::child server([rounds](int fd) { run_server(rounds, fd); });
  std::array<std::uint16_t, clients_in_turn> ports{};
  for (auto& p : ports) p = server.read<std::uint16_t>();

  asio::io_context io(1);
  asio::co_spawn(io, beast_by_hand(ports[0]), asio::detached);
  tautline::link plain(io.get_executor(), fastest(ports[1], tautline::session_use::off));
  tautline::link session(io.get_executor(), fastest(ports[2], tautline::session_use::require));
  for (auto* l : {&plain, &session}) {
    l->async_run([](error_code) {});
    asio::co_spawn(io, say_hello_when_down(*l), asio::detached);
  }
  std::thread clients([&] { io.run(); });

  std::array<std::vector<double>, clients_in_turn> ms;
  for (long i = 0; i < rounds; ++i)
    for (auto& of : ms) of.push_back(server.read<double>());
  io.stop();
  clients.join();

  const std::array<const char*, clients_in_turn> names = {"beast", "tautline", "tautline session"};
  for (std::size_t i = 0; i < clients_in_turn; ++i) bench::report(args, "reconnect", names[i], "ms", ms[i]);
  if (args.has("--json")) return 0;
  const auto median = [&](std::size_t i) { return bench::spread_of(ms[i]).median; };
  fmt::print("reconnect, ratio to Beast by hand: {:.2f} (goal: at most 1.2); with resume, to without: {:.2f} (1.1)\n",
             median(1) / median(0), median(2) / median(1));
}
