// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Peers that break tautline.v1 are told how, and disturb nobody else.
#include "raw_peer.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <utility>
#include <vector>

namespace session_test {
namespace {

/// A server that echoes, and one who behaves: served all the time, without a reconnect.
struct rig {
  explicit rig(asio::io_context& context, server_options so = quick_server()) : io(context) {
    s = listening(io, std::move(so));
    asio::co_spawn(io, serve_echo(*s), asio::detached);
    good = std::make_unique<running>(io, client_options(s->url()));
  }

  asio::awaitable<void> still_served() {
    const auto back = co_await ask(*good, "still here?");
    BOOST_TEST(back == "still here?");
    BOOST_TEST((*good)->metrics().connections == 1U);
  }

  asio::io_context& io;
  std::unique_ptr<server> s;
  std::unique_ptr<running> good;
};

struct attack {
  attack(std::string n, std::vector<std::string> w, std::string e, std::uint16_t c, bool b = false)
      : name(std::move(n)), words(std::move(w)), error(std::move(e)), close(c), binary(b) {}
  std::string name;
  std::vector<std::string> words;
  std::string error;
  std::uint16_t close;
  bool binary;  ///< how the words are sent
};

asio::awaitable<void> make(rig& r, const attack& a, bool after_hello) {
  co_await r.still_served();
  raw_peer p(r.io.get_executor());
  if (after_hello) {
    (void)co_await open_session(p, r.s->local_endpoint(), hello_of('1', r.s->metrics().accepted));
  } else {
    co_await p.connect(r.s->local_endpoint());
  }
  for (const auto& w : a.words) {
    if (a.binary) {
      co_await p.try_send(w);
    } else {
      co_await p.try_say(w);
    }
  }
  const ending end = co_await p.hear_end();
  BOOST_TEST(end.error == a.error, a.name << ": " << end.error << " is not " << a.error);
  BOOST_TEST(end.close == a.close, a.name << ": " << end.close << " is not " << a.close);
}

std::string hello_with(std::string_view member, std::string_view value) {
  auto text = delivery::encode(hello_of('2', 1));
  const auto name = "\"" + std::string(member) + "\":";
  const auto at = text.find(name) + name.size();
  const auto end = text.find_first_of(",}", at);
  return text.replace(at, end - at, value);
}

std::string nested(int levels) {
  std::string text = R"({"type":"ack","recv":0,"x":)";
  for (int i = 0; i < levels; ++i) text += '[';
  for (int i = 0; i < levels; ++i) text += ']';
  return text + "}";
}

std::string raw(std::initializer_list<int> bytes) {
  std::string text;
  for (const int b : bytes) text += static_cast<char>(b);
  return text;
}

asio::awaitable<void> make_all(asio::io_context& io, std::vector<attack> attacks, bool after_hello) {
  rig r(io);
  for (const auto& a : attacks) co_await make(r, a, after_hello);
  co_await r.still_served();
  co_await eventually([&] { return r.s->metrics().open == 1; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_client)

BOOST_AUTO_TEST_CASE(what_is_no_hello_is_a_bad_message) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    std::vector<attack> all;
    const auto bad = [&all](std::string name, std::string words) {
      all.emplace_back(std::move(name), std::vector<std::string>{std::move(words)}, "bad_message", std::uint16_t{4400});
    };
    bad("no JSON", "hello");
    bad("no object", "[1]");
    bad("no type", "{}");
    bad("too large", R"({"type":"hello","x":")" + std::string(5000, 'x') + "\"}");
    bad("much too large", R"({"type":"hello","x":")" + std::string(1'000'000, 'x') + "\"}");
    bad("too deep", nested(100));
    bad("far too deep", nested(2'000));
    bad("another type first", R"({"type":"ack","recv":0})");
    bad("an unknown type first", R"({"type":"salute"})");
    bad("a negative number", hello_with("attach", "-1"));
    bad("a number beyond 64 bits", hello_with("attach", "18446744073709551616"));
    bad("a fraction", hello_with("attach", "1.5"));
    bad("from zero", hello_with("from", "0"));
    bad("a negative recv", hello_with("recv", "-9223372036854775808"));
    bad("an origin that is too short", hello_with("origin", "\"12\""));
    bad("a token that is no text", hello_with("token", "12"));
    bad("a window of nothing", hello_with("messages", "0"));
    all.emplace_back("data", std::vector<std::string>{data(1, "x")}, "bad_message", std::uint16_t{4400}, true);
    co_await make_all(io, all, false);
  });
}

BOOST_AUTO_TEST_CASE(what_breaks_the_rules_within_a_session_ends_it_s_connection_by_the_page) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    using words = std::vector<std::string>;
    constexpr std::uint16_t bad = 4400;
    std::vector<attack> all;
    all.emplace_back("no JSON", words{"nonsense"}, "bad_message", bad);
    all.emplace_back("control over 4096 bytes", words{R"({"type":"ping","x":")" + std::string(4096, 'x') + "\"}"},
                     "bad_message", bad);
    all.emplace_back("too deep", words{nested(100)}, "bad_message", bad);
    all.emplace_back("a second hello", words{delivery::encode(hello_of('1', 99))}, "bad_message", bad);
    all.emplace_back("an ack of what was never sent", words{R"({"type":"ack","recv":1})"}, "bad_message", bad);
    all.emplace_back("an ack of 2^63", words{R"({"type":"ack","recv":9223372036854775808})"}, "bad_message", bad);
    all.emplace_back("an ack of 2^64-1", words{R"({"type":"ack","recv":18446744073709551615})"}, "bad_message", bad);
    all.emplace_back("an ack of 2^64", words{R"({"type":"ack","recv":18446744073709551616})"}, "bad_message", bad);
    all.emplace_back("a negative ack", words{R"({"type":"ack","recv":-1})"}, "bad_message", bad);
    all.emplace_back("a pong of what was never sent", words{R"({"type":"pong","recv":1})"}, "bad_message", bad);
    all.emplace_back("an ack on data", words{data(1, "x", 1)}, "bad_message", bad, true);
    all.emplace_back("a huge ack on data", words{data(1, "x", UINT64_MAX)}, "bad_message", bad, true);
    all.emplace_back("an empty message", words{""}, "bad_message", bad, true);
    all.emplace_back("reserved flags", words{raw({0x09, 1, 'x'})}, "bad_message", bad, true);
    all.emplace_back("number zero", words{raw({0x01, 0, 'x'})}, "bad_message", bad, true);
    all.emplace_back("a number that does not end",
                     words{raw({1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255})}, "bad_message", bad, true);
    all.emplace_back("text that is not UTF-8", words{data(1, "\xff\xfe")}, "bad_message", bad, true);
    all.emplace_back("text cut within a character", words{data(1, "\xe2\x82")}, "bad_message", bad, true);
    all.emplace_back("a message one byte over the limit", words{data(1, std::string(16 * 1024 * 1024 + 1, 'x'))},
                     "too_large", std::uint16_t{4413}, true);
    all.emplace_back("void of nothing", words{raw({4, 1, 0})}, "bad_message", bad, true);
    all.emplace_back("void beyond 64 bits", words{void_data(2, UINT64_MAX)}, "bad_message", bad, true);
    all.emplace_back("void with a rest", words{void_data(1, 1) + "x"}, "bad_message", bad, true);
    all.emplace_back("a gap", words{data(2, "x")}, "gap", std::uint16_t{4410}, true);
    all.emplace_back("a gap of 2^63", words{data(std::uint64_t{1} << 63U, "x")}, "gap", std::uint16_t{4410}, true);
    all.emplace_back("a void gap", words{void_data(2, 1)}, "gap", std::uint16_t{4410}, true);
    co_await make_all(io, all, true);
  });
}

