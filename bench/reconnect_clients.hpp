// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The clients of the reconnect measure that are compiled in: the floor, Beast by hand, tautline.
#ifndef TAUTLINE_BENCH_RECONNECT_CLIENTS_HPP
#define TAUTLINE_BENCH_RECONNECT_CLIENTS_HPP

#include <tautline/tautline.hpp>

#include "reconnect_server.hpp"
#include "restless.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <string>

namespace bench::reconnect {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

/// Heartbeats of the measure of silence, and what they add up to.
constexpr auto heartbeat_interval = std::chrono::milliseconds(50), heartbeat_timeout = std::chrono::milliseconds(50);

inline const std::string words(64, 'x');

struct client_plan {
  scenario s;
  bool tickets = false;
  const certificate* trusted = nullptr;
};

// --- the floor ----------------------------------------------------------------------------------------

/// Blocking; for ever. A close is answered, everything else is not looked at.
inline void raw_client(std::uint16_t port, const client_plan& p) {
  const auto context = p.trusted->client_context();
  ticket_pocket tickets(context.get());
  std::string all;
  for (long i = 0; i < p.s.queued; ++i) all += masked_frame(0x81, words);
  std::string buffer(4096, '\0');
  for (;;) {
    auto w = connect_to(port, p.s.tls ? SSL_new(context.get()) : nullptr);
    if (w.fd() < 0) continue;
    if (w.ssl() != nullptr && p.tickets) tickets.use(w.ssl());
    if (!w.connect_tls() || upgrade_blindly(w) < 0 || !w.write(all)) continue;
    while (w.read(buffer.data(), buffer.size()) > 0)
      if (static_cast<unsigned char>(buffer[0]) == 0x88) w.write(masked_frame(0x88, "\x03\xE9"));
  }
}

// --- Beast by hand ------------------------------------------------------------------------------------

template <class Stream>
asio::awaitable<void> beast_talks(websocket::stream<Stream>& ws, const client_plan& p) {
  if (p.s.how == drop::silence) {
    websocket::stream_base::timeout t{};
    t.handshake_timeout = std::chrono::seconds(10);
    t.idle_timeout = heartbeat_interval + heartbeat_timeout;
    t.keep_alive_pings = true;
    ws.set_option(t);
  }
  auto opened = co_await ws.async_handshake("127.0.0.1", "/", quiet);
  if (std::get<0>(opened)) co_return;
  for (long i = 0; i < p.s.queued; ++i) {
    auto written = co_await ws.async_write(asio::buffer(words), quiet);
    if (std::get<0>(written)) co_return;
  }
  boost::beast::flat_buffer buffer;
  auto read = co_await ws.async_read(buffer, quiet);
  (void)read;
}

inline asio::awaitable<void> beast_by_hand(std::uint16_t port, client_plan p) {
  const auto executor = co_await asio::this_coro::executor;
  const tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  asio::ssl::context context(asio::ssl::context::tls_client);
  p.trusted->trust(context.native_handle());
  ticket_pocket tickets(context.native_handle());
  for (;;) {
    tcp::socket socket(executor);
    auto connected = co_await socket.async_connect(server, quiet);
    if (std::get<0>(connected)) continue;
    socket.set_option(tcp::no_delay(true));
    if (!p.s.tls) {
      websocket::stream<tcp::socket> ws(std::move(socket));
      co_await beast_talks(ws, p);
      continue;
    }
    websocket::stream<boost::beast::ssl_stream<tcp::socket>> ws(std::move(socket), context);
    if (p.tickets) tickets.use(ws.next_layer().native_handle());
    auto secured = co_await ws.next_layer().async_handshake(asio::ssl::stream_base::client, quiet);
    if (!std::get<0>(secured)) co_await beast_talks(ws, p);
  }
}

// --- tautline -----------------------------------------------------------------------------------------

inline tautline::options tautline_options(std::uint16_t port, const client_plan& p, tautline::session_use session,
                                          const std::string& ca_file) {
  auto o = restless((p.s.tls ? "wss://127.0.0.1:" : "ws://127.0.0.1:") + std::to_string(port), session);
  o.tls.ca_file = ca_file;
  o.tls.session_tickets = p.tickets;
  if (p.s.how == drop::silence) {
    o.heartbeat.interval = heartbeat_interval;
    o.heartbeat.timeout = heartbeat_timeout;
  }
  return o;
}

}  // namespace bench::reconnect

#endif
