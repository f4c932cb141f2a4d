// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// wss: who is trusted, who is not and why, and sessions that are resumed.
#include "certificates.hpp"
#include "rig.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <string>

using namespace transport_test;

namespace {

certificate_office& office() {
  static certificate_office o;
  return o;
}

struct tls_rig : rig {
  explicit tls_rig(const certificate_files& files) {
    serve_tls(files.certificate, files.key);
    client.tls.ca_file = office().authority();
  }
};

void expect_refusal(rig& r, std::string_view reason) {
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    const cause& why = ends.client.why;
    BOOST_TEST(!ends.client.conn);
    BOOST_TEST(why.where == phase::tls);
    BOOST_TEST(why.what_follows == verdict::fatal);
    BOOST_TEST(bool(why.code));
    BOOST_TEST(why.detail.find(reason) != std::string::npos, why.detail);
    BOOST_TEST(!ends.server.conn);
    BOOST_TEST(bool(ends.server.why));
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_verified_server_is_talked_to) {
  tls_rig r(office().issue());
  r.request.url = r.url("wss", "localhost");
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    BOOST_TEST_REQUIRE(ends.client.conn, ends.client.why.describe());
    BOOST_TEST(ends.client.conn->info().tls);
    BOOST_TEST(ends.server.conn->info().tls);
    const std::string large(300'000, 'x');
    (void)ends.client.conn->write(large, payload_kind::text);
    const error_code unsent = co_await ends.client.conn->async_flush(large.size());
    BOOST_TEST(!unsent);
    const received got = co_await receive(*ends.server.conn);
    BOOST_TEST((got.body.payload() == large));
  });
}

BOOST_AUTO_TEST_CASE(an_address_is_verified_too) {
  tls_rig good(office().issue());
  good.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(good);
    BOOST_TEST(bool(ends.client.conn), ends.client.why.describe());
  });
  certificate_request names_only;
  names_only.alternatives = "DNS:localhost";
  tls_rig bad(office().issue(names_only));
  expect_refusal(bad, "IP address mismatch");
}

BOOST_AUTO_TEST_CASE(an_authority_may_be_given_as_text) {
  tls_rig r(office().issue());
  std::ifstream file(r.client.tls.ca_file);
  r.client.tls.ca_pem.assign(std::istreambuf_iterator<char>(file), {});
  r.client.tls.ca_file.clear();
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    BOOST_TEST(bool(ends.client.conn), ends.client.why.describe());
  });
}

BOOST_AUTO_TEST_CASE(the_wrong_host_is_refused) {
  certificate_request other;
  other.name = "example.org";
  other.alternatives = "DNS:example.org";
  tls_rig r(office().issue(other));
  r.request.url = r.url("wss", "localhost");
  expect_refusal(r, "hostname mismatch");
}

BOOST_AUTO_TEST_CASE(the_name_to_check_may_be_given) {
  certificate_request other;
  other.name = "example.org";
  other.alternatives = "DNS:example.org";
  tls_rig r(office().issue(other));
  r.client.tls.server_name = "example.org";
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    BOOST_TEST(bool(ends.client.conn), ends.client.why.describe());
  });
}

BOOST_AUTO_TEST_CASE(an_expired_certificate_is_refused) {
  certificate_request old;
  old.valid_from = -7200;
  old.valid_until = -3600;
  tls_rig r(office().issue(old));
  expect_refusal(r, "certificate has expired");
}

BOOST_AUTO_TEST_CASE(a_self_signed_certificate_is_refused) {
  tls_rig r(office().self_signed());
  expect_refusal(r, "self-signed certificate");
}

BOOST_AUTO_TEST_CASE(an_authority_that_is_not_known_is_refused) {
  certificate_office stranger;
  tls_rig r(stranger.issue());
  expect_refusal(r, "certificate verification failed");
}

BOOST_AUTO_TEST_CASE(without_verification_anyone_is_talked_to) {
  tls_rig r(office().self_signed());
  r.client.tls.verify = false;
  r.run([&]() -> asio::awaitable<void> {
    both_ends ends = co_await connect_both(r);
    BOOST_TEST(bool(ends.client.conn), ends.client.why.describe());
  });
}

