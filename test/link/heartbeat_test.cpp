// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How a link notices that its peer, its path or its own process stood still.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <stdexcept>

using namespace tautline;
using namespace tautline::testing;

namespace {

options beating() {
  options o("ws://server/");
  o.heartbeat.interval = 10s;
  o.heartbeat.timeout = 4s;
  return o;
}

path_options slow(duration one_way) {
  path_options p;
  p.latency_up = p.latency_down = one_way;
  return p;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(heartbeat_suite)

BOOST_AUTO_TEST_CASE(an_idle_link_pings_once_an_interval_and_stays_up) {
  world w(beating());
  w.follow_events();
  w.up();
  w.run_for(1h);
  BOOST_TEST(w.host.pings().size() >= 355U);
  BOOST_TEST(w.host.pings().size() <= 365U);
  BOOST_TEST(w.count(event_kind::down) == 0U);
  BOOST_TEST(w.count(event_kind::degraded) == 0U);
}

BOOST_AUTO_TEST_CASE(a_busy_link_is_not_asked_beyond_its_barriers) {
  world w(beating());
  w.up();
  const auto before = w.l->metrics().pings;
  for (int i = 0; i < 60; ++i) {
    w.host.send_all("life");
    w.run_for(1s);
  }
  BOOST_TEST(w.l->metrics().pings == before);
}

BOOST_AUTO_TEST_CASE(a_silent_path_is_dead_after_interval_and_timeout) {
  world w(beating());
  w.follow_events();
  w.up();
  w.run_for(100ms);
  const auto dark = w.time->now();
  w.host.black_hole(direction::both);
  BOOST_TEST(w.until([&] { return w.count(event_kind::down) == 1; }, 1min));
  const auto took = w.time->now() - dark;
  BOOST_TEST((took >= 13s));
  BOOST_TEST((took <= 14500ms));
  BOOST_TEST((w.last(event_kind::down)->why.where == phase::heartbeat));
  BOOST_TEST(w.last(event_kind::down)->why.code == make_error_code(errc::heartbeat_timeout));
  BOOST_TEST(w.count(event_kind::degraded) == 1U);
}

BOOST_AUTO_TEST_CASE(any_byte_is_life_even_if_no_pong_ever_comes) {
  world w(beating());
  w.follow_events();
  w.up();
  w.run_for(1s);
  w.host.answers_pings(habit::no);
  for (int i = 0; i < 100; ++i) {
    w.host.send_all("not a pong");
    w.run_for(3s);
  }
  BOOST_TEST(w.count(event_kind::down) == 0U);
}

BOOST_AUTO_TEST_CASE(a_late_pong_is_degraded_and_its_coming_recovers) {
  world w(beating());
  w.follow_events();
  w.up();
  w.run_for(1s);
  w.host.path(slow(1s));
  BOOST_TEST(w.until([&] { return w.count(event_kind::degraded) == 1; }, 1min));
  BOOST_TEST(w.l->status().degraded);
  BOOST_TEST((w.l->status().state == link_state::connected));
  BOOST_TEST(w.until([&] { return w.count(event_kind::recovered) == 1; }, 3s));
  BOOST_TEST(!w.l->status().degraded);
  BOOST_TEST(w.count(event_kind::down) == 0U);
}

BOOST_AUTO_TEST_CASE(the_round_trip_is_measured_and_smoothed) {
  world w(beating());
  w.host.path(slow(20ms));
  w.up();
  w.run_for(1s);
  BOOST_REQUIRE(w.l->status().round_trip.has_value());
  BOOST_TEST((*w.l->status().round_trip == 40ms));
  w.host.path(slow(60ms));
  w.run_for(15s);
  BOOST_TEST((*w.l->status().round_trip > 40ms));
  BOOST_TEST((*w.l->status().round_trip < 120ms));
}

BOOST_AUTO_TEST_CASE(a_write_that_stands_still_is_dead_although_the_peer_talks) {
  auto o = beating();
  o.heartbeat.kind = heartbeat_kind::none;
  world w(o);
  w.follow_events();
  path_options p;
  p.window = 1'000;
  w.host.path(p);
  w.up();
  w.host.pause_reading();
  w.send(message::binary(std::string(100'000, 'x')));
  const auto stuck = w.time->now();
  for (int i = 0; i < 17 && w.count(event_kind::down) == 0; ++i) {
    w.host.send_all("I only talk");
    w.run_for(500ms);
  }
  BOOST_REQUIRE(w.count(event_kind::down) == 1U);
  BOOST_TEST(w.last(event_kind::down)->why.code == make_error_code(errc::write_timeout));
  BOOST_TEST((w.time->now() - stuck >= 4s));
  BOOST_TEST((w.time->now() - stuck <= 8500ms), "seen at the latest one timeout late");
}

BOOST_AUTO_TEST_CASE(a_slow_write_that_makes_progress_is_alive) {
  world w(beating());
  w.follow_events();
  path_options p;
  p.window = 2'000;
  p.bytes_per_second = 2'000;
  w.host.path(p);
  w.up();
  auto& s = w.send(message::binary(std::string(100'000, 'x')));
  BOOST_TEST(w.until([&] { return s.ended.has_value(); }, 2min));
  BOOST_TEST(w.count(event_kind::down) == 0U);
  BOOST_TEST((s.ended == error_code()));
  BOOST_TEST(w.host.connections() == 1U);
}

BOOST_AUTO_TEST_CASE(a_process_that_was_suspended_asks_before_it_judges) {
  world w(beating());
  w.follow_events();
  w.up();
  w.run_for(1s);
  const auto before = w.host.pings().size();
  w.time->jump(1h);
  w.run_for(3s);
  BOOST_TEST(w.count(event_kind::down) == 0U);
  BOOST_TEST(w.host.pings().size() == before + 1);
  BOOST_TEST((w.l->status().state == link_state::connected));
}

BOOST_AUTO_TEST_CASE(a_question_that_was_out_when_the_process_stopped_is_asked_again) {
  world w(beating());
  w.follow_events();
  w.up();
  w.run_for(1s);
  const auto before = w.host.pings().size();
  BOOST_TEST(w.until([&] { return w.host.pings().size() == before + 1; }, 1min));
  w.host.black_hole(direction::down);
  w.time->jump(1h);
  w.run_for(1s);
  BOOST_TEST(w.count(event_kind::down) == 0U);
  BOOST_TEST(w.host.pings().size() == before + 2);
  w.host.heal();
  w.run_for(1min);
  BOOST_TEST(w.count(event_kind::down) == 0U);
}

BOOST_AUTO_TEST_CASE(a_path_that_died_during_the_suspension_is_dead_after_one_timeout) {
  world w(beating());
  w.follow_events();
  w.up();
  w.run_for(1s);
  w.host.black_hole(direction::both);
  w.time->jump(1h);
  const auto woke = w.time->now();
  BOOST_TEST(w.until([&] { return w.count(event_kind::down) == 1; }, 1min));
  BOOST_TEST((w.time->now() - woke >= 4s));
  BOOST_TEST((w.time->now() - woke <= 4500ms));
}

BOOST_AUTO_TEST_CASE(json_heartbeats_keep_a_link_alive_and_stay_from_the_application) {
  auto o = beating();
  o.heartbeat.kind = heartbeat_kind::json;
  world w(o);
  w.follow_events();
  w.follow_messages();
  w.host.answers_pings(habit::no);
  w.host.on_message([](simulated_peer p, const arrival& a) {
    if (a.payload.find("\"ping\"") != std::string::npos) p.send(R"({"type":"pong","timestamp":1780000000000})");
  });
  w.up();
  w.run_for(5min);
  BOOST_TEST(w.count(event_kind::down) == 0U);
  BOOST_TEST(w.host.received().size() >= 29U);
  BOOST_TEST(w.messages.empty());
  BOOST_TEST(w.l->status().round_trip.has_value());
  w.host.on_message(nullptr);
  BOOST_TEST(w.until([&] { return w.count(event_kind::down) == 1; }, 1min));
}

BOOST_AUTO_TEST_CASE(a_json_ping_is_answered_where_that_is_switched_on) {
  auto o = beating();
  o.heartbeat.answer_json = true;
  world w(o);
  w.follow_messages();
  w.up();
  w.host.send_all(R"({"type":"ping","id":7})");
  w.host.send_all("something else");
  w.run_for(1s);
  BOOST_REQUIRE(w.host.received().size() == 1U);
  const auto& pong = w.host.received()[0].payload;
  BOOST_TEST(pong.find("\"pong\"") != std::string::npos);
  BOOST_TEST(pong.find("\"timestamp\"") != std::string::npos);
  BOOST_TEST(pong.find("7") != std::string::npos);
  BOOST_TEST(w.messages.size() == 1U);
}

BOOST_AUTO_TEST_CASE(answers_to_json_pings_do_not_pile_up_at_a_peer_that_asks_and_does_not_read) {
  auto o = beating();
  o.heartbeat.kind = heartbeat_kind::none;
  o.heartbeat.answer_json = true;
  world w(o);
  w.up();
  w.host.pause_reading();
  constexpr int pings = 50'000;
  for (int i = 1; i <= pings; ++i) w.host.send_all(R"({"type":"ping","id":)" + std::to_string(i) + "}");
  w.run_for(1s);
  w.host.resume_reading();
  w.run_for(1s);
  const auto& answers = w.host.received();
  BOOST_TEST(answers.size() < pings / 2);
  BOOST_REQUIRE(!answers.empty());
  BOOST_TEST(answers.back().payload.find("\"id\":50000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_users_codec_asks_and_reads_the_answers) {
  auto o = beating();
  o.heartbeat.kind = heartbeat_kind::custom;
  o.heartbeat.codec.make_ping = [](std::uint64_t id) { return message("ask " + std::to_string(id)); };
  o.heartbeat.codec.read_pong = [](const message& m) -> std::optional<std::uint64_t> {
    if (m.payload().substr(0, 4) != "yes ") return std::nullopt;
    return std::stoull(std::string(m.payload().substr(4)));
  };
  world w(o);
  w.follow_events();
  w.follow_messages();
  w.host.answers_pings(habit::no);
  w.host.on_message([](simulated_peer p, const arrival& a) {
    if (a.payload.substr(0, 4) == "ask ") p.send(message("yes " + a.payload.substr(4)));
  });
  w.up();
  w.run_for(5min);
  BOOST_TEST(w.count(event_kind::down) == 0U);
  BOOST_TEST(w.messages.empty());
  w.host.on_message(nullptr);
  BOOST_TEST(w.until([&] { return w.count(event_kind::down) == 1; }, 1min));
}

BOOST_AUTO_TEST_CASE(a_users_codec_that_throws_ends_the_run_with_its_error) {
  auto o = beating();
  o.heartbeat.kind = heartbeat_kind::custom;
  o.heartbeat.codec.read_pong = [](const message&) { return std::nullopt; };
  o.log.level = log_level::error;
  std::string said;
  o.log.sink = [&said](log_level, std::string_view line) { said += line; };
  enum class thrown { a_system_error, an_empty_one, an_exception, a_number };
  for (const auto what : {thrown::a_system_error, thrown::an_empty_one, thrown::an_exception, thrown::a_number}) {
    o.heartbeat.codec.make_ping = [what](std::uint64_t) -> message {
      if (what == thrown::a_system_error) throw boost::system::system_error(errc::refused, "no ping");
      if (what == thrown::an_empty_one) throw boost::system::system_error(error_code(), "no ping");
      if (what == thrown::an_exception) throw std::runtime_error("no ping at all");
      throw 7;
    };
    said.clear();
    world w(o);
    auto& run = w.run();
    BOOST_REQUIRE(w.until([&] { return run.code.has_value(); }, 5min));
    BOOST_TEST(*run.code == error_code(what == thrown::a_system_error ? errc::refused : errc::callback_failed));
    const auto words = what == thrown::a_number ? "no std::exception" : "no ping";
    BOOST_TEST(said.find(words) != std::string::npos, said);
    BOOST_TEST((w.l->status().state == link_state::disconnected));
  }
}

BOOST_AUTO_TEST_CASE(without_a_heartbeat_silence_is_never_death) {
  auto o = beating();
  o.heartbeat.kind = heartbeat_kind::none;
  world w(o);
  w.follow_events();
  w.up();
  w.run_for(1s);
  w.host.black_hole(direction::both);
  w.run_for(24h);
  BOOST_TEST(w.count(event_kind::down) == 0U);
}

BOOST_AUTO_TEST_CASE(fifty_links_beat_for_ten_minutes_and_stay_apart) {
  world w(beating());
  std::vector<tautline::link> links;
  for (int i = 0; i < 50; ++i) links.emplace_back(w.io.get_executor(), beating(), w.net.make_environment());
  for (auto& l : links) l.async_run([](error_code) {});
  w.run_for(10min);
  BOOST_TEST(w.host.connections() == 50U);
  const auto all_up = std::all_of(links.begin(), links.end(), [](const tautline::link& l) {
    return l.status().state == link_state::connected && l.status().reconnects == 0;
  });
  BOOST_TEST(all_up);
}

BOOST_AUTO_TEST_SUITE_END()
