// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What is wrong with options is said by the name of the field.
#define BOOST_TEST_DYN_LINK
#include <tautline/options.hpp>

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace tautline;
using namespace std::chrono_literals;

namespace {

struct with_options {
  void refused(std::string_view field) {
    const auto fault = o.validate();
    BOOST_TEST_REQUIRE(fault.has_value(), field << " was accepted");
    BOOST_TEST(fault->starts_with(std::string(field) + " "), *fault << " does not name " << field);
    o = options("ws://h");
  }
  void accepted() {
    const auto fault = o.validate();
    BOOST_TEST(!fault.has_value(), fault.value_or(""));
  }

  options o{"ws://h"};
};

template <class Set>
void positive(with_options& w, std::string_view field, Set set) {
  for (const duration bad : {duration(0s), duration(-1ns), duration(24h * 3650 + 1ns), duration::max()}) {
    set(w.o, bad);
    w.refused(field);
  }
  set(w.o, 1ns);
}

template <class Set>
void not_negative(with_options& w, std::string_view field, Set set) {
  for (const duration bad : {duration(-1ns), duration::max()}) {
    set(w.o, bad);
    w.refused(field);
  }
  set(w.o, 0s);
  w.accepted();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(validate, with_options)

BOOST_AUTO_TEST_CASE(finds_no_fault_with_the_defaults) { accepted(); }

BOOST_AUTO_TEST_CASE(asks_for_an_endpoint_or_a_provider) {
  o.endpoints.clear();
  refused("endpoints");
  o.endpoints.clear();
  o.provider = [](attempt_info) -> asio::awaitable<target> { co_return target("ws://h"); };
  accepted();
}

BOOST_AUTO_TEST_CASE(names_the_url_that_is_none_without_its_secrets) {
  o.endpoints = {"ws://ok", "http://me:hunter2@h"};
  const auto fault = o.validate();
  BOOST_TEST_REQUIRE(fault.has_value());
  BOOST_TEST(*fault == "endpoints[1] must be a ws:// or wss:// URL: the scheme must be ws or wss");
}

BOOST_AUTO_TEST_CASE(names_headers_that_would_break_the_request) {
  o.headers = {{"Good", "fine"}, {"Bad name", "x"}};
  refused("headers[1].name");
  o.headers = {{"", "x"}};
  refused("headers[0].name");
  for (const char* value : {"a\r\nX: y", "a\nb", "a\rb", "\x7f"}) {
    o.headers = {{"X", value}};
    refused("headers[0].value");
  }
  o.headers = {{"X", std::string("a\0b", 3)}};
  refused("headers[0].value");
  for (const char* name : {"Upgrade", "connection", "Sec-WebSocket-Key", "sec-websocket-protocol"}) {
    o.headers = {{name, "x"}};
    refused("headers[0].name");
  }
  o.headers = {{"Authorization", "Bearer x"}, {"X-Tab", "a\tb"}, {"X-Utf8", "\xc3\xa4"}, {"X-Empty", ""}};
  accepted();
}

BOOST_AUTO_TEST_CASE(does_not_repeat_a_headers_value) {
  o.headers = {{"Authorization", "hunter2\n"}};
  BOOST_TEST(o.validate()->find("hunter2") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_subprotocols_that_are_no_tokens) {
  o.subprotocols = {"chat", "a b"};
  refused("subprotocols[1]");
  o.subprotocols = {"a,b"};
  refused("subprotocols[0]");
  o.subprotocols = {""};
  refused("subprotocols[0]");
  o.subprotocols = {"chat", "chat"};
  refused("subprotocols[1]");
  o.subprotocols = {"chat", "tautline.v1"};
  accepted();
}

BOOST_AUTO_TEST_CASE(names_limits_of_nothing) {
  o.max_message_bytes = 0;
  refused("max_message_bytes");
  o.queue.max_messages = 0;
  refused("queue.max_messages");
  o.queue.max_bytes = 0;
  refused("queue.max_bytes");
  o.inbox.max_messages = 0;
  refused("inbox.max_messages");
  o.inbox.max_bytes = 0;
  refused("inbox.max_bytes");
  o.max_queued_events = 0;
  refused("max_queued_events");
}

BOOST_AUTO_TEST_CASE(names_times_that_must_be_positive) {
  positive(*this, "connect_timeout", [](options& x, duration d) { x.connect_timeout = d; });
  positive(*this, "close_timeout", [](options& x, duration d) { x.close_timeout = d; });
  positive(*this, "heartbeat.interval", [](options& x, duration d) { x.heartbeat.interval = d; });
  positive(*this, "heartbeat.timeout", [](options& x, duration d) { x.heartbeat.timeout = d; });
  accepted();
  positive(*this, "backoff.initial", [](options& x, duration d) { x.backoff.initial = d; });
  o = options("ws://h");
  positive(*this, "backoff.max", [](options& x, duration d) { x.backoff.max = d; });
}

BOOST_AUTO_TEST_CASE(names_times_that_must_not_be_negative) {
  not_negative(*this, "drain_timeout", [](options& x, duration d) { x.drain_timeout = d; });
  not_negative(*this, "backoff.stable_after", [](options& x, duration d) { x.backoff.stable_after = d; });
  not_negative(*this, "backoff.first_retry_spread", [](options& x, duration d) { x.backoff.first_retry_spread = d; });
  not_negative(*this, "queue.time_to_live", [](options& x, duration d) { x.queue.time_to_live = d; });
  not_negative(*this, "delivery.barrier_interval", [](options& x, duration d) { x.delivery.barrier_interval = d; });
}

BOOST_AUTO_TEST_CASE(names_a_backoff_that_does_not_back_off) {
  o.backoff.max = o.backoff.initial - 1ns;
  refused("backoff.max");
  for (const double bad :
       {0.5, 0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    o.backoff.multiplier = bad;
    refused("backoff.multiplier");
  }
  o.backoff.max = o.backoff.initial;
  o.backoff.multiplier = 1;
  o.backoff.max_attempts = unlimited;
  accepted();
}

BOOST_AUTO_TEST_CASE(asks_a_custom_heartbeat_for_its_codec) {
  o.heartbeat.kind = heartbeat_kind::custom;
  refused("heartbeat.codec.make_ping");
  o.heartbeat.kind = heartbeat_kind::custom;
  o.heartbeat.codec.make_ping = [](std::uint64_t) { return message("ping"); };
  refused("heartbeat.codec.read_pong");
  o.heartbeat.kind = heartbeat_kind::custom;
  o.heartbeat.codec.make_ping = [](std::uint64_t) { return message("ping"); };
  o.heartbeat.codec.read_pong = [](const message&) { return std::optional<std::uint64_t>(); };
  accepted();
}

BOOST_AUTO_TEST_CASE(asks_for_certificate_and_key_together) {
  o.tls.certificate_file = "cert.pem";
  refused("tls.private_key_file");
  o.tls.private_key_file = "key.pem";
  refused("tls.certificate_file");
  o.tls.server_name = "two words";
  refused("tls.server_name");
}

BOOST_AUTO_TEST_CASE(asks_for_a_sink_when_there_is_something_to_log) {
  o.log.level = log_level::info;
  refused("log.sink");
}

BOOST_AUTO_TEST_CASE(names_values_that_no_name_was_given_to) {
  o.queue.overflow = static_cast<overflow>(9);
  refused("queue.overflow");
  o.delivery.mode = static_cast<delivery_mode>(-1);
  refused("delivery.mode");
  o.heartbeat.kind = static_cast<heartbeat_kind>(9);
  refused("heartbeat.kind");
  o.backoff.jitter = static_cast<jitter>(9);
  refused("backoff.jitter");
  o.session = static_cast<session_use>(9);
  refused("session");
  o.log.level = static_cast<log_level>(9);
  refused("log.level");
}

BOOST_AUTO_TEST_SUITE_END()
