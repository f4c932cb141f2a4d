// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The upgrade: what is asked, and every answer that is not one.
#include "rig.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>

using namespace transport_test;

namespace {

cause cause_of_answer(const std::string& answer) {
  rig r;
  cause why;
  r.run([&]() -> asio::awaitable<void> {
    connect_result made = co_await connect_to_answer(r, answer);
    BOOST_TEST(!made.conn);
    why = made.why;
  });
  return why;
}

// What a server of ours says to this request.
std::string answer_of(rig& r, const std::string& request) {
  std::string answer;
  r.run([&]() -> asio::awaitable<void> {
    auto take = [](rig& world) -> asio::awaitable<void> {
      handshake_result ended = co_await accept(world);
      if (ended.conn) ended.conn->abort();
    };
    r.start(take(r));
    tcp::socket peer(r.strand);
    co_await peer.async_connect(r.endpoint(), asio::use_awaitable);
    co_await send(peer, request);
    error_code ignored;
    peer.shutdown(tcp::socket::shutdown_send, ignored);
    answer = co_await read_all(peer);
  });
  return answer;
}

std::string upgrade_request_text(std::string_view more) {
  return "GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
         std::string(more) + "\r\n";
}

constexpr const char* good_key = "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n";
constexpr const char* good_version = "Sec-WebSocket-Version: 13\r\n";

}  // namespace

BOOST_AUTO_TEST_CASE(an_answer_with_a_status_that_does_not_exist_is_no_answer) {
  for (const char* const status : {"000", "099"}) {
    const cause why = cause_of_answer(std::string("HTTP/1.1 ") + status + " Odd\r\n\r\n");
    BOOST_TEST(why.code == errc::not_websocket);
    BOOST_TEST((why.where == phase::upgrade));
  }
}

BOOST_AUTO_TEST_CASE(the_request_has_what_was_asked_for_and_the_handshake_s_own_fields_stay) {
  rig r;
  r.request.url = "ws://us%65r:pa%3Ass@127.0.0.1:" + std::to_string(r.endpoint().port()) + "/a/b?c=d";
  r.request.headers = {header("X-One", "1"), header("Connection", "close"), header("Sec-WebSocket-Key", "mine")};
  r.request.subprotocols = {"one", "two"};
  r.client.compress = true;
  r.run([&]() -> asio::awaitable<void> {
    std::string text;
    auto take = [](rig& world, std::string& out) -> asio::awaitable<void> {
      tcp::socket peer = co_await accept_raw(world, &out);
    };
    r.start(take(r, text));
    connect_result made = co_await connect(r);
    BOOST_TEST(!made.conn, made.why.describe());
    BOOST_TEST(text.starts_with("GET /a/b?c=d HTTP/1.1\r\n"));
    BOOST_TEST(text.find("Host: 127.0.0.1:" + std::to_string(r.endpoint().port()) + "\r\n") != std::string::npos);
    BOOST_TEST(text.find("User-Agent: tautline/0.1.0\r\n") != std::string::npos);
    BOOST_TEST(text.find("Authorization: Basic dXNlcjpwYTpzcw==\r\n") != std::string::npos);
    BOOST_TEST(text.find("Sec-WebSocket-Protocol: one, two\r\n") != std::string::npos);
    BOOST_TEST(text.find("Sec-WebSocket-Extensions: permessage-deflate") != std::string::npos);
    BOOST_TEST(text.find("X-One: 1\r\n") != std::string::npos);
    BOOST_TEST(text.find("close") == std::string::npos);
    BOOST_TEST(text.find("mine") == std::string::npos);
  });
}

BOOST_AUTO_TEST_CASE(given_fields_replace_the_defaults) {
  rig r;
  r.request.url = "ws://user:pass@127.0.0.1:" + std::to_string(r.endpoint().port());
  r.request.headers = {header("user-agent", "mine"), header("HOST", "other"), header("authorization", "Bearer t")};
  r.run([&]() -> asio::awaitable<void> {
    std::string text;
    auto take = [](rig& world, std::string& out) -> asio::awaitable<void> {
      tcp::socket peer = co_await accept_raw(world, &out);
    };
    r.start(take(r, text));
    connect_result made = co_await connect(r);
    BOOST_TEST(text.find("tautline") == std::string::npos);
    BOOST_TEST(text.find("Basic") == std::string::npos);
    BOOST_TEST(text.find("Host: 127") == std::string::npos);
    BOOST_TEST(text.find("HOST: other\r\n") != std::string::npos);
  });
}

