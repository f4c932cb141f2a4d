// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A client whose server breaks tautline.v1 says so, and comes back.
#include "raw_peer.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>
#include <vector>

namespace session_test {
namespace {

struct rig {
  explicit rig(asio::io_context& context)
      : io(context),
        listener(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        options_of_client(client_options(url_of(listener.local_endpoint()))) {}

  void start() { client = std::make_unique<running>(io, options_of_client); }
  asio::awaitable<delivery::hello> take(raw_peer& p) {
    co_await p.accept(listener);
    auto h = co_await hear_hello(p);
    co_return h;
  }

  asio::io_context& io;
  tcp::acceptor listener;
  options options_of_client;
  std::unique_ptr<running> client;
};

struct attack {
  attack(std::string n, std::string w, std::string e, std::uint16_t c, bool b = false)
      : name(std::move(n)), words(std::move(w)), error(std::move(e)), close(c), binary(b) {}
  std::string name, words, error;
  std::uint16_t close;
  bool binary;
};

/// Each on a client of its own, which then finds a server that behaves.
asio::awaitable<void> make(asio::io_context& io, const attack& a, bool after_welcome) {
  rig r(io);
  r.start();
  raw_peer p(io.get_executor());
  (void)co_await r.take(p);
  if (after_welcome) co_await welcome_new(p, "s1");
  co_await send(*r.client, "kept");
  if (a.binary) {
    co_await p.try_send(a.words);
  } else {
    co_await p.try_say(a.words);
  }
  const ending end = co_await p.hear_end();
  BOOST_TEST(end.error == a.error, a.name << ": " << end.error << " is not " << a.error);
  BOOST_TEST(end.close == a.close, a.name << ": " << end.close << " is not " << a.close);
  raw_peer q(io.get_executor());
  const auto h = co_await r.take(q);
  BOOST_TEST(h.session == (after_welcome ? "s1" : ""), a.name);
  co_await welcome_new(q, "s2");
  const auto kept = co_await q.hear_data();
  BOOST_TEST(kept == "1:kept", a.name);
}

std::string welcome_with(std::string_view member, std::string_view value) {
  delivery::welcome w;
  w.session = "s1";
  auto text = delivery::encode(w);
  const auto name = "\"" + std::string(member) + "\":";
  const auto at = text.find(name) + name.size();
  const auto end = text.find_first_of(",}", at);
  return text.replace(at, end - at, value);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_server)

BOOST_AUTO_TEST_CASE(a_welcome_that_lies_is_a_bad_message_and_the_client_comes_back) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    std::vector<attack> all;
    const auto bad = [&all](std::string name, std::string words) {
      all.emplace_back(std::move(name), std::move(words), "bad_message", std::uint16_t{4400});
    };
    bad("more taken over than was sent", welcome_with("recv", "1000"));
    bad("2^64-1 taken over", welcome_with("recv", "18446744073709551615"));
    bad("numbers that do not begin at 1", welcome_with("from", "2"));
    bad("a session resumed that was not named", welcome_with("resumed", "true"));
    bad("no id", welcome_with("session", "\"\""));
    bad("another version", welcome_with("version", "2"));
    for (const auto& a : all) co_await make(io, a, false);
  });
}

BOOST_AUTO_TEST_CASE(what_breaks_the_rules_within_a_session_is_named_and_the_client_comes_back) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    constexpr std::uint16_t bad = 4400;
    std::vector<attack> all;
    all.emplace_back("no JSON", "nonsense", "bad_message", bad);
    all.emplace_back("too large", R"({"type":"ping","x":")" + std::string(4096, 'x') + "\"}", "bad_message", bad);
    all.emplace_back("a second welcome", welcome_with("recv", "0"), "bad_message", bad);
    all.emplace_back("an ack of what was never sent", R"({"type":"ack","recv":2})", "bad_message", bad);
    all.emplace_back("an ack of 2^64-1", R"({"type":"ack","recv":18446744073709551615})", "bad_message", bad);
    all.emplace_back("a negative ack", R"({"type":"ack","recv":-1})", "bad_message", bad);
    all.emplace_back("a drain that makes no sense", R"({"type":"drain","min_ms":2,"max_ms":1})", "bad_message", bad);
    all.emplace_back("no head", "", "bad_message", bad, true);
    all.emplace_back("reserved flags", std::string("\x11\x01x"), "bad_message", bad, true);
    all.emplace_back("text that is not UTF-8", data(1, "\xc0\x80"), "bad_message", bad, true);
    all.emplace_back("a gap", data(2, "x"), "gap", std::uint16_t{4410}, true);
    all.emplace_back("a gap of 2^64-1", data(UINT64_MAX, "x"), "gap", std::uint16_t{4410}, true);
    for (const auto& a : all) co_await make(io, a, true);
  });
}

