// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A client that is asked to be elsewhere: where it goes, and with what.
#include <tautline/tautline.hpp>
#include <tautline/testing/simulated_network.hpp>
#include <tautline/testing/virtual_time.hpp>

#include "delivery/session_codec.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tautline::testing {
namespace {

using namespace std::chrono_literals;

/// Two hosts that welcome everybody into a new session.
struct two_hosts {
  two_hosts() {
    for (auto* h : {&a, &b}) {
      h->speaks("tautline.v1");
      h->on_message([this](simulated_peer p, const arrival& m) {
        delivery::control c;
        if (!delivery::decode_control(m.payload, c).empty() || !std::holds_alternative<delivery::hello>(c)) return;
        delivery::welcome w;
        w.session = "s" + std::to_string(++sessions);
        w.reason = "new";
        p.send(message(delivery::encode(w)));
      });
    }
  }

  link connect(options o) {
    o.session = session_use::require;
    link l(io.get_executor(), std::move(o), net.make_environment());
    l.async_run(asio::detached);
    BOOST_REQUIRE(time->run_until([&] { return l.status().state == link_state::connected; }));
    return l;
  }

  void ask_to_move(const std::string& url) {
    delivery::session_drain d;
    d.max_ms = 0;
    d.url = url;
    a.send_all(message(delivery::encode(d)));
    time->run_for(1s);
  }

  int sessions = 0;
  asio::io_context io;
  std::shared_ptr<virtual_time> time = std::make_shared<virtual_time>(io);
  simulated_network net{time, 1};
  simulated_host a = net.host("a:443"), b = net.host("b:443");
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_move)

BOOST_FIXTURE_TEST_CASE(goes_where_the_server_says_with_what_the_provider_gives, two_hosts) {
  options o;
  int asked = 0;
  o.provider = [&asked](attempt_info) -> asio::awaitable<target> {
    target t("wss://a/");
    t.headers.emplace_back("Authorization", "Bearer " + std::to_string(++asked));
    co_return t;
  };
  const auto l = connect(o);
  ask_to_move("wss://b/feed");
  BOOST_REQUIRE(b.attempts().size() == 1U);
  BOOST_TEST(b.attempts().front().url == "wss://b/feed");
  BOOST_REQUIRE(b.attempts().front().headers.size() == 1U);
  BOOST_TEST(b.attempts().front().headers.front().value == "Bearer 2");
  BOOST_TEST(a.open_connections() == 0U);
  BOOST_TEST((l.status().state == link_state::connected));
}

BOOST_FIXTURE_TEST_CASE(never_leads_from_wss_to_ws, two_hosts) {
  const auto l = connect(options("wss://a/"));
  ask_to_move("ws://b:443/");
  BOOST_TEST(b.attempts().empty());
  BOOST_TEST(a.connections() == 2U);
  BOOST_TEST((l.status().state == link_state::connected));
}

BOOST_FIXTURE_TEST_CASE(to_what_is_no_url_goes_by_the_client_s_own_list, two_hosts) {
  const auto l = connect(options("wss://a/"));
  ask_to_move("http://[");
  BOOST_TEST(a.connections() == 2U);
  BOOST_TEST((l.status().state == link_state::connected));
}

BOOST_FIXTURE_TEST_CASE(begins_within_the_window_that_the_server_names_and_not_before, two_hosts) {
  std::vector<duration> waited;
  for (int i = 0; i < 30; ++i) {
    const auto l = connect(options("wss://a/"));
    const auto before = b.attempts().size();
    delivery::session_drain d;
    d.min_ms = 4'000;
    d.max_ms = 6'000;
    d.deadline_ms = 20'000;
    d.url = "wss://b/";
    a.send_all(message(delivery::encode(d)));
    const auto asked = time->now();
    BOOST_REQUIRE(time->run_until([&] { return b.attempts().size() > before; }, 30s));
    waited.push_back(time->now() - asked);
  }
  const auto [soonest, latest] = std::minmax_element(waited.begin(), waited.end());
  BOOST_TEST((*soonest >= 4s));
  BOOST_TEST((*latest <= 6s + 100ms), "and the way of the request");
  BOOST_TEST((*latest - *soonest > 500ms), "spread over it");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tautline::testing
