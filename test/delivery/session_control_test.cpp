// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Control messages on the wire.
#define BOOST_TEST_DYN_LINK
#include "delivery/session_codec.hpp"
#include "policy/utf8.hpp"

#include <boost/test/unit_test.hpp>

#include <cctype>
#include <random>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

using namespace tautline;
using namespace tautline::delivery;

namespace {

const std::string origin = "00112233445566778899aabbccddeeff";
const std::string token = origin + origin;

hello some_hello() {
  hello h;
  h.origin = origin;
  h.token = token;
  h.attach = 1'780'000'000'003;
  h.session = "s-1";
  h.recv = 41;
  h.from = 107;
  h.window = session_window(1'024, 1'048'576);
  h.agent = "tautline/0.1.0";
  return h;
}

std::string hello_with(const std::string& member, const std::string& json) {
  std::string text = encode(some_hello());
  const auto at = text.find("\"" + member + "\":");
  if (at == std::string::npos) return text.insert(1, "\"" + member + "\":" + json + ",");
  const auto from = at + member.size() + 3;
  auto to = text.find(',', from);
  if (to == std::string::npos) to = text.find('}', from);
  return text.replace(from, to - from, json);
}

std::string without(std::string text, const std::string& member) {
  const auto at = text.find("\"" + member + "\":");
  return text.replace(at, member.size() + 2, "\"other\"");
}

std::string fault(const std::string& text) {
  control c;
  return decode_control(text, c);
}

std::string written(const control& c) {
  return std::visit(
      [](const auto& m) {
        if constexpr (std::is_same_v<decltype(m), const unknown_control&>)
          return std::string();
        else
          return encode(m);
      },
      c);
}

template <class Message>
Message read(const std::string& text) {
  control c;
  BOOST_TEST_REQUIRE(decode_control(text, c) == "");
  BOOST_TEST_REQUIRE(std::holds_alternative<Message>(c));
  return std::get<Message>(c);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_control_message)

BOOST_AUTO_TEST_CASE(hello_is_written_as_the_protocol_shows_it) {
  BOOST_TEST(encode(some_hello()) == R"({"type":"hello","version":1,"origin":")" + origin + R"(","token":")" + token +
                                         R"(","attach":1780000000003,"session":"s-1","resume":"allowed","recv":41,)"
                                         R"("from":107,"window":{"messages":1024,"bytes":1048576},)"
                                         R"("agent":"tautline/0.1.0"})");
}

BOOST_AUTO_TEST_CASE(hello_is_read_as_it_was_written) {
  hello h = some_hello();
  h.resume_required = true;
  h.recv = UINT64_MAX;
  const auto got = read<hello>(encode(h));
  BOOST_TEST(got.version == 1U);
  BOOST_TEST(got.origin == origin);
  BOOST_TEST(got.token == token);
  BOOST_TEST(got.attach == 1'780'000'000'003U);
  BOOST_TEST(got.session == "s-1");
  BOOST_TEST(got.resume_required);
  BOOST_TEST(got.recv == UINT64_MAX);
  BOOST_TEST(got.from == 107U);
  BOOST_TEST(got.window.messages == 1'024U);
  BOOST_TEST(got.window.bytes == 1'048'576U);
  BOOST_TEST(got.agent == "tautline/0.1.0");
}

BOOST_AUTO_TEST_CASE(hello_needs_only_what_decides) {
  const auto got = read<hello>(R"({"type":"hello","version":1,"origin":")" + origin + R"(","token":")" + token +
                               R"(","attach":3,"recv":0,"from":1})");
  BOOST_TEST(got.session == "");
  BOOST_TEST(!got.resume_required);
  BOOST_TEST(got.window.messages == 64U);
  BOOST_TEST(got.window.bytes == 65'536U);
  for (const char* member : {"version", "attach", "recv", "from"})
    BOOST_TEST(fault(without(encode(some_hello()), member)) == std::string(member) + " is missing");
  BOOST_TEST(fault(without(encode(some_hello()), "origin")).starts_with("origin is missing"));
}

BOOST_AUTO_TEST_CASE(hello_has_its_digits_in_lower_case_once_it_is_read) {
  hello h = some_hello();
  for (char& c : h.origin) c = static_cast<char>(std::toupper(c));
  BOOST_TEST(read<hello>(encode(h)).origin == origin);
}

