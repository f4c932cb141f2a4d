// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The values that a server is told and tells.
#include <tautline/server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>

using namespace tautline;

namespace {

std::string fault_after(const std::function<void(server_options&)>& change) {
  server_options o;
  change(o);
  return o.validate().value_or("none");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(the_defaults_are_valid) { BOOST_TEST(!server_options().validate().has_value()); }

BOOST_AUTO_TEST_CASE(each_field_out_of_range_is_named) {
  const auto named = [](std::string_view field, const std::function<void(server_options&)>& change) {
    const auto fault = fault_after(change);
    BOOST_TEST(fault.starts_with(field), fault);
  };
  named("host ", [](auto& o) { o.host = "example.com"; });
  named("host ", [](auto& o) { o.host = ""; });
  named("tls.certificate_file ", [](auto& o) { o.tls.certificate_file = "cert.pem"; });
  named("max_connections ", [](auto& o) { o.max_connections = 0; });
  named("handshake_timeout ", [](auto& o) { o.handshake_timeout = duration::zero(); });
  named("max_header_bytes ", [](auto& o) { o.max_header_bytes = 0; });
  named("retry_after ", [](auto& o) { o.retry_after = std::chrono::seconds(-1); });
  named("retain ", [](auto& o) { o.retain = std::chrono::seconds(-1); });
  named("subprotocols ", [](auto& o) { o.subprotocols = {"not a token"}; });
  named("link.queue.max_messages ", [](auto& o) { o.link.queue.max_messages = 0; });
}

BOOST_AUTO_TEST_CASE(a_client_s_own_fields_are_not_looked_at) {
  const auto fault = fault_after([](auto& o) {
    o.link.endpoints = {"no url"};
    o.link.backoff.initial = duration::zero();
  });
  BOOST_TEST(fault == "none");
}

BOOST_AUTO_TEST_CASE(a_server_is_not_made_from_invalid_options) {
  asio::io_context io;
  server_options o;
  o.max_connections = 0;
  const auto names_the_field = [](const boost::system::system_error& e) {
    return e.code() == errc::invalid_options && std::string(e.what()).find("max_connections") != std::string::npos;
  };
  BOOST_CHECK_EXCEPTION(server(io.get_executor(), o), boost::system::system_error, names_the_field);
}

BOOST_AUTO_TEST_CASE(headers_are_found_whatever_their_case) {
  upgrade_request r;
  r.headers.emplace_back("X-Token", "one");
  r.headers.emplace_back("x-token", "two");
  BOOST_TEST(r.find("x-TOKEN") == "one");
  BOOST_TEST(r.find("x-toke") == "");
}

BOOST_AUTO_TEST_CASE(a_refusal_has_an_error_status) {
  BOOST_TEST(authorization::refuse(403).http_status == 403U);
  BOOST_TEST(authorization::refuse(200).http_status == 500U);
  BOOST_TEST(authorization::accept().http_status == 101U);
}

BOOST_AUTO_TEST_CASE(metrics_are_printed_for_prometheus) {
  server_metrics m;
  m.accepted = 7;
  m.open = 2;
  m.sessions_lost = 3;
  const auto text = prometheus_text(m);
  BOOST_TEST(text.find("# TYPE tautline_server_accepted_total counter\ntautline_server_accepted_total 7\n") !=
             std::string::npos);
  BOOST_TEST(text.find("# TYPE tautline_server_open gauge\ntautline_server_open 2\n") != std::string::npos);
  BOOST_TEST(text.find("tautline_server_sessions_lost_total 3\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