BOOST_AUTO_TEST_CASE(a_field_that_would_break_the_request_apart_is_refused) {
  rig r;
  r.request.headers = {header("X-Evil", "a\r\nX-Injected: b")};
  r.run([&]() -> asio::awaitable<void> {
    connect_result made = co_await connect(r);
    BOOST_TEST(made.why.code == errc::invalid_options);
    BOOST_TEST(made.why.what_follows == verdict::fatal);
    BOOST_TEST(made.why.detail.find("Injected") == std::string::npos);
  });
}

BOOST_AUTO_TEST_CASE(a_url_that_cannot_be_read_is_fatal) {
  rig r;
  r.request.url = "http://user:secret@nowhere";
  r.run([&]() -> asio::awaitable<void> {
    connect_result made = co_await connect(r);
    BOOST_TEST(made.why.where == phase::url);
    BOOST_TEST(made.why.code == errc::invalid_url);
    BOOST_TEST(made.why.what_follows == verdict::fatal);
    BOOST_TEST(made.why.detail.find("secret") == std::string::npos);
  });
}

BOOST_AUTO_TEST_CASE(a_refusal_gives_its_status_and_when_to_come_back) {
  const cause why = cause_of_answer("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 1000000\r\n\r\nx");
  BOOST_TEST(why.where == phase::upgrade);
  BOOST_TEST(why.http_status == 503U);
  BOOST_TEST(why.code.value() == 503);
  BOOST_TEST((why.retry_after == std::chrono::seconds(7)));
}

BOOST_AUTO_TEST_CASE(an_interim_answer_is_not_the_answer) {
  const cause why = cause_of_answer("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n");
  BOOST_TEST(why.http_status == 404U);
}