BOOST_AUTO_TEST_CASE(who_goes_on_talking_behind_the_fault_still_hears_what_was_wrong) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    raw_peer p(io.get_executor());
    (void)co_await open_session(p, r.s->local_endpoint(), hello_of('1', 1));
    co_await p.try_say("no control message");
    for (int i = 0; i < 8; ++i) co_await p.try_send(data(1, std::string(8'000, 'x')));
    const auto end = co_await p.hear_end();
    BOOST_TEST(end.error == "bad_message");
    BOOST_TEST(end.close == 4400);
    co_await r.still_served();
  });
}

BOOST_AUTO_TEST_CASE(a_session_that_nobody_knows_is_answered_with_a_new_one) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    auto h = hello_of('1', 1);
    h.session = std::string(128, 'x');
    h.recv = UINT64_MAX;
    h.from = 1000;
    raw_peer p(io.get_executor());
    const auto w = co_await open_session(p, r.s->local_endpoint(), h);
    BOOST_TEST(!w.resumed);
    BOOST_TEST(w.reason == "restarted");
    BOOST_TEST(w.recv == 999U);
    BOOST_TEST(w.from == 1U);
    co_await p.send(data(1000, "here"));
    const auto back = co_await p.hear_data();
    BOOST_TEST(back == "1:here");
    co_await r.still_served();
  });
}