BOOST_AUTO_TEST_CASE(a_server_that_goes_beyond_the_window_twofold_is_told_so) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    r.options_of_client.inbox.max_messages = 100;
    r.start();
    raw_peer p(io.get_executor());
    const auto h = co_await r.take(p);
    BOOST_TEST(h.window.messages == 100U);
    co_await welcome_new(p, "s1");
    for (std::uint64_t i = 1; i <= 250; ++i) co_await p.try_send(data(i, std::to_string(i)));
    const auto end = co_await p.hear_end();
    BOOST_TEST(end.error == "too_large");
    BOOST_TEST(end.close == 4413);
    const bool what_came = co_await receives_numbers(*r.client, 1, 200);
    BOOST_TEST(what_came);
  });
}

BOOST_AUTO_TEST_CASE(bad_messages_three_times_in_a_row_end_the_link) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    r.start();
    for (int i = 0; i < 3; ++i) {
      raw_peer p(io.get_executor());
      (void)co_await r.take(p);
      co_await p.say(delivery::encode(delivery::session_error("bad_message", "what was that")));
      co_await p.close(4400, "bad_message");
    }
    co_await eventually([&] { return r.client->end->has_value(); });
    BOOST_TEST((*r.client)->status().why.close_code == 4400);
    BOOST_TEST((*r.client)->status().why.describe().find("what was that") != std::string::npos);
  });
}

BOOST_AUTO_TEST_CASE(bad_messages_that_the_client_hears_three_times_in_a_row_end_the_link_too) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    r.start();
    for (int i = 0; i < 3; ++i) {
      raw_peer p(io.get_executor());
      (void)co_await r.take(p);
      co_await p.say(welcome_with("recv", "1000"));
      const auto end = co_await p.hear_end();
      BOOST_TEST(end.close == 4400);
    }
    co_await eventually([&] { return r.client->end->has_value(); });
    BOOST_TEST(**r.client->end == errc::session_fault);
  });
}

BOOST_AUTO_TEST_CASE(an_overloaded_server_is_left_alone_for_as_long_as_it_asks) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    r.start();
    raw_peer p(io.get_executor());
    (void)co_await r.take(p);
    delivery::session_error full("overloaded", "too many");
    full.retry_after_ms = 250;
    co_await p.say(delivery::encode(full));
    co_await p.close(4429, "overloaded");
    const event retry = co_await next(*r.client, event_kind::retry_in);
    BOOST_TEST((retry.delay > 200ms && retry.delay <= 250ms));
    BOOST_TEST((retry.why.what_follows == verdict::retry_after));
  });
}

BOOST_AUTO_TEST_CASE(unauthorized_and_unsupported_are_final) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    for (const auto code : {std::uint16_t{4401}, std::uint16_t{4426}}) {
      rig r(io);
      r.start();
      raw_peer p(io.get_executor());
      (void)co_await r.take(p);
      co_await p.close(code);
      co_await eventually([&] { return r.client->end->has_value(); });
      BOOST_TEST((*r.client)->status().why.close_code == code);
    }
  });
}

BOOST_AUTO_TEST_CASE(before_the_welcome_of_a_resume_no_more_is_sent_than_the_smaller_window_allows) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    r.start();
    raw_peer p(io.get_executor());
    (void)co_await r.take(p);
    co_await welcome_new(p, "s1", delivery::session_window(4, 65'536));
    co_await send_numbers(*r.client, 1, 20);
    for (int i = 1; i <= 4; ++i) (void)co_await p.hear_data();
    p.reset();
    raw_peer q(io.get_executor());
    (void)co_await r.take(q);
    co_await q.say(R"({"type":"ping","id":1})");
    int before_the_answer = 0;
    for (;;) {
      const heard h = co_await q.hear();
      if (h.over || (h.text && h.payload.find("pong") != std::string::npos)) break;
      if (!h.text) ++before_the_answer;
    }
    BOOST_TEST(before_the_answer == 4);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
