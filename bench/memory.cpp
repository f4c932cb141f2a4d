// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Memory of a connected link that has echoed one message and idles, all loops running; and the
// time to connect a thousand of them; against Beast by hand with the same server.
//   bench_memory [--who=beast|tautline|external] [--links=1000] [--json]
// With --who=external it prints its server's port, and serves until its input ends.
#include <tautline/tautline.hpp>

#include "links.hpp"
#include "report.hpp"
#include "service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <fmt/core.h>

#include <memory>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using tautline::error_code;
constexpr auto quiet = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> echo(bench::link_ptr l) {
  for (;;) {
    auto got = co_await l->async_receive(quiet);
    if (std::get<0>(got)) co_return;
    tautline::message answer = std::move(std::get<1>(got));
    auto sent = co_await l->async_send(std::move(answer), quiet);
    if (std::get<0>(sent)) co_return;
  }
}

void run_server(int fd) {
  tautline::server_options o;
  o.max_connections = 1'000'000;
  bench::run_service(o, fd, echo);
}

// --- the clients: `run_until(links connected)`, then one echo each, then idle ---------------------------

struct outcome {
  double ms = 0, heap = 0, resident = 0;
};

using bench::heap_kib;
using bench::resident_kib;

outcome tautline_links(asio::io_context& io, std::uint16_t port, std::size_t links) {
  const auto o = std::make_shared<const tautline::options>("ws://127.0.0.1:" + std::to_string(port));
  std::vector<std::unique_ptr<tautline::link>> all;
  all.reserve(links);
  const double heap = heap_kib(), resident = resident_kib();
  const auto start = bench::clock::now();
  std::size_t up = 0, echoed = 0;
  for (std::size_t i = 0; i < links; ++i) {
    all.push_back(std::make_unique<tautline::link>(io.get_executor(), o));
    auto& l = *all.back();
    l.async_run([](error_code) {});
    l.async_wait(tautline::link_state::connected, [&](error_code ec) { up += ec ? 0U : 1U; });
  }
  while (up < links) io.run_one();
  outcome out;
  out.ms = bench::seconds_since(start) * 1e3;
  for (auto& l : all) {
    if (l->try_send(tautline::message(std::string(64, 'x')))) std::exit(1);
    l->async_receive([&](error_code ec, const tautline::message&) { echoed += ec ? 0U : 1U; });
  }
  while (echoed < links) io.run_one();
  io.run_for(std::chrono::milliseconds(500));
  out.heap = heap_kib() - heap;
  out.resident = resident_kib() - resident;
  return out;
}

using beast_stream = websocket::stream<asio::ip::tcp::socket>;

struct tally {
  std::size_t up = 0, echoed = 0;
};

asio::awaitable<void> beast_link(std::uint16_t port, tally& t) {
  beast_stream ws(co_await asio::this_coro::executor);
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  co_await ws.next_layer().async_connect(server, asio::use_awaitable);
  ws.next_layer().set_option(asio::ip::tcp::no_delay(true));
  co_await ws.async_handshake("127.0.0.1", "/", asio::use_awaitable);
  ++t.up;
  const std::string text(64, 'x');
  co_await ws.async_write(asio::buffer(text), asio::use_awaitable);
  boost::beast::flat_buffer buffer;
  for (;;) {
    auto read = co_await ws.async_read(buffer, quiet);
    if (std::get<0>(read)) co_return;
    buffer.clear();
    ++t.echoed;
  }
}

outcome beast_links(asio::io_context& io, std::uint16_t port, std::size_t links) {
  const double heap = heap_kib(), resident = resident_kib();
  const auto start = bench::clock::now();
  tally t;
  for (std::size_t i = 0; i < links; ++i) asio::co_spawn(io, beast_link(port, t), asio::detached);
  while (t.up < links) io.run_one();
  outcome out;
  out.ms = bench::seconds_since(start) * 1e3;
  while (t.echoed < links) io.run_one();
  io.run_for(std::chrono::milliseconds(500));
  out.heap = heap_kib() - heap;
  out.resident = resident_kib() - resident;
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::arguments args(argc, argv);
  const auto links = static_cast<std::size_t>(args.number("--links", 1000));
  if (!bench::make_room_for(links)) {
    std::fprintf(stderr, "this process may not open files for %zu links\n", links);
    return 1;
  }
  if (args.value("--who") == "external") {
    const bench::child server(&run_server);
    fmt::print("{}\n", server.read<std::uint16_t>());
    std::fflush(stdout);
    while (std::getchar() != EOF) {}
    return 0;
  }
  for (const std::string who : {"beast", "tautline session"}) {
    if (!args.value("--who").empty() && !who.starts_with(args.value("--who"))) continue;
    const bench::child server(&run_server);
    const auto port = server.read<std::uint16_t>();
    asio::io_context io(1);
    const auto out = who == "beast" ? beast_links(io, port, links) : tautline_links(io, port, links);
    const auto n = static_cast<double>(links);
    bench::report(args, "connect " + std::to_string(links) + " links", who, "ms", {out.ms});
    const auto among = links == 1000 ? std::string() : fmt::format(" of {}", links);
    bench::report(args, "heap of an idle link" + among, who, "KiB", {out.heap / n});
    bench::report(args, "resident, of an idle link" + among, who, "KiB", {out.resident / n});
  }
}