BOOST_AUTO_TEST_CASE(hello_of_another_version_is_read_that_far) {
  BOOST_TEST(read<hello>(R"({"type":"hello","version":2,"origin":7})").version == 2U);
  BOOST_TEST(read<hello>(R"({"type":"hello","version":18446744073709551615})").version > 1U);
}

BOOST_AUTO_TEST_CASE(hello_with_a_wrong_member_is_refused_by_its_name) {
  const std::string no_number = " is no whole number from 0 to 2^64-1";
  for (const char* member : {"version", "attach", "recv", "from"})
    for (const char* bad : {"-1", "1.5", "1e3", "18446744073709551616", "\"7\"", "null", "true", "[1]"})
      BOOST_TEST(fault(hello_with(member, bad)) == member + no_number);
  BOOST_TEST(fault(hello_with("origin", "7")) == "origin is no string");
  BOOST_TEST(fault(hello_with("origin", "\"" + origin + "0\"")) == "origin is not 32 hex digits");
  BOOST_TEST(fault(hello_with("origin", "\"" + origin.substr(1) + "g\"")) == "origin is not 32 hex digits");
  BOOST_TEST(fault(hello_with("token", "\"" + origin + "\"")) == "token is not 64 hex digits");
  BOOST_TEST(fault(hello_with("session", "7")) == "session is no string");
  BOOST_TEST(fault(hello_with("session", "\"" + std::string(129, 's') + "\"")) == "session is too long");
  BOOST_TEST(fault(hello_with("resume", "\"maybe\"")) == "resume is neither allowed nor required");
  BOOST_TEST(fault(hello_with("from", "0")) == "from is 0");
  BOOST_TEST(fault(hello_with("agent", "[]")) == "agent is no string");
  hello limited = some_hello();
  limited.max_message_bytes = 7;
  BOOST_TEST(read<hello>(encode(limited)).max_message_bytes == 7U);
  BOOST_TEST(read<hello>(encode(some_hello())).max_message_bytes == UINT64_MAX);
}

