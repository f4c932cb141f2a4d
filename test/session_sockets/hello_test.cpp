// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Hellos that do not open a session.
#include "bystander.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

namespace session_sockets {
namespace {

/// Its first words, and how it ends.
asio::awaitable<void> first_words(watched_site& w, std::string text, std::string error, std::uint16_t close) {
  BOOST_TEST_INFO_SCOPE(text);
  raw_peer peer(w.io.get_executor());
  co_await peer.connect(w.here.endpoint());
  co_await peer.say(text);
  co_await w.expect_end(peer, error, close);
}

std::string changed(const char* member, boost::json::value v) {
  hello_words h('a', 1);
  h.json[member] = std::move(v);
  return h.text();
}

std::string without(const char* member) {
  hello_words h('a', 1);
  h.json.erase(member);
  return h.text();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_hello)

BOOST_AUTO_TEST_CASE(that_is_none_is_a_bad_message) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    std::vector<std::string> wrong;
    wrong.emplace_back("hello");
    wrong.emplace_back(R"({"type":"ping"})");
    wrong.emplace_back(R"({"type":"from the future"})");
    wrong.push_back(without("origin"));
    wrong.push_back(without("token"));
    wrong.push_back(without("attach"));
    wrong.push_back(without("from"));
    wrong.push_back(changed("origin", "short"));
    wrong.push_back(changed("token", boost::json::string(std::string(64, 'g'))));
    wrong.push_back(changed("attach", -1));
    wrong.push_back(changed("from", 0));
    wrong.push_back(changed("recv", "1"));
    wrong.push_back(changed("session", boost::json::string(std::string(129, 's'))));
    wrong.push_back(changed("agent", boost::json::string(std::string(4'096, 'x'))));
    for (auto& text : wrong) co_await first_words(w, std::move(text), "bad_message", 4400);
    raw_peer early(io.get_executor());
    co_await early.connect(w.here.endpoint());
    co_await early.send(data(1, "data before the hello"));
    co_await early.say(hello_words('a', 1).text());
    co_await w.expect_end(early, "bad_message", 4400);
    BOOST_TEST(w.here.peers.size() == 1U);  // the honest one
  });
}

BOOST_AUTO_TEST_CASE(of_another_version_is_unsupported) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    co_await first_words(w, changed("version", 2), "unsupported", 4426);
  });
}

BOOST_AUTO_TEST_CASE(that_never_comes_is_waited_for_no_longer_than_the_limit) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.handshake_timeout = 200ms;
    watched_site w(io, o);
    co_await w.open();
    raw_peer silent(io.get_executor());
    co_await silent.connect(w.here.endpoint());
    co_await w.expect_end(silent, "hello_timeout", 4408);
    co_await eventually([&] { return w.here.s->metrics().open == 1U; });
  });
}

BOOST_AUTO_TEST_CASE(with_another_token_never_touches_the_session) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    raw_peer owner(io.get_executor());
    (void)co_await owner.attach(w.here.endpoint(), hello_words('a', 5));
    hello_words thief('a', 9'000'000'000'000);
    thief.json["token"] = std::string(64, 'b');
    co_await first_words(w, thief.text(), "unauthorized", 4401);
    co_await owner.send(data(1, "still mine"));
    const auto answer = co_await owner.next_data();
    BOOST_TEST(answer.payload == "still mine");
  });
}

BOOST_AUTO_TEST_CASE(that_is_not_newer_is_superseded) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    raw_peer owner(io.get_executor());
    (void)co_await owner.attach(w.here.endpoint(), hello_words('a', 5));
    co_await first_words(w, hello_words('a', 5).text(), "superseded", 4409);
    co_await first_words(w, hello_words('a', 4).text(), "superseded", 4409);
    co_await owner.send(data(1, "still mine"));
    const auto answer = co_await owner.next_data();
    BOOST_TEST(answer.payload == "still mine");
  });
}

BOOST_AUTO_TEST_CASE(that_requires_an_unknown_session_learns_that_it_is_lost) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    hello_words h('a', 1);
    h.json["session"] = "never heard of";
    h.json["resume"] = "required";
    h.json["from"] = 42;
    co_await first_words(w, h.text(), "session_lost", 4404);
    BOOST_TEST(w.here.peers.size() == 1U);
  });
}

BOOST_AUTO_TEST_CASE(over_the_bound_of_sessions_is_told_when_to_come_back) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.max_sessions = 1;
    o.retry_after = 7s;
    watched_site w(io, o);
    co_await w.open();
    raw_peer peer(io.get_executor());
    co_await peer.connect(w.here.endpoint());
    co_await peer.say(hello_words('a', 1).text());
    const auto e = co_await peer.until_closed();
    BOOST_TEST(e.error == "overloaded");
    BOOST_TEST(e.close == 4429);
    BOOST_TEST(e.words.at("retry_after_ms").to_number<int>() == 7'000);
    co_await w.expect_undisturbed();
  });
}

BOOST_AUTO_TEST_CASE(five_hundred_times_leaves_the_last_one_and_nobody_else) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    std::vector<std::unique_ptr<raw_peer>> storm;
    for (std::uint64_t i = 1; i <= 500; ++i) {
      storm.push_back(std::make_unique<raw_peer>(io.get_executor()));
      co_await storm.back()->connect(w.here.endpoint());
    }
    for (std::uint64_t i = 0; i < storm.size(); ++i) co_await storm[i]->say(hello_words('a', i + 1).text());
    (void)co_await storm.back()->next_control("welcome");
    const auto last = std::move(storm.back());
    storm.pop_back();
    for (const auto& older : storm) {
      const auto e = co_await older->until_closed();
      BOOST_TEST(e.error == "superseded");
      BOOST_TEST(e.close == 4409);
    }
    co_await last->send(data(1, "the last one"));
    const auto answer = co_await last->next_data();
    BOOST_TEST(answer.payload == "the last one");
    BOOST_TEST(w.here.peers.size() == 2U);
    co_await w.expect_undisturbed();
    co_await eventually([&] { return w.here.s->metrics().open == 2U; });
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_sockets