BOOST_AUTO_TEST_CASE(a_page_that_throws_is_a_server_error) {
  rig r;
  r.server.serve_page = [](std::string_view) -> server_options::page { throw std::runtime_error("secret"); };
  const std::string answer = answer_of(r, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_TEST(answer.substr(9, 3) == "500");
  BOOST_TEST(answer.find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_redirect_gives_its_location) {
  const cause why = cause_of_answer("HTTP/1.1 307 Temporary\r\nLocation: ws://127.0.0.1:1/other\r\n\r\n");
  BOOST_TEST(why.http_status == 307U);
  BOOST_TEST(why.location == "ws://127.0.0.1:1/other");
}

BOOST_AUTO_TEST_CASE(garbage_instead_of_an_upgrade_is_not_a_websocket) {
  for (const std::string& garbage : {std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"), std::string(100, '\0'),
                                     std::string("\x15\x03\x01\x00\x02\x02\x28")}) {
    const cause why = cause_of_answer(garbage);
    BOOST_TEST(why.where == phase::upgrade);
    BOOST_TEST((why.code == errc::not_websocket || why.code == asio::error::eof));
  }
}

BOOST_AUTO_TEST_CASE(an_answer_that_breaks_the_handshake_is_told_from_a_refusal) {
  for (const std::string answer :
       {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
        "HTTP/1.1 101 x\r\nConnection: Upgrade\r\n\r\n", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.0 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"}) {
    const cause why = cause_of_answer(answer);
    BOOST_TEST(why.code == errc::bad_upgrade);
    BOOST_TEST(!why.detail.empty());
  }
}

BOOST_AUTO_TEST_CASE(what_was_not_offered_may_not_be_chosen) {
  const auto cause_of = [](std::string_view more) {
    rig r;
    cause why;
    r.run([&]() -> asio::awaitable<void> {
      auto serve = [](rig& world, std::string fields) -> asio::awaitable<void> {
        std::string request;
        tcp::socket peer = co_await accept_raw(world, &request);
        co_await send(peer, answer_to(request, fields));
        co_await read_all(peer);
      };
      r.start(serve(r, std::string(more)));
      connect_result made = co_await connect(r);
      why = made.why;
    });
    return why;
  };
  BOOST_TEST(cause_of("Sec-WebSocket-Protocol: chat\r\n").code == errc::subprotocol_refused);
  BOOST_TEST(cause_of("Sec-WebSocket-Extensions: permessage-deflate\r\n").code == errc::bad_upgrade);
}

BOOST_AUTO_TEST_CASE(headers_without_measure_are_given_up) {
  BOOST_TEST(cause_of_answer("HTTP/1.1 101 x\r\nX: " + std::string(65'536, 'x') + "\r\n\r\n").code ==
             errc::header_too_large);
  std::string many = "HTTP/1.1 101 x\r\n";
  for (int i = 0; i < 5'000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  BOOST_TEST(cause_of_answer(many).code == errc::header_too_large);
  BOOST_TEST(cause_of_answer("HTTP/1.1 101 " + std::string(65'536, 'x')).code == errc::header_too_large);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_answers_is_given_up_at_the_deadline) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    auto serve = [](rig& world) -> asio::awaitable<void> {
      tcp::socket peer = co_await accept_raw(world);
      world.time->advance(std::chrono::seconds(11));
      co_await read_all(peer);
    };
    r.start(serve(r));
    connect_result made = co_await connect(r);
    BOOST_TEST(made.why.where == phase::upgrade);
    BOOST_TEST(made.why.code == errc::connect_timeout);
  });
}

BOOST_AUTO_TEST_CASE(a_refused_port_is_the_system_s_error) {
  rig r;
  r.request.url = r.url();
  r.acceptor.close();
  r.run([&]() -> asio::awaitable<void> {
    connect_result made = co_await connect(r);
    BOOST_TEST(made.why.where == phase::connect);
    BOOST_TEST(made.why.code == asio::error::connection_refused);
  });
}

BOOST_AUTO_TEST_CASE(the_connection_knows_what_was_agreed_on) {
  rig r;
  r.request.subprotocols = {"b", "a"};
  r.server.subprotocols = {"a", "b"};
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    BOOST_TEST_REQUIRE(ends.client.conn);
    BOOST_TEST(ends.client.conn->info().subprotocol == "a");
    BOOST_TEST(ends.server.conn->info().subprotocol == "a");
    BOOST_TEST(ends.client.conn->info().peer == "127.0.0.1:" + std::to_string(r.endpoint().port()));
    BOOST_TEST(ends.server.request.target == "/path?q=1");
  });
}

BOOST_AUTO_TEST_CASE(each_wrong_request_gets_its_own_answer) {
  rig r;
  const auto status = [&r](const std::string& request) { return answer_of(r, request).substr(9, 3); };
  BOOST_TEST(status("GET / HTTP/1.1\r\nHost: x\r\n\r\n") == "404");
  BOOST_TEST(status("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc") == "405");
  BOOST_TEST(status("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc") == "400");
  BOOST_TEST(status(upgrade_request_text(good_version)) == "400");
  BOOST_TEST(status(upgrade_request_text(std::string(good_version) + "Sec-WebSocket-Key: short\r\n")) == "400");
  BOOST_TEST(status(upgrade_request_text(std::string(good_key) + good_version)) == "101");
  BOOST_TEST(status("garbage\r\n\r\n") == "400");
  BOOST_TEST(status("GET / HTTP/1.1\r\nX: " + std::string(65'536, 'x')) == "431");
  const std::string old = answer_of(r, upgrade_request_text(std::string(good_key) + "Sec-WebSocket-Version: 8\r\n"));
  BOOST_TEST(old.substr(9, 3) == "426");
  BOOST_TEST(old.find("Sec-WebSocket-Version: 13\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_hook_that_never_answers_ends_with_the_deadline) {
  rig r;
  // Outlives the hook that waits on it.
  auto never = std::make_shared<tcp::acceptor>(r.strand, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  r.server.authorize = [never, &r](const upgrade_request&) -> asio::awaitable<authorization> {
    r.time->advance(std::chrono::seconds(11));
    tcp::socket nobody = co_await never->async_accept(asio::use_awaitable);
    co_return authorization::accept();
  };
  r.request.deadline += std::chrono::hours(1);
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    BOOST_TEST(ends.server.why == errc::handshake_timeout);
    BOOST_TEST(!ends.client.conn);
  });
}
