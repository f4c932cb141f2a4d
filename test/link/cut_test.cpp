// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A conversation of numbered messages, cut at every event of the network: by a reset, by silence,
// by a cancelled run, by destroying the link.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <set>

using namespace tautline;
using namespace tautline::testing;

namespace {

constexpr int total = 9;

options quick() {
  options o("ws://server/");
  o.heartbeat.interval = 2s;
  o.heartbeat.timeout = 1s;
  o.connect_timeout = 3s;
  o.close_timeout = 2s;
  return o;
}

/// Three before the run, three when the first is there, three more a second later; then a close.
struct conversation {
  explicit conversation(std::uint64_t seed = 1) : w(quick(), seed) {
    w.host.echoes();
    w.follow_events();
    w.follow_messages();
  }

  void play() {
    say(1, 3);
    w.run();
    BOOST_TEST(w.until([&] { return !w.host.received().empty(); }));
    say(4, 6);
    w.run_for(1s);
    say(7, 9);
    finish();
  }

  void say(int first, int last) {
    for (const auto& n : numbers(first, last)) w.send(message(n));
  }

  void finish() {
    auto& c = w.close();
    BOOST_TEST(w.until([&] { return c.code && w.runs.back().code; }));
  }

  world w;
};

/// Each connection saw a run of consecutive numbers, and together they saw all in order.
void check_what_arrived(const world& w) {
  std::set<int> seen;
  int highest = 0;
  for (unsigned connection = 1; connection <= w.host.connections(); ++connection) {
    int previous = 0;
    for (const auto& p : w.payloads(connection)) {
      const int n = std::stoi(p);
      BOOST_TEST((previous == 0 || n == previous + 1), "order within a connection");
      BOOST_TEST(n <= highest + 1);
      highest = std::max(highest, n);
      previous = n;
      seen.insert(n);
    }
  }
  BOOST_TEST(seen.size() == static_cast<std::size_t>(total), "nothing is lost");
}

void check_receipts(const world& w) {
  for (const auto& s : w.sends) {
    BOOST_TEST(s.completions == 1);
    BOOST_TEST((s.ended == error_code()));
    BOOST_TEST((s.r.outcome() == outcome::delivered));
    BOOST_TEST((s.r.stage() == stage::delivered));
    BOOST_TEST(s.r.attempts() >= 1U);
    BOOST_TEST(s.r.attempts() <= w.host.connections());
  }
}

void check_counters(const world& w) {
  const auto m = w.l->metrics();
  w.check_the_sum();
  BOOST_TEST(m.sent == static_cast<unsigned>(total));
  BOOST_TEST(m.delivered == m.sent);
  const auto repeats = w.host.received().size() - static_cast<std::size_t>(total);
  BOOST_TEST(repeats <= m.resent, "every repeat was counted");
  if (w.host.connections() == 1) BOOST_TEST(m.resent == 0U);
  BOOST_TEST(m.connections == w.host.connections());
}

/// up and down take turns; every retry follows an end; the state in each event is that moment's.
void check_events(const world& w) {
  bool up = false;
  for (const auto& e : w.events) {
    switch (e.kind) {
      case event_kind::up:
        BOOST_TEST(!up);
        up = true;
        BOOST_TEST((e.status.state == link_state::connected));
        break;
      case event_kind::down:
        up = false;
        BOOST_TEST((e.status.state == link_state::reconnecting));
        BOOST_TEST(bool(e.why));
        BOOST_TEST(bool(e.why.code));
        break;
      case event_kind::retry_in:
        BOOST_TEST(!up);
        BOOST_TEST(e.status.attempt >= 1U);
        break;
      default: break;
    }
  }
  BOOST_TEST((w.l->status().state == link_state::disconnected));
  BOOST_TEST(w.count(event_kind::overflow) == 0U);
  BOOST_TEST(w.count(event_kind::gave_up) == 0U);
}

std::uint64_t events_of_a_whole_conversation() {
  conversation c;
  c.play();
  BOOST_TEST(c.w.host.connections() == 1U);
  BOOST_TEST((c.w.payloads() == numbers(1, total)));
  BOOST_TEST(c.w.messages.size() == static_cast<std::size_t>(total));
  check_receipts(c.w);
  return c.w.net.events();
}

void check_all(const world& w) {
  check_what_arrived(w);
  check_receipts(w);
  check_counters(w);
  check_events(w);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cut_suite)

BOOST_AUTO_TEST_CASE(a_reset_at_any_event_loses_nothing) {
  const auto n = events_of_a_whole_conversation();
  BOOST_TEST(n > 30U);
  for (std::uint64_t k = 1; k <= n; ++k) {
    BOOST_TEST_CONTEXT("cut at event " << k) {
      conversation c;
      c.w.net.cut_at(k);
      c.play();
      check_all(c.w);
      BOOST_TEST((c.w.runs[0].code == error_code()));
      BOOST_TEST((c.w.closes[0].code == error_code()));
    }
  }
}

BOOST_AUTO_TEST_CASE(silence_from_any_event_on_loses_nothing) {
  const auto n = events_of_a_whole_conversation();
  for (std::uint64_t k = 1; k <= n; ++k) {
    BOOST_TEST_CONTEXT("silent from event " << k) {
      conversation c;
      c.w.net.cut_at(k, interference::silence);
      c.play();
      check_all(c.w);
      // A peer that is silent during the closing handshake is left at its limit.
      const auto ec = c.w.closes[0].code;
      BOOST_TEST((ec == error_code() || ec == make_error_code(errc::close_timeout)));
    }
  }
}

BOOST_AUTO_TEST_CASE(two_resets_anywhere_lose_nothing) {
  const auto n = events_of_a_whole_conversation();
  for (std::uint64_t first = 3; first <= n; first += 4) {
    for (std::uint64_t gap = 1; gap <= 13; gap += 3) {
      BOOST_TEST_CONTEXT("cut at event " << first << " and " << gap << " later") {
        conversation c;
        c.w.net.on_event([&](const network_event& e) {
          return e.number == first || e.number == first + gap ? interference::reset : interference::none;
        });
        c.play();
        check_all(c.w);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_run_cancelled_at_any_event_goes_on_in_the_next_run) {
  const auto n = events_of_a_whole_conversation();
  for (std::uint64_t k = 1; k <= n; ++k) {
    BOOST_TEST_CONTEXT("cancelled at event " << k) {
      conversation c;
      auto& w = c.w;
      w.net.on_event([&](const network_event& e) {
        if (e.number == k) asio::post(w.io, [&] { w.l->cancel(); });
        return interference::none;
      });
      c.say(1, 3);
      w.run();
      w.run_for(1s);
      c.say(4, 6);
      w.run_for(1s);
      c.say(7, 9);
      w.run_for(1s);
      if (!w.runs[0].code) w.l->cancel();
      BOOST_REQUIRE(w.until([&] { return w.runs[0].code.has_value(); }, 1s));
      BOOST_TEST(*w.runs[0].code == operation_aborted);
      BOOST_TEST((w.l->status().state == link_state::disconnected));
      w.net.on_event(nullptr);
      w.run();
      c.finish();
      check_what_arrived(w);
      for (const auto& s : w.sends) BOOST_TEST((s.r.outcome() == outcome::delivered));
      w.check_the_sum();
      BOOST_TEST((w.runs[1].code == error_code()));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_link_destroyed_at_any_event_ends_everything_exactly_once) {
  const auto n = events_of_a_whole_conversation();
  for (std::uint64_t k = 1; k <= n; ++k) {
    BOOST_TEST_CONTEXT("destroyed at event " << k) {
      conversation c;
      auto& w = c.w;
      result waited, closed;
      w.l->async_wait(link_state::disconnected, [](error_code) {});
      w.net.on_event([&](const network_event& e) {
        if (e.number == k) asio::post(w.io, [&] { w.l.reset(); });
        return interference::none;
      });
      c.say(1, 9);
      w.run();
      w.run_for(1s);
      if (w.l) {
        w.l->async_wait(link_state::reconnecting, [&](error_code ec) { waited.set(ec); });
        w.l->async_close([&](error_code ec) { closed.set(ec); });
        w.run_for(5s);
        w.l.reset();
        w.run_for(1s);
        BOOST_TEST(waited.completions == 1);
        BOOST_TEST(closed.completions == 1);
      }
      BOOST_TEST(w.runs[0].completions == 1);
      BOOST_TEST(w.events_ended.has_value());
      BOOST_TEST(w.messages_ended.has_value());
      for (const auto& s : w.sends) {
        BOOST_TEST(s.completions == 1);
        BOOST_TEST((s.ended == error_code() || s.ended == error_code(operation_aborted)));
        BOOST_TEST((s.r.outcome() != outcome::pending));
      }
      BOOST_TEST(w.host.open_connections() == 0U);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_io_context_destroyed_at_any_event_destroys_every_handler_without_calling_it) {
  const auto n = events_of_a_whole_conversation();
  for (std::uint64_t k = 1; k <= n; k += 2) {
    BOOST_TEST_CONTEXT("destroyed at event " << k) {
      const auto alive = std::make_shared<int>(0);
      int calls = 0;
      {
        auto io = std::make_unique<asio::io_context>();
        const auto time = std::make_shared<virtual_time>(*io);
        simulated_network net(time, 1);
        auto host = net.host("server");
        host.echoes();
        tautline::link l(io->get_executor(), quick(), net.make_environment());
        bool reached = false;
        net.on_event([&](const network_event& e) {
          reached = reached || e.number == k;
          return interference::none;
        });
        receipt r;
        BOOST_TEST(!l.try_send(message("1"), r));
        l.async_run([alive](error_code) {});
        l.async_close([alive](error_code) {});
        (void)time->run_until([&] { return reached; }, 1min);
        r.async_wait(stage::delivered, [alive, &calls](error_code, outcome) { ++calls; });
        l.async_receive([alive, &calls](error_code, message) { ++calls; });
        l.async_next_event([alive, &calls](error_code, event) { ++calls; });
        l.async_wait(link_state::disconnected, [alive, &calls](error_code) { ++calls; });
        io.reset();
        BOOST_TEST(calls == 0);
      }
      BOOST_TEST(alive.use_count() == 1);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
