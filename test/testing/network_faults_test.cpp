// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A whole server on the simulated network, and the faults between named machines.
#define BOOST_TEST_DYN_LINK
#include <tautline/tautline.hpp>
#include <tautline/testing/simulated_network.hpp>
#include <tautline/testing/virtual_time.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace tautline;
using namespace tautline::testing;
using namespace std::chrono_literals;

namespace {

struct service {
  service() { start(); }

  void start() {
    server.emplace(io.get_executor(), server_options(), net.make_server_environment("server"));
    BOOST_REQUIRE(!server->listen());
    accept();
  }
  void accept() {
    server->async_accept([this](error_code ec, tautline::link l) {
      if (ec) return;
      auto& p = peers.emplace_back(std::move(l));
      p.async_run(asio::detached);
      receive(p);
      accept();
    });
  }
  void receive(tautline::link& p) {
    p.async_receive([this, &p](error_code ec, const message& m) {
      if (ec) return;
      got.emplace_back(m.payload());
      receive(p);
    });
  }
  tautline::link& client(const char* name, const char* url = "ws://server/") {
    options o(url);
    o.backoff.max_attempts = unlimited;
    auto& l = clients.emplace_back(io.get_executor(), std::move(o), net.make_environment(name));
    l.async_run(asio::detached);
    return l;
  }
  [[nodiscard]] bool up(tautline::link& l, duration limit = 1min) {
    return time->run_until([&] { return l.status().state == link_state::connected; }, limit);
  }

  asio::io_context io;
  std::shared_ptr<virtual_time> time = std::make_shared<virtual_time>(io);
  simulated_network net{time, 1};
  std::optional<tautline::server> server;
  std::deque<tautline::link> peers, clients;
  std::vector<std::string> got;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_server_on_the_simulated_network)

BOOST_FIXTURE_TEST_CASE(speaks_the_session_protocol_to_its_clients, service) {
  auto& l = client("a");
  BOOST_TEST(server->url() == "ws://server:80");
  BOOST_TEST(!l.try_send("hello"));
  BOOST_TEST(time->run_until([&] { return l.metrics().delivered == 1; }, 1min));
  BOOST_TEST(l.status().subprotocol == "tautline.v1");
  BOOST_TEST(got == std::vector<std::string>{"hello"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(that_is_stopped_and_started_remembers_its_sessions, service) {
  auto& l = client("a");
  BOOST_REQUIRE(up(l));
  net.host("server").stop();
  time->run_for(10s);
  BOOST_TEST((l.status().state == link_state::reconnecting));
  net.host("server").start();
  BOOST_REQUIRE(up(l));
  BOOST_TEST((l.status().session == session_state::resumed));
}

BOOST_FIXTURE_TEST_CASE(that_is_replaced_has_forgotten_them, service) {
  auto& l = client("a");
  BOOST_REQUIRE(up(l));
  net.host("server").reset_all();
  peers.clear();
  server.reset();
  time->run_for(10s);
  BOOST_TEST((l.status().state == link_state::reconnecting));
  start();
  BOOST_REQUIRE(up(l));
  BOOST_TEST((l.status().session == session_state::fresh));
}

BOOST_FIXTURE_TEST_CASE(runs_the_same_way_again_with_the_same_seed, service) {
  const auto trace = [] {
    service s;
    (void)s.client("a").try_send("hello");
    s.time->run_for(1min);
    return s.net.trace_hash();
  };
  BOOST_TEST(trace() == trace());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(between_named_machines)

BOOST_FIXTURE_TEST_CASE(a_partition_concerns_only_the_two_that_it_parts, service) {
  auto& a = client("a");
  auto& b = client("b");
  BOOST_REQUIRE(up(a) && up(b));
  net.partition("a", "server");
  BOOST_TEST(!a.try_send("from a"));
  BOOST_TEST(!b.try_send("from b"));
  time->run_for(1s);
  BOOST_TEST(got == std::vector<std::string>{"from b"}, boost::test_tools::per_element());
  net.heal("a", "server");
  BOOST_TEST(time->run_until([&] { return a.metrics().delivered == 1; }, 1s));
}

BOOST_FIXTURE_TEST_CASE(a_name_that_does_not_resolve_is_a_failed_attempt, service) {
  net.does_not_resolve("server");
  auto& l = client("a");
  time->run_for(10s);
  BOOST_TEST((l.status().why.where == phase::resolve));
  net.resolves("server", "server");
  BOOST_TEST(up(l));
}

BOOST_FIXTURE_TEST_CASE(a_name_that_moves_leads_to_the_other_host_from_the_next_attempt_on, service) {
  net.host("old").echoes();
  auto& l = client("a", "ws://old/");
  BOOST_REQUIRE(up(l));
  net.resolves("old", "server");
  BOOST_TEST(peers.empty());
  net.host("old").reset_all();
  BOOST_TEST(time->run_until([&] { return peers.size() == 1; }, 1min));
}

BOOST_FIXTURE_TEST_CASE(a_script_that_reads_slowly_takes_the_time_that_its_bytes_take, service) {
  auto host = net.host("slow");
  host.reads_at_most(1000);
  auto& l = client("a", "ws://slow/");
  BOOST_REQUIRE(up(l));
  for (int i = 0; i < 3; ++i) BOOST_TEST(!l.try_send(std::string(500, 'x')));
  time->run_for(750ms);
  BOOST_TEST(host.received().size() == 2U);
  time->run_for(500ms);
  BOOST_TEST(host.received().size() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
