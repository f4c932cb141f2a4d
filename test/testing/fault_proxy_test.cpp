// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The fault proxy on loopback sockets. Every wait is for an event; the limit is a safety net.
#define BOOST_TEST_DYN_LINK
#include "proxy_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace proxy_test;

BOOST_AUTO_TEST_SUITE(fault_proxy_suite)

BOOST_FIXTURE_TEST_CASE(it_passes_everything_on_and_counts_it, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    co_await f.talk(std::string(100'000, 'x'));
    // The client may have its bytes before the proxy has counted them.
    while (f.proxy.counters().bytes_down < 100'005U) co_await asio::post(asio::use_awaitable);
    const auto c = f.proxy.counters();
    BOOST_TEST(c.accepted == 1U);
    BOOST_TEST(c.open == 1U);
    BOOST_TEST(c.bytes_up == 100'005U);
    BOOST_TEST(c.bytes_down == 100'005U);
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(of_several_addresses_the_first_that_takes_a_connection_gets_it, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    tcp::acceptor closed(f.io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const auto nobody = closed.local_endpoint();
    closed.close();
    f.proxy.retarget({nobody, f.server.acceptor.local_endpoint(), nobody});
    co_await f.open();
    BOOST_TEST(f.proxy.counters().failed == 0U);
    f.proxy.retarget({nobody, nobody});
    tcp::socket other(f.io);
    (void)co_await f.connect(other);
    while (f.proxy.counters().failed == 0U) co_await asio::post(asio::use_awaitable);
    BOOST_TEST(f.proxy.counters().failed == 1U);
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(reset_all_resets_both_sides, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.proxy.reset_all();
    co_await f.receive(1);
    BOOST_TEST(f.end == asio::error::connection_reset);
    co_await f.server_end();
    BOOST_TEST(f.server.last_end == asio::error::connection_reset);
    BOOST_TEST(f.proxy.counters().resets == 1U);
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(close_all_ends_both_sides_with_end_of_file, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.proxy.close_all();
    co_await f.receive(1);
    BOOST_TEST(f.end == asio::error::eof);
    co_await f.server_end();
    BOOST_TEST(f.server.last_end == asio::error::eof);
    BOOST_TEST(f.proxy.counters().closes == 1U);
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(one_of_several_can_be_cut, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    tcp::socket first(f.io);
    const auto ec = co_await f.connect(first);
    BOOST_TEST(!ec);
    co_await f.open();
    f.proxy.cut_one(1, cut::reset);
    char byte = 0;
    const auto result = co_await asio::async_read(first, asio::buffer(&byte, 1), token);
    BOOST_TEST(std::get<0>(result) == asio::error::connection_reset);
    co_await f.talk("still here");
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(a_black_hole_holds_one_direction_until_it_heals, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.proxy.black_hole(direction::up);
    co_await f.tick();
    const auto sent = co_await f.send("held");
    BOOST_TEST(!sent);
    for (int i = 0; i < 50; ++i) co_await f.tick();
    BOOST_TEST(f.server.received == 5U);
    f.proxy.heal();
    const auto back = co_await f.receive(4);
    BOOST_TEST(back == "held");
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(a_stall_goes_on_by_itself_and_loses_nothing, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    const auto start = clock::now();
    f.proxy.stall(direction::both, 60ms);
    co_await f.talk("after the stall");
    BOOST_TEST((clock::now() - start >= 60ms));
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(latency_holds_each_way_back, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.proxy.latency(direction::both, 30ms);
    co_await f.tick();
    const auto start = clock::now();
    co_await f.talk("slow");
    BOOST_TEST((clock::now() - start >= 60ms));
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(a_throttled_path_takes_its_time, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.proxy.throttle(direction::up, 100'000);
    co_await f.tick();
    const auto start = clock::now();
    co_await f.talk(std::string(10'000, 'x'));
    // The last of the fifty pieces a second goes without waiting for its own time.
    BOOST_TEST((clock::now() - start >= 75ms));
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(a_connection_is_cut_after_so_many_bytes, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.proxy.cut_after(10, cut::close);
    co_await f.tick();
    const auto sent = co_await f.send(std::string(100, 'x'));
    BOOST_TEST(!sent);
    co_await f.server_end();
    BOOST_TEST(f.server.received >= 5U + 9U);
    BOOST_TEST(f.proxy.counters().bytes_up + f.proxy.counters().bytes_down >= 10U + 10U);
    BOOST_TEST(f.proxy.counters().closes == 1U);
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(a_connection_that_is_busy_both_ways_is_cut_there_too, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.proxy.stall(direction::both, 20ms);
    f.proxy.cut_after(150);
    std::string text(100, 'x');
    (void)co_await f.send(text);
    (void)co_await asio::async_write(*f.server.sockets.back(), asio::buffer(text), token);
    co_await f.server_end();
    BOOST_TEST(f.proxy.counters().resets == 1U);
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(refused_clients_are_let_in_again_at_the_same_port, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.proxy.admit(admission::refuse);
    co_await f.tick();
    tcp::socket other(f.io);
    auto ec = co_await f.connect(other);
    BOOST_TEST(ec == asio::error::connection_refused);
    co_await f.talk("open ones live on");
    f.proxy.heal();
    co_await f.talk("healed");
    other.close();
    ec = co_await f.connect(other);
    BOOST_TEST(!ec);
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(a_hung_client_is_served_when_the_hanging_ends, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    f.proxy.admit(admission::hang);
    const auto ec = co_await f.connect();
    BOOST_TEST(!ec);
    const auto sent = co_await f.send("late");
    BOOST_TEST(!sent);
    while (f.proxy.counters().accepted == 0) co_await asio::post(asio::use_awaitable);
    BOOST_TEST(f.server.sockets.empty());
    f.proxy.admit(admission::forward);
    const auto back = co_await f.receive(4);
    BOOST_TEST(back == "late");
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(a_client_of_a_dead_target_is_reset, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    f.server.acceptor.close();
    const auto ec = co_await f.connect();
    BOOST_TEST(!ec);
    co_await f.receive(1);
    BOOST_TEST(f.end == asio::error::connection_reset);
    BOOST_TEST(f.proxy.counters().failed == 1U);
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(a_fin_is_passed_on_and_the_other_way_stays_open, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    f.client.shutdown(tcp::socket::shutdown_send);
    co_await f.server_end();
    BOOST_TEST(f.server.last_end == asio::error::eof);
    co_await f.tick();
  }(*this));
}

BOOST_FIXTURE_TEST_CASE(async_close_ends_when_everything_is_closed, fixture) {
  run([](fixture& f) -> asio::awaitable<void> {
    co_await f.open();
    co_await f.proxy.async_close(asio::use_awaitable);
    BOOST_TEST(f.proxy.counters().open == 0U);
    tcp::socket other(f.io);
    const auto ec = co_await f.connect(other);
    BOOST_TEST(ec == asio::error::connection_refused);
    co_await f.proxy.async_close(asio::use_awaitable);
  }(*this));
}

BOOST_AUTO_TEST_CASE(commands_may_come_from_any_thread) {
  asio::io_context io;
  echo_server server(io);
  fault_proxy proxy(io.get_executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0),
                    server.acceptor.local_endpoint());
  std::atomic<bool> closed{false};
  std::vector<std::thread> commanders;
  for (int i = 0; i < 3; ++i)
    commanders.emplace_back([&] {
      for (int k = 0; k < 200; ++k) {
        proxy.black_hole(direction::both);
        proxy.latency(direction::up, 1ms);
        proxy.admit(k % 2 == 0 ? admission::refuse : admission::hang);
        proxy.reset_all();
        proxy.heal();
        (void)proxy.counters();
      }
    });
  std::thread runner([&] { io.run_for(20s); });
  for (auto& t : commanders) t.join();
  proxy.async_close([&] {
    closed = true;
    io.stop();
  });
  runner.join();
  BOOST_TEST(closed);
}

BOOST_AUTO_TEST_CASE(an_io_context_may_be_destroyed_with_connections_open) {
  fixture f;
  f.run([](fixture& g) -> asio::awaitable<void> {
    co_await g.open();
    g.proxy.black_hole(direction::both);
    (void)co_await g.send("held");
  }(f));
  f.proxy.async_close([] {});
}

BOOST_AUTO_TEST_SUITE_END()