BOOST_AUTO_TEST_CASE(one_that_requires_an_unknown_session_is_told_session_lost) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    auto h = hello_of('1', 1);
    h.session = "unknown";
    h.resume_required = true;
    const attack required("required", {delivery::encode(h)}, "session_lost", 4404);
    co_await make(r, required, false);
    co_await r.still_served();
  });
}

BOOST_AUTO_TEST_CASE(another_version_is_unsupported) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    const attack newer("version 2", {R"({"type":"hello","version":2,"origin":7})"}, "unsupported", 4426);
    co_await make(r, newer, false);
    co_await r.still_served();
  });
}

BOOST_AUTO_TEST_CASE(a_hello_that_claims_what_cannot_be_gets_a_new_session_and_harms_only_its_own) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    raw_peer first(io.get_executor());
    const auto w = co_await open_session(first, r.s->local_endpoint(), hello_of('1', 1));
    auto h = hello_of('1', 2);
    h.session = w.session;
    h.recv = 1'000;  // more than was ever sent
    raw_peer p(io.get_executor());
    const auto second = co_await open_session(p, r.s->local_endpoint(), h);
    BOOST_TEST(!second.resumed);
    BOOST_TEST(second.reason == "unknown");
    BOOST_TEST(second.session != w.session);
    h.attach = 3;
    h.session = second.session;
    h.recv = 0;
    h.from = UINT64_MAX;  // beyond what this server has
    raw_peer q(io.get_executor());
    const auto third = co_await open_session(q, r.s->local_endpoint(), h);
    BOOST_TEST(!third.resumed);
    BOOST_TEST(third.recv == UINT64_MAX - 1);
    co_await q.send(data(UINT64_MAX, "the last number there is"));
    const auto back = co_await q.hear_data();
    BOOST_TEST(back == "1:the last number there is");
    co_await r.still_served();
  });
}

BOOST_AUTO_TEST_CASE(a_thousand_hellos_in_a_row_leave_one_connection_and_one_session) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    std::vector<raw_peer> storm;
    std::string id;
    for (std::uint64_t i = 1; i <= 1'000; ++i) {
      auto h = hello_of('1', i);
      h.session = id;
      storm.emplace_back(io.get_executor());
      const auto w = co_await open_session(storm.back(), r.s->local_endpoint(), h);
      if (!id.empty()) BOOST_TEST(w.session == id);
      id = w.session;
      if (i % 100 == 0) co_await r.still_served();
    }
    co_await eventually([&] { return r.s->metrics().open == 2; });
    co_await storm.back().send(data(1, "after the storm"));
    const auto back = co_await storm.back().hear_data();
    BOOST_TEST(back == "1:after the storm");
    co_await r.still_served();
  });
}

BOOST_AUTO_TEST_CASE(hellos_that_do_not_wait_for_each_other_end_with_the_highest_attach) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    std::vector<raw_peer> storm;
    for (std::uint64_t i = 1; i <= 200; ++i) {
      storm.emplace_back(io.get_executor());
      co_await storm.back().connect(r.s->local_endpoint());
    }
    for (std::uint64_t i = 1; i <= 200; ++i) co_await storm[i - 1].say(delivery::encode(hello_of('1', i)));
    (void)co_await hear_welcome(storm.back());
    for (std::size_t i = 0; i + 1 < storm.size(); ++i) {
      const auto end = co_await storm[i].hear_end();
      BOOST_TEST(end.error == "superseded");
      BOOST_TEST(end.close == 4409);
    }
    co_await r.still_served();
  });
}

BOOST_AUTO_TEST_CASE(origins_beyond_the_limit_are_overloaded_and_told_when_to_come_back) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.max_sessions = 2;
    rig r(io, so);
    co_await r.still_served();
    raw_peer p(io.get_executor());
    (void)co_await open_session(p, r.s->local_endpoint(), hello_of('1', 1));
    raw_peer q(io.get_executor());
    co_await say_hello(q, r.s->local_endpoint(), hello_of('2', 1));
    const auto end = co_await q.hear_end();
    BOOST_TEST(end.error == "overloaded");
    BOOST_TEST(end.close == 4429);
    BOOST_TEST(end.retry_after);
    co_await r.still_served();
  });
}

BOOST_AUTO_TEST_CASE(one_that_never_says_hello_is_told_hello_timeout) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.handshake_timeout = 100ms;
    rig r(io, so);
    const attack silence("silence", {}, "hello_timeout", 4408);
    co_await make(r, silence, false);
    co_await r.still_served();
    co_await eventually([&] { return r.s->metrics().open == 1; });
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
