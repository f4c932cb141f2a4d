// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One type for both ends: a link that connects and a link that was accepted, on one network.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

using namespace tautline;
using namespace tautline::testing;

namespace {

options far_options() {
  options o("ws://accepted/");
  o.heartbeat.answer_json = true;
  return o;
}

/// Every accepted link, what it received and how it ended.
struct far_end {
  explicit far_end(world& w) : here(w) {
    w.host.on_link([this](environment env) {
      auto& p = peers.emplace_back();
      p.l.emplace(here.io.get_executor(), far_options(), std::move(env));
      p.l->async_run([&p](error_code ec) { p.run.set(ec); });
      receive(p);
    });
  }

  struct peer {
    std::optional<tautline::link> l;
    result run;
    std::vector<std::string> got;
    std::optional<error_code> ended;
  };

  void receive(peer& p) {
    p.l->async_receive([this, &p](error_code ec, message m) {
      if (ec) {
        p.ended = ec;
        return;
      }
      p.got.emplace_back(m.payload());
      receive(p);
    });
  }

  world& here;
  std::deque<peer> peers;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(two_ends_suite)

BOOST_AUTO_TEST_CASE(messages_go_both_ways_and_are_confirmed_both_ways) {
  world w;
  far_end far(w);
  w.follow_messages();
  w.up();
  w.run_for(10ms);
  BOOST_REQUIRE(far.peers.size() == 1U);
  for (const auto& n : numbers(1, 50)) w.send(message(n));
  receipt r;
  BOOST_TEST(!far.peers[0].l->try_send(message("down"), r));
  w.run_for(1s);
  BOOST_TEST((far.peers[0].got == numbers(1, 50)));
  BOOST_REQUIRE(w.messages.size() == 1U);
  BOOST_TEST((r.outcome() == outcome::delivered));
  BOOST_TEST(w.l->metrics().delivered == 50U);
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_ends_the_run_of_the_other_end_properly) {
  world w;
  far_end far(w);
  w.up();
  w.run_for(10ms);
  auto& c = w.close();
  w.run_for(1s);
  BOOST_TEST((c.code == error_code()));
  BOOST_TEST((far.peers.at(0).run.code == error_code()));
  BOOST_TEST((far.peers[0].ended == make_error_code(errc::closed)));
}

BOOST_AUTO_TEST_CASE(an_accepted_link_ends_with_its_connection_and_says_why) {
  world w;
  far_end far(w);
  w.up();
  w.run_for(6s);
  w.host.reset_all();
  w.run_for(2s);
  BOOST_REQUIRE(far.peers.size() == 2U);
  BOOST_TEST((far.peers[0].run.code == error_code(asio::error::connection_reset)));
  BOOST_TEST(far.peers[1].run.completions == 0);
  BOOST_TEST(w.host.connections() == 2U);
}

BOOST_AUTO_TEST_CASE(the_other_end_may_close_and_the_client_comes_back) {
  world w;
  far_end far(w);
  w.up();
  w.run_for(6s);
  result closed;
  far.peers.at(0).l->async_close([&](error_code ec) { closed.set(ec); });
  w.run_for(2s);
  BOOST_TEST((closed.code == error_code()));
  BOOST_TEST((far.peers[0].run.code == error_code()));
  BOOST_TEST(far.peers.size() == 2U);
  BOOST_TEST((w.l->status().state == link_state::connected));
}

BOOST_AUTO_TEST_CASE(nothing_is_lost_upwards_through_many_broken_connections) {
  world w;
  far_end far(w);
  w.up();
  int sent_up = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 25; ++i) {
      w.send(message(std::to_string(++sent_up)));
      w.run_for(2ms);
    }
    if (round % 2 == 0) w.run_for(6s);
    w.host.reset_all();
    w.run_for(50ms);
  }
  BOOST_TEST(w.until([&] { return w.l->metrics().delivered == static_cast<std::uint64_t>(sent_up); }, 10min));
  int highest = 0;
  for (const auto& p : far.peers)
    for (const auto& text : p.got) {
      const int n = std::stoi(text);
      BOOST_TEST(n <= highest + 1);
      highest = std::max(highest, n);
    }
  BOOST_TEST(highest == sent_up);
}

BOOST_AUTO_TEST_SUITE_END()