BOOST_AUTO_TEST_CASE(with_a_wrong_window_is_refused_by_its_name) {
  const auto with_window = [](const std::string& window) {
    return R"({"type":"welcome","version":1,"session":"s","resumed":true,"recv":0,"from":1,"window":)" + window + "}";
  };
  BOOST_TEST(fault(with_window("7")) == "window is no object");
  BOOST_TEST(fault(with_window(R"({"messages":0})")) == "window.messages is 0");
  BOOST_TEST(fault(with_window(R"({"bytes":0})")) == "window.bytes is 0");
  BOOST_TEST(fault(with_window(R"({"bytes":-5})")) == "window.bytes is no whole number from 0 to 2^64-1");
  BOOST_TEST(read<welcome>(with_window(R"({"messages":5})")).window.bytes == 65'536U);
}

BOOST_AUTO_TEST_CASE(never_says_the_secret_that_it_refuses) {
  const std::string secret = "5ec3e7" + token.substr(8);
  BOOST_TEST(fault(hello_with("token", "\"" + secret + "\"")).find("5ec3e7") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(welcome_is_read_as_it_was_written) {
  welcome w;
  w.session = "s-2";
  w.reason = "expired";
  w.previous = session_counters(112, 45);
  w.recv = 113;
  w.window = session_window(9, 10);
  w.heartbeat_ms = 1;
  w.retain_ms = 2;
  w.max_message_bytes = 3;
  BOOST_TEST(encode(w) == R"({"type":"welcome","version":1,"session":"s-2","resumed":false,)"
                          R"("previous":{"recv":112,"sent":45},"recv":113,"from":1,)"
                          R"("window":{"messages":9,"bytes":10},"heartbeat_ms":1,"retain_ms":2,)"
                          R"("max_message_bytes":3,"reason":"expired"})");
  const auto got = read<welcome>(encode(w));
  BOOST_TEST(got.session == "s-2");
  BOOST_TEST(!got.resumed);
  BOOST_TEST(got.reason == "expired");
  BOOST_TEST_REQUIRE(got.previous.has_value());
  BOOST_TEST(got.previous->recv == 112U);
  BOOST_TEST(got.previous->sent == 45U);
  BOOST_TEST(got.recv == 113U);
  BOOST_TEST(got.from == 1U);
  BOOST_TEST(got.window.messages == 9U);
  BOOST_TEST(got.window.bytes == 10U);
  BOOST_TEST(got.heartbeat_ms == 1U);
  BOOST_TEST(got.retain_ms == 2U);
  BOOST_TEST(got.max_message_bytes == 3U);
}

BOOST_AUTO_TEST_CASE(welcome_needs_only_what_decides) {
  welcome w;
  w.session = "s";
  BOOST_TEST(encode(w).find("max_message_bytes") == std::string::npos);
  w.max_message_bytes = 3;
  for (const char* member : {"version", "session", "resumed", "recv", "from"})
    BOOST_TEST(fault(without(encode(w), member)) == std::string(member) + " is missing");
  for (const char* member : {"reason", "window", "heartbeat_ms", "retain_ms", "max_message_bytes"}) {
    w.reason = "new";
    BOOST_TEST(fault(without(encode(w), member)) == "");
  }
  w.previous.emplace();
  BOOST_TEST(fault(without(encode(w), "sent")) == "previous.sent is missing");
}

BOOST_AUTO_TEST_CASE(welcome_that_resumes_tells_no_reason) {
  welcome w;
  w.session = "s";
  w.resumed = true;
  w.reason = "new";
  w.previous.emplace();
  BOOST_TEST(encode(w).find("reason") == std::string::npos);
  BOOST_TEST(encode(w).find("previous") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(of_every_small_kind_is_read_as_it_was_written) {
  BOOST_TEST(encode(session_ack(41)) == R"({"type":"ack","recv":41})");
  BOOST_TEST(read<session_ack>(encode(session_ack(41))).recv == 41U);
  session_ping ping;
  BOOST_TEST(encode(ping) == R"({"type":"ping"})");
  BOOST_TEST(!read<session_ping>(encode(ping)).id.has_value());
  ping.id = 7;
  BOOST_TEST((read<session_ping>(encode(ping)).id == 7U));
  session_pong pong;
  pong.id = 7;
  pong.timestamp = 1'780'000'000'000;
  pong.recv = 41;
  BOOST_TEST(encode(pong) == R"({"type":"pong","id":7,"timestamp":1780000000000,"recv":41})");
  BOOST_TEST((read<session_pong>(encode(pong)).recv == 41U));
  BOOST_TEST(!read<session_pong>(R"({"type":"pong","timestamp":1})").recv.has_value());
  session_drain drain;
  drain.url = "wss://b.example/";
  BOOST_TEST(encode(drain) ==
             R"({"type":"drain","min_ms":0,"max_ms":5000,"deadline_ms":15000,"url":"wss://b.example/"})");
  BOOST_TEST(read<session_drain>(encode(drain)).url == "wss://b.example/");
  BOOST_TEST(read<session_drain>(R"({"type":"drain"})").deadline_ms == 15'000U);
  BOOST_TEST(fault(R"({"type":"drain","min_ms":9,"max_ms":8})") == "max_ms is less than min_ms");
  BOOST_TEST(encode(session_bye()) == R"({"type":"bye"})");
  (void)read<session_bye>(encode(session_bye()));
  session_error error("overloaded", "come back later");
  error.retry_after_ms = 5'000;
  const auto got = read<session_error>(encode(error));
  BOOST_TEST(got.code == "overloaded");
  BOOST_TEST(got.message == "come back later");
  BOOST_TEST((got.retry_after_ms == 5'000U));
}

BOOST_AUTO_TEST_CASE(without_what_it_is_for_is_refused) {
  BOOST_TEST(fault(R"({"type":"ack"})") == "recv is missing");
  BOOST_TEST(fault(R"({"type":"error"})") == "code is missing");
  BOOST_TEST(fault(R"({"type":"ping","id":"seven"})") == "id is no whole number from 0 to 2^64-1");
}

BOOST_AUTO_TEST_CASE(of_an_unknown_type_and_unknown_members_are_ignored) {
  (void)read<unknown_control>(R"({"type":"shrug","recv":-1})");
  BOOST_TEST(read<session_ack>(R"({"recv":3,"more":{"a":[1.5,null]},"type":"ack"})").recv == 3U);
}

BOOST_AUTO_TEST_CASE(that_is_no_object_with_a_type_is_refused) {
  for (const char* text : {"", "{", "7", "[]", "null", "\"ping\"", R"({"type":"ping"}{})", "{'type':'ping'}"})
    BOOST_TEST(fault(text) == "a control message is no JSON object");
  BOOST_TEST(fault("{\"type\":\"\xff\"}") == "a control message is no JSON object");
  BOOST_TEST(fault("{}") == "type is missing");
  BOOST_TEST(fault(R"({"type":7})") == "type is no string");
}

BOOST_AUTO_TEST_CASE(is_bounded_in_depth) {
  const auto nested = [](int levels) {
    std::string text = R"({"type":"ping","x":)";
    for (int i = 1; i < levels; ++i) text += '[';
    text += '1';
    for (int i = 1; i < levels; ++i) text += ']';
    return text + "}";
  };
  BOOST_TEST(fault(nested(8)) == "");
  BOOST_TEST(fault(nested(9)) == "a control message is deeper than 8 levels");
}

BOOST_AUTO_TEST_CASE(is_bounded_in_size) {
  const std::string ping = R"({"type":"ping"})";
  BOOST_TEST(fault(ping + std::string(4'096 - ping.size(), ' ')) == "");
  BOOST_TEST(fault(ping + std::string(4'097 - ping.size(), ' ')) == "a control message has more than 4096 bytes");
}

BOOST_AUTO_TEST_CASE(is_never_written_longer_than_it_may_be) {
  for (const std::string& unit : {std::string("a"), std::string("\u00e4"), std::string("\U0001f600"),
                                  std::string("\x01"), std::string("a\x01\u00e4"), std::string("\xff")}) {
    std::string text;
    while (text.size() < 20'000) text += unit;
    hello h = some_hello();
    h.attach = h.recv = h.from = h.window.messages = h.window.bytes = UINT64_MAX;
    h.session = std::string(max_session_id_bytes, '\x02');
    h.agent = text;
    const std::string hello_text = encode(h);
    const std::string error_text = encode(session_error("bad_message", text));
    for (const std::string& whole : {hello_text, error_text}) {
      BOOST_TEST(whole.size() <= max_control_bytes);
      BOOST_TEST(whole.size() > max_control_bytes - 12);  // no more was cut than had to be
      BOOST_TEST(policy::valid_utf8(whole));
    }
    BOOST_TEST(read<hello>(hello_text).session == h.session);
    BOOST_TEST(read<session_error>(error_text).code == "bad_message");
  }
}

BOOST_AUTO_TEST_CASE(drain_leaves_out_an_address_that_does_not_fit) {
  session_drain d;
  d.url = "wss://" + std::string(5'000, 'a') + "/";
  BOOST_TEST(read<session_drain>(encode(d)).url == "");
}

BOOST_AUTO_TEST_CASE(of_garbage_is_refused_or_read_and_never_breaks_anything) {
  std::mt19937 random(3);
  welcome w;
  w.session = "s";
  w.previous.emplace();
  const std::vector<std::string> seeds{encode(some_hello()), encode(w), encode(session_drain()),
                                       encode(session_error("gap", "n"))};
  for (int i = 0; i < 20'000; ++i) {
    std::string text = seeds[random() % seeds.size()];
    for (auto n = 1 + random() % 4; n > 0; --n) text[random() % text.size()] = static_cast<char>(random() % 128);
    control c;
    if (decode_control(text, c) != "" || std::holds_alternative<unknown_control>(c)) continue;
    BOOST_TEST_REQUIRE(fault(written(c)) == "");
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_session_fault)

BOOST_AUTO_TEST_CASE(has_a_name_and_a_close_code) {
  BOOST_TEST(name_of(session_fault::bad_message) == "bad_message");
  BOOST_TEST(close_code_of(session_fault::bad_message) == 4400);
  BOOST_TEST(name_of(session_fault::overloaded) == "overloaded");
  BOOST_TEST(close_code_of(session_fault::overloaded) == 4429);
}

BOOST_AUTO_TEST_CASE(is_known_by_its_close_code) {
  for (int i = 0; i <= static_cast<int>(session_fault::overloaded); ++i) {
    const auto f = static_cast<session_fault>(i);
    BOOST_TEST((fault_of(close_code_of(f)) == f));
  }
  BOOST_TEST(!fault_of(1000).has_value());
  BOOST_TEST(!fault_of(4402).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