BOOST_AUTO_TEST_CASE(plain_http_on_a_wss_port_is_said_so) {
  rig r;
  r.request.url = r.url("wss");
  r.run([&]() -> asio::awaitable<void> {
    auto serve = [](rig& world) -> asio::awaitable<void> {
      tcp::socket peer = co_await world.acceptor.async_accept(asio::use_awaitable);
      co_await read_exactly(peer, 10);
      co_await send(peer, "HTTP/1.1 400 Bad Request\r\n\r\n");
      co_await read_all(peer);
    };
    r.start(serve(r));
    connect_result made = co_await connect(r);
    BOOST_TEST(made.why.where == phase::tls);
    BOOST_TEST(made.why.detail.find("plain HTTP") != std::string::npos, made.why.detail);
    BOOST_TEST(made.why.what_follows == verdict::retry);
  });
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_answers_tls_is_given_up_at_the_deadline) {
  rig r;
  r.request.url = r.url("wss");
  r.run([&]() -> asio::awaitable<void> {
    auto serve = [](rig& world) -> asio::awaitable<void> {
      tcp::socket peer = co_await world.acceptor.async_accept(asio::use_awaitable);
      co_await read_exactly(peer, 10);
      world.time->advance(std::chrono::seconds(11));
      co_await read_all(peer);
    };
    r.start(serve(r));
    connect_result made = co_await connect(r);
    BOOST_TEST(made.why.where == phase::tls);
    BOOST_TEST(made.why.code == errc::connect_timeout);
  });
}

BOOST_AUTO_TEST_CASE(a_client_that_never_starts_tls_is_given_up_at_the_deadline) {
  tls_rig r(office().issue());
  r.run([&]() -> asio::awaitable<void> {
    tcp::socket silent(r.strand);
    co_await silent.async_connect(r.endpoint(), asio::use_awaitable);
    co_await send(silent, "\x16");
    auto wait = [](rig& world) -> asio::awaitable<void> {
      world.time->advance(std::chrono::seconds(11));
      co_return;
    };
    auto take = [](rig& world, handshake_result& out, bool& done) -> asio::awaitable<void> {
      out = co_await accept(world);
      done = true;
    };
    handshake_result ended;
    bool done = false;
    r.start(take(r, ended, done));
    co_await eventually([&r] { return r.time->waiting() != 0; });
    co_await wait(r);
    co_await eventually([&done] { return done; });
    BOOST_TEST(ended.why == errc::handshake_timeout);
  });
}

BOOST_AUTO_TEST_CASE(a_session_is_resumed_after_a_connection_that_broke) {
  tls_rig r(office().issue());
  r.run([&]() -> asio::awaitable<void> {
    for (const bool again : {false, true, true}) {
      both_ends ends = co_await connect_both(r);
      BOOST_TEST_REQUIRE(ends.client.conn, ends.client.why.describe());
      BOOST_TEST(ends.client.conn->info().tls_resumed == again);
      // Tickets come with the first bytes that are read.
      (void)ends.server.conn->write("hello", payload_kind::text);
      const error_code unsent = co_await ends.server.conn->async_flush(0);
      BOOST_TEST(!unsent);
      const received got = co_await receive(*ends.client.conn);
      BOOST_TEST(got.body.payload() == "hello");
      ends.server.conn->abort();
      const received end = co_await receive(*ends.client.conn);
      BOOST_TEST(bool(end.ec));
    }
  });
}

BOOST_AUTO_TEST_CASE(sessions_are_not_kept_if_that_is_switched_off) {
  tls_rig r(office().issue());
  r.client.tls.session_tickets = false;
  r.run([&]() -> asio::awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      both_ends ends = co_await connect_both(r);
      BOOST_TEST_REQUIRE(ends.client.conn, ends.client.why.describe());
      BOOST_TEST(!ends.client.conn->info().tls_resumed);
      (void)ends.server.conn->write("hello", payload_kind::text);
      const error_code unsent = co_await ends.server.conn->async_flush(0);
      BOOST_TEST(!unsent);
      const received got = co_await receive(*ends.client.conn);
      BOOST_TEST(got.body.payload() == "hello");
    }
  });
}

BOOST_AUTO_TEST_CASE(a_client_shows_its_certificate_to_a_server_that_wants_one) {
  const certificate_files own = office().issue();
  for (const bool shown : {true, false}) {
    rig r;
    r.client.tls.ca_file = r.server.tls.ca_file = office().authority();
    const certificate_files files = office().issue();
    r.serve_tls(files.certificate, files.key);
    if (shown) {
      r.client.tls.certificate_file = own.certificate;
      r.client.tls.private_key_file = own.key;
    }
    r.run([&]() -> asio::awaitable<void> {
      both_ends ends = co_await connect_both(r);
      BOOST_TEST(bool(ends.client.conn) == shown, ends.client.why.describe());
    });
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_used_is_named) {
  rig r;
  r.request.url = r.url("wss");
  r.client.tls.ca_file = "/nowhere/ca.pem";
  r.run([&]() -> asio::awaitable<void> {
    connect_result made = co_await connect(r);
    BOOST_TEST(made.why.what_follows == verdict::fatal);
    BOOST_TEST(made.why.detail.find("/nowhere/ca.pem") != std::string::npos, made.why.detail);
  });
  tls_options o;
  o.certificate_file = office().issue().certificate;
  o.private_key_file = office().issue().key;
  error_code ec;
  std::string detail;
  BOOST_TEST(!make_tls_acceptor(o, ec, detail));
  BOOST_TEST(bool(ec));
  BOOST_TEST(detail.find("private_key_file") != std::string::npos, detail);
}
