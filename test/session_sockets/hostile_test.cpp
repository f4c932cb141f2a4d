// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Peers that break the protocol in their session: each is told why, and nobody else notices.
#include "bystander.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace session_sockets {
namespace {

/// What a peer does once it is welcomed, and what it gets for it.
struct offence {
  offence(const char* n, std::vector<std::string> t, std::vector<std::string> d, const char* e, std::uint16_t c)
      : name(n), texts(std::move(t)), datas(std::move(d)), error(e), close(c) {}
  const char* name;
  std::vector<std::string> texts;
  std::vector<std::string> datas;
  const char* error;
  std::uint16_t close;
};

std::string deep(std::size_t levels) {
  return R"({"type":"ping","x":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
}

std::string long_ping(std::size_t size) {
  const std::string head = R"({"type":"ping","pad":")";
  return head + std::string(size - head.size() - 2, 'x') + "\"}";
}

std::vector<offence> offences() {
  using texts = std::vector<std::string>;
  std::vector<offence> all;
  const auto control = [&](const char* name, std::string text) {
    all.emplace_back(name, texts(1, std::move(text)), texts(), "bad_message", 4400);
  };
  const auto message = [&](const char* name, std::string bytes) {
    all.emplace_back(name, texts(), texts(1, std::move(bytes)), "bad_message", 4400);
  };
  control("over 4096 bytes", long_ping(4097));
  control("JSON too deep", deep(100));
  control("no JSON", "{\"type\":");
  control("no object", "[1]");
  control("no type", "{}");
  control("beyond 64 bits", R"({"type":"ack","recv":18446744073709551616})");
  control("negative", R"({"type":"ack","recv":-1})");
  control("fractional", R"({"type":"ack","recv":0.5})");
  control("ack of what was never sent", R"({"type":"ack","recv":1})");
  control("the highest ack", R"({"type":"ack","recv":18446744073709551615})");
  control("pong that acks what was never sent", R"({"type":"pong","timestamp":1,"recv":7})");
  control("a second hello", hello_words('e', 2).text());
  message("ack of what was never sent, with data", std::string("\x03\x01\x05", 3) + "x");
  message("text that is not UTF-8", data(1, "\xff\xfe"));
  message("reserved flags", data(1, "x", 0x08));
  message("all flags", data(1, "x", 0xff));
  message("nothing", std::string());
  message("no number", std::string(1, '\x01'));
  message("number 0", data(0, "x"));
  message("a number without an end", std::string(1, '\x01') + std::string(11, '\x80'));
  message("a number beyond 64 bits", std::string(1, '\x01') + std::string(9, '\xff') + "\x7f");
  message("a void of nothing", data(1, "", 0x04));
  message("a void that goes round", data(2, varint(UINT64_MAX), 0x04));
  all.emplace_back("gap", texts(), texts(1, data(2, "x")), "gap", 4410);
  all.emplace_back("void behind a gap", texts(), texts(1, data(2, varint(1), 0x04)), "gap", 4410);
  return all;
}

asio::awaitable<void> commit(watched_site& w, offence o, std::uint64_t attach) {
  BOOST_TEST_INFO_SCOPE(o.name);
  raw_peer peer(w.io.get_executor());
  (void)co_await peer.attach(w.here.endpoint(), hello_words('e', attach));
  for (auto& t : o.texts) co_await peer.say(std::move(t));
  for (auto& d : o.datas) co_await peer.send(std::move(d));
  co_await w.expect_end(peer, o.error, o.close);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_hostile_peer)

BOOST_AUTO_TEST_CASE(that_breaks_the_protocol_is_told_how_and_closed) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    std::uint64_t attach = 1;
    for (auto& o : offences()) co_await commit(w, std::move(o), attach++);
    // Its session was not harmed either.
    raw_peer peer(io.get_executor());
    const auto welcome = co_await peer.attach(w.here.endpoint(), hello_words('e', attach));
    BOOST_TEST(welcome.at("recv").to_number<int>() == 0);
    co_await peer.send(data(1, "honest now"));
    const auto answer = co_await peer.next_data();
    BOOST_TEST(answer.seq == 1U);
    BOOST_TEST(answer.payload == "honest now");
  });
}

BOOST_AUTO_TEST_CASE(may_use_a_control_message_to_the_last_byte) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    raw_peer peer(io.get_executor());
    (void)co_await peer.attach(w.here.endpoint(), hello_words('e', 1));
    co_await peer.say(long_ping(4096));
    co_await peer.say(R"({"type":"from the future","recv":-1})");
    co_await peer.say(R"({"type":"ping","id":18446744073709551615,"more":{}})");
    (void)co_await peer.next_control("pong");
    const auto pong = co_await peer.next_control("pong");
    BOOST_TEST(pong.at("id").as_uint64() == UINT64_MAX);
    BOOST_TEST(pong.contains("timestamp"));
    co_await w.expect_undisturbed();
  });
}

BOOST_AUTO_TEST_CASE(that_sends_more_than_twice_the_window_is_closed_as_too_large) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    w.here.consumes = false;
    raw_peer peer(io.get_executor());
    const auto welcome = co_await peer.attach(w.here.endpoint(), hello_words('e', 1));
    BOOST_TEST(welcome.at("window").at("messages").to_number<int>() == 64);
    for (std::uint64_t seq = 1; seq <= 129; ++seq) co_await peer.send(data(seq, "x"));
    co_await w.expect_end(peer, "too_large", 4413);
    co_await eventually([&] { return w.here.peers.back().l.status().state != link_state::connected; });
    BOOST_TEST(w.here.peers.back().l.metrics().received == 128U);
  });
}

BOOST_AUTO_TEST_CASE(that_floods_the_server_without_reading_hurts_nobody_else) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    w.here.consumes = false;
    raw_peer peer(io.get_executor());
    (void)co_await peer.attach(w.here.endpoint(), hello_words('e', 1));
    for (std::uint64_t seq = 1; seq <= 20'000; ++seq) co_await peer.send(data(seq, std::string(1'000, 'x')));
    co_await eventually([&] { return w.here.peers.back().l.status().state != link_state::connected; });
    BOOST_TEST(w.here.peers.back().l.metrics().received <= 128U);
    co_await w.expect_undisturbed();
  });
}

BOOST_AUTO_TEST_CASE(that_sends_a_message_over_the_limit_is_closed_as_too_large) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    server_options o;
    o.link.max_message_bytes = 10'000;
    watched_site w(io, o);
    co_await w.open();
    raw_peer peer(io.get_executor());
    (void)co_await peer.attach(w.here.endpoint(), hello_words('e', 1));
    co_await peer.send(data(1, std::string(10'000, 'x')));
    const auto answer = co_await peer.next_data();
    BOOST_TEST(answer.payload.size() == 10'000U);
    co_await peer.send(data(2, std::string(10'001, 'x')));
    co_await w.expect_end(peer, "too_large", 4413);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_sockets
