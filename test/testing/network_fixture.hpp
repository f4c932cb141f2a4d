// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A connector and its connection, without a link: for tests of the simulated network.
#ifndef TAUTLINE_TEST_TESTING_NETWORK_FIXTURE_HPP
#define TAUTLINE_TEST_TESTING_NETWORK_FIXTURE_HPP

#include <tautline/testing/simulated_network.hpp>
#include <tautline/testing/virtual_time.hpp>

#include "transport/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tautline::testing {

using namespace std::chrono_literals;

struct noted final : transport::connection_observer {
  void on_bytes() override { ++bytes; }
  void on_pong(std::string_view p) override { pongs.emplace_back(p); }
  int bytes = 0;
  std::vector<std::string> pongs;
};

struct network_fixture {
  asio::io_context io;
  std::shared_ptr<virtual_time> time = std::make_shared<virtual_time>(io);
  simulated_network net{time, 1};
  simulated_host host = net.host("server");
  environment env = net.make_environment();
  asio::any_io_executor strand = asio::make_strand(io);
  noted seen;
  time_point start = time->now();

  struct end {
    std::shared_ptr<transport::connection> conn;
    std::vector<message> got;
    std::optional<error_code> read_ended, flushed, closed;
  };

  static asio::awaitable<void> do_connect(std::shared_ptr<transport::connector> c, asio::any_io_executor ex,
                                          std::shared_ptr<transport::connect_request> rq,
                                          std::shared_ptr<std::optional<transport::connect_result>> out) {
    transport::connect_result r = co_await c->async_connect(ex, *rq);
    out->emplace(std::move(r));
  }

  std::shared_ptr<std::optional<transport::connect_result>> begin_connect(const std::string& url) {
    auto rq = std::make_shared<transport::connect_request>();
    rq->url = url;
    rq->deadline = time->now() + 10s;
    rq->time = time;
    rq->random = env.random;
    auto out = std::make_shared<std::optional<transport::connect_result>>();
    asio::co_spawn(strand, do_connect(env.connector, strand, rq, out), asio::detached);
    return out;
  }

  transport::connect_result connect(const std::string& url) {
    const auto out = begin_connect(url);
    BOOST_REQUIRE(time->run_until([&] { return out->has_value(); }, 1min));
    return std::move(**out);
  }

  /// To a server that reads nothing, over a path that holds so many bytes.
  std::shared_ptr<end> connect_to_a_deaf_server(std::size_t window) {
    path_options p;
    p.window = window;
    host.path(p);
    auto e = connect_and_read();
    host.pause_reading();
    return e;
  }

  std::shared_ptr<end> connect_and_read() {
    auto r = connect("ws://server/");
    BOOST_REQUIRE(r.conn);
    r.conn->observe(&seen);
    auto e = std::make_shared<end>();
    e->conn = std::move(r.conn);
    begin_read(e);
    return e;
  }

  static asio::awaitable<void> do_read(std::shared_ptr<transport::connection> c, std::shared_ptr<end> e) {
    error_code ec;
    while (!ec) ec = co_await c->async_read(e->got, 100);
    e->read_ended = ec;
  }
  void begin_read(const std::shared_ptr<end>& e) { asio::co_spawn(strand, do_read(e->conn, e), asio::detached); }

  static asio::awaitable<void> do_flush(std::shared_ptr<transport::connection> c, std::shared_ptr<end> e,
                                        std::size_t leave) {
    const auto ec = co_await c->async_flush(leave);
    e->flushed = ec;
  }
  void begin_flush(const std::shared_ptr<end>& e, std::size_t leave = 0) {
    e->flushed.reset();
    asio::co_spawn(strand, do_flush(e->conn, e, leave), asio::detached);
  }

  static asio::awaitable<void> do_close(std::shared_ptr<transport::connection> c, std::shared_ptr<end> e,
                                        std::uint16_t code) {
    const auto ec = co_await c->async_send_close(code, "done");
    e->closed = ec;
  }
  void begin_close(const std::shared_ptr<end>& e, std::uint16_t code) {
    asio::co_spawn(strand, do_close(e->conn, e, code), asio::detached);
  }

  void send(const std::shared_ptr<end>& e, const std::string& text) {
    BOOST_TEST(!e->conn->write(text, payload_kind::text));
    begin_flush(e);
    time->run_for(0s);
  }
};

}  // namespace tautline::testing

#endif
