// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One scripted conversation, cut at every event of the network in turn.
#include "session_world.hpp"

#include <algorithm>

namespace tautline::testing {
namespace {

// Both applications send, receive, and the client closes. Returns how many events there were.
std::uint64_t converse(std::uint64_t cut, interference how) {
  session_world w;
  if (cut > 0) w.net.cut_at(cut, how);
  std::vector<receipt> receipts;
  w.on_peer = [](peer_record& p) {
    for (int i = 1; i <= 5; ++i) (void)p.l.try_send(message(std::to_string(i)));
  };
  w.run_client();
  for (int i = 1; i <= 5; ++i) receipts.push_back(w.send(std::to_string(i)));
  w.run_for(300ms);
  for (int i = 6; i <= 10; ++i) receipts.push_back(w.send(std::to_string(i)));
  BOOST_TEST_REQUIRE(w.until([&] { return w.at_server().size() >= 10 && w.got.size() >= 5; }), "cut " << cut);
  std::optional<error_code> closed;
  w.client->async_close([&](error_code ec) { closed = ec; });
  BOOST_TEST_REQUIRE(w.until([&] { return closed && w.client_ended; }), "cut " << cut);
  BOOST_TEST(w.at_server() == numbers(1, 10), boost::test_tools::per_element());
  BOOST_TEST(w.got == numbers(1, 5), boost::test_tools::per_element());
  for (const auto& r : receipts) BOOST_TEST((r.outcome() == outcome::delivered), "cut " << cut);
  BOOST_TEST(w.count(event_kind::session_reset) == 0U, "cut " << cut);
  BOOST_TEST((w.client->status().state == link_state::disconnected));
  // The server's link ends too: at once, or when its client does not come back.
  BOOST_TEST(w.until([&] { return w.peers.size() == 1 && w.peers.back().ended.has_value(); }, 5min), "cut " << cut);
  const auto m = w.client->metrics();
  BOOST_TEST(m.sent == m.delivered + m.unknown + m.not_sent + m.pending);
  return w.net.events();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_session_that_is_cut)

BOOST_AUTO_TEST_CASE(by_a_reset_at_any_event_loses_and_repeats_nothing) {
  const auto events = converse(0, interference::none);
  BOOST_TEST_REQUIRE(events > 20U);
  for (std::uint64_t at = 1; at <= events; ++at) converse(at, interference::reset);
}

BOOST_AUTO_TEST_CASE(by_silence_at_any_event_loses_and_repeats_nothing) {
  const auto events = converse(0, interference::none);
  for (std::uint64_t at = 1; at <= events; ++at) converse(at, interference::silence);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tautline::testing
