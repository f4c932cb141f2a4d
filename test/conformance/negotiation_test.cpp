// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// RFC 7692, 5 and 7.1: which parameters of permessage-deflate are offered, accepted and refused.
#include "ends.hpp"
#include "script.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace conformance {
namespace {

using tautline::errc;

// What a client of ours makes of a server's answer to its offer.
struct answer_case {
  const char* extensions;  ///< nullptr: no such header
  bool accepted;
};

const answer_case answers[] = {
    {nullptr, true},
    {"permessage-deflate", true},
    {"Permessage-Deflate", true},
    {"permessage-deflate; server_no_context_takeover", true},
    {"permessage-deflate; client_no_context_takeover", true},
    {"permessage-deflate; server_no_context_takeover; client_no_context_takeover", true},
    {"permessage-deflate; server_max_window_bits=15", true},
    {"permessage-deflate; server_max_window_bits=9", true},
    {"permessage-deflate; server_max_window_bits=\"10\"", true},
    {"permessage-deflate; client_max_window_bits=15", true},
    {"permessage-deflate; client_max_window_bits=9", true},
    {"permessage-deflate;server_max_window_bits=12;client_max_window_bits=12", true},
    {"permessage-deflate; server_max_window_bits=16", false},
    {"permessage-deflate; server_max_window_bits=7", false},
    {"permessage-deflate; server_max_window_bits=0", false},
    {"permessage-deflate; server_max_window_bits=08", false},
    {"permessage-deflate; server_max_window_bits=-9", false},
    {"permessage-deflate; server_max_window_bits", false},
    {"permessage-deflate; server_max_window_bits=", false},
    {"permessage-deflate; server_max_window_bits=ten", false},
    {"permessage-deflate; client_max_window_bits", false},
    {"permessage-deflate; client_max_window_bits=16", false},
    {"permessage-deflate; client_max_window_bits=7", false},
    {"permessage-deflate; server_no_context_takeover=1", false},
    {"permessage-deflate; client_no_context_takeover=true", false},
    {"permessage-deflate; server_no_context_takeover; server_no_context_takeover", false},
    {"permessage-deflate; server_max_window_bits=10; server_max_window_bits=10", false},
    {"permessage-deflate; unheard_of", false},
    {"permessage-deflate; unheard_of=5", false},
    {"permessage-deflate, permessage-deflate", false},
    {"permessage-deflate, x-webkit-deflate-frame", false},
    {"x-webkit-deflate-frame", false},
    {"permessage-bzip2", false},
    {"permessage-deflates", false},
};

enum class offer { compression, nothing };

// The error of a client whose server answers with these extensions; none: it is connected.
tautline::error_code outcome_of(const char* extensions, offer made, std::string& offered) {
  tautline::error_code outcome;
  run([&](asio::io_context& io) -> asio::awaitable<void> {
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    auto options = client_options(acceptor.local_endpoint());
    options.compress = made == offer::compression;
    tautline::link ours(io.get_executor(), std::move(options));
    bool over = false;
    ours.async_run([&over](tautline::error_code) { over = true; });
    tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
    const auto request = co_await read_head(peer);
    offered = field_of(request, "Sec-WebSocket-Extensions");
    const auto field =
        extensions == nullptr ? std::string() : "Sec-WebSocket-Extensions: " + std::string(extensions) + "\r\n";
    co_await write(peer, upgrade_answer_to(request, field));
    std::function<bool()> decided = [&] { return over || ours.status().state == tautline::link_state::connected; };
    co_await eventually(std::move(decided));
    if (over) outcome = ours.status().why.code;
    ours.cancel();
  });
  return outcome;
}

// What a server of ours makes of a client's offer.
struct offer_case {
  const char* offered;
  const char* answered;  ///< "": not compressed
};

const offer_case offers[] = {
    {"permessage-deflate", "permessage-deflate"},
    {"permessage-deflate; client_max_window_bits", "permessage-deflate"},
    {"permessage-deflate; client_max_window_bits=10", "permessage-deflate; client_max_window_bits=10"},
    {"permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10"},
    {"permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"},
    {"permessage-deflate; client_no_context_takeover", "permessage-deflate; client_no_context_takeover"},
    {"permessage-deflate; client_no_context_takeover; server_no_context_takeover",
     "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
    {"PERMESSAGE-DEFLATE", "permessage-deflate"},
    {"x-webkit-deflate-frame, permessage-deflate", "permessage-deflate"},
    {"permessage-deflate; server_max_window_bits=16", ""},
    {"permessage-deflate; server_max_window_bits=7", ""},
    {"permessage-deflate; server_max_window_bits", ""},
    {"permessage-deflate; server_max_window_bits=ten", ""},
    {"permessage-deflate; client_max_window_bits=16", ""},
    {"permessage-deflate; client_max_window_bits=7", ""},
    {"permessage-deflate; client_max_window_bits=ten", ""},
    {"permessage-deflate; server_no_context_takeover=1", ""},
    {"permessage-deflate; client_no_context_takeover=1", ""},
    {"permessage-deflate; server_no_context_takeover; server_no_context_takeover", ""},
    {"permessage-deflate; unheard_of", ""},
    {"permessage-deflate; unheard_of, permessage-deflate", "permessage-deflate"},
    // It may decline whatever it likes (RFC 7692, 5.1), and does so if the first offer is broken.
    {"permessage-deflate; server_max_window_bits=16, permessage-deflate", ""},
    {"permessage-bzip2; level=9, permessage-deflate", ""},
    {"x-webkit-deflate-frame", ""},
    {"permessage-bzip2", ""},
    {"", ""},
};

enum class server_use { compression, nothing };

// The header of a server's answer, and what comes back for a message that is sent as agreed.
std::string answer_to_offer(const char* offered, server_use use) {
  std::string answered;
  run([&](asio::io_context& io) -> asio::awaitable<void> {
    auto options = server_options();
    options.link.compress = use == server_use::compression;
    tautline::server server(io.get_executor(), std::move(options));
    BOOST_REQUIRE(!server.listen());
    tcp::socket peer(io);
    co_await peer.async_connect(server.local_endpoint(), asio::use_awaitable);
    const std::string field = *offered == '\0' ? "" : "Sec-WebSocket-Extensions: " + std::string(offered) + "\r\n";
    co_await write(peer, upgrade_request_with(field));
    const auto head = co_await read_head(peer);
    BOOST_TEST(head.starts_with("HTTP/1.1 101"));
    answered = field_of(head, "Sec-WebSocket-Extensions");
  });
  return answered;
}

std::vector<named_test> of_a_client() {
  std::vector<named_test> all;
  for (const auto& c : answers) {
    const std::string answer = c.extensions == nullptr ? "nothing" : c.extensions;
    all.emplace_back((c.accepted ? "takes " : "refuses ") + answer, [c] {
      std::string offered;
      const auto ec = outcome_of(c.extensions, offer::compression, offered);
      BOOST_TEST(offered == "permessage-deflate; client_max_window_bits");
      BOOST_TEST(ec == (c.accepted ? tautline::error_code() : make_error_code(errc::bad_upgrade)));
    });
  }
  all.emplace_back("refuses what it has not offered", [] {
    std::string offered;
    const auto ec = outcome_of("permessage-deflate", offer::nothing, offered);
    BOOST_TEST(offered.empty());
    BOOST_TEST(ec == make_error_code(errc::bad_upgrade));
  });
  return all;
}

std::vector<named_test> of_a_server() {
  std::vector<named_test> all;
  for (const auto& c : offers)
    all.emplace_back((*c.answered == '\0' ? "declines " : "accepts ") + std::string(c.offered),
                     [c] { BOOST_TEST(answer_to_offer(c.offered, server_use::compression) == c.answered); });
  all.emplace_back("declines everything if it does not compress",
                   [] { BOOST_TEST(answer_to_offer("permessage-deflate", server_use::nothing).empty()); });
  return all;
}

const table t1("negotiation_of_a_client", of_a_client());
const table t2("negotiation_of_a_server", of_a_server());

}  // namespace
}  // namespace conformance
