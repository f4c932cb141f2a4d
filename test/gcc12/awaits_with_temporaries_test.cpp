// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What users write: temporaries of our types within co_await expressions. GCC 12 destroys aggregates
// twice there (docs/asio-traps.md), so none of our types is one. With g++ it is built with ASan, which
// notices. All strings are too long for the small-string buffer, so that there is something to destroy
// twice.
#define BOOST_TEST_DYN_LINK
#include <tautline/tautline.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::use_awaitable;
using tautline::stage;

const std::string long_text(100, 'x');

template <class... Types>
constexpr bool no_aggregate = !(std::is_aggregate_v<Types> || ...);

static_assert(
    no_aggregate<tautline::message, tautline::receipt, tautline::link, tautline::server, tautline::options,
                 tautline::server_options, tautline::server_options::page, tautline::header, tautline::target,
                 tautline::attempt_info, tautline::tls_options, tautline::heartbeat_codec, tautline::heartbeat_options,
                 tautline::queue_options, tautline::inbox_options, tautline::delivery_options, tautline::log_options,
                 tautline::backoff_options, tautline::backoff_input, tautline::attempt_budget, tautline::cause,
                 tautline::status, tautline::event, tautline::metrics, tautline::server_metrics,
                 tautline::upgrade_request, tautline::authorization, tautline::environment>,
    "an aggregate as a temporary in a co_await expression is destroyed twice by GCC 12");

asio::awaitable<void> echo(tautline::link peer) {
  peer.async_run(asio::detached);
  for (;;) {
    tautline::message m = co_await peer.async_receive(use_awaitable);
    co_await peer.async_send(std::move(m), use_awaitable);
  }
}

asio::awaitable<void> serve(tautline::server& server) {
  for (;;) {
    tautline::link peer = co_await server.async_accept(use_awaitable);
    const auto executor = peer.get_executor();  // before it is moved
    asio::co_spawn(executor, echo(std::move(peer)), asio::detached);
  }
}

using script = asio::awaitable<void> (*)(tautline::link&);

asio::awaitable<void> play(tautline::link& link, script talk) {
  co_await talk(link);
  co_await link.async_close(use_awaitable);
}

// A client that closes before it is welcomed has not said that it will not come back.
tautline::server_options forgetful() {
  tautline::server_options o;
  o.retain = 100ms;
  return o;
}

struct echo_server {
  echo_server() : server(io.get_executor(), forgetful()) {
    BOOST_REQUIRE(!server.listen());
    asio::co_spawn(io, serve(server), asio::detached);
  }

  void run(asio::awaitable<void> talk) {
    std::exception_ptr failure;
    bool ended = false;
    asio::co_spawn(io, std::move(talk), [&](std::exception_ptr e) {
      failure = e;
      ended = true;
      server.cancel();
    });
    io.run_for(20s);
    BOOST_REQUIRE_MESSAGE(ended, "the conversation did not end");
    if (failure) std::rethrow_exception(failure);
  }

  void run(script talk) {
    tautline::link link(io.get_executor(), tautline::options(server.url()));
    link.async_run(asio::detached);
    run(play(link, talk));
  }

  asio::io_context io;
  tautline::server server;
};

asio::awaitable<void> expect(tautline::link& link, std::string_view wanted) {
  const tautline::message m = co_await link.async_receive(use_awaitable);
  BOOST_TEST(m.payload() == wanted);
}

asio::awaitable<void> send_literals(tautline::link& link) {
  co_await link.async_send("a literal that is longer than any small-string buffer", use_awaitable);
  co_await link.async_send({"a braced literal that is longer than any small-string buffer"}, use_awaitable);
  co_await link.async_send({"a braced literal, awaited until it is delivered"}, stage::delivered, use_awaitable);
  co_await expect(link, "a literal that is longer than any small-string buffer");
  co_await expect(link, "a braced literal that is longer than any small-string buffer");
  co_await expect(link, "a braced literal, awaited until it is delivered");
}

asio::awaitable<void> send_strings(tautline::link& link) {
  co_await link.async_send(long_text + "1", use_awaitable);
  co_await link.async_send({long_text + "2"}, stage::written, use_awaitable);
  co_await link.async_send(std::string(long_text) += "3", stage::delivered, use_awaitable);
  co_await link.async_send(std::string_view(long_text), use_awaitable);
  for (const char* end : {"1", "2", "3", ""}) co_await expect(link, long_text + end);
}

asio::awaitable<void> send_messages(tautline::link& link) {
  co_await link.async_send(tautline::message{long_text + "1"}.key(long_text + "key"), use_awaitable);
  co_await link.async_send(tautline::message(long_text + "2").time_to_live(1h).urgency(tautline::priority::normal),
                           stage::delivered, use_awaitable);
  co_await link.async_send(tautline::message::binary(long_text + "3"), stage::delivered, use_awaitable);
  co_await link.async_send({tautline::payload_kind::binary, long_text + "4"}, use_awaitable);
  co_await link.async_send(tautline::message::json(boost::json::value(long_text + "5")), use_awaitable);
  for (const char* end : {"1", "2", "3", "4"}) co_await expect(link, long_text + end);
  co_await expect(link, '"' + long_text + "5\"");
}

asio::awaitable<void> send_in_loops(tautline::link& link) {
  for (int i = 0; i < 50; ++i) {
    const std::tuple<tautline::error_code, tautline::receipt> sent = co_await link.async_send(
        {long_text + std::to_string(i)}, i % 10 == 0 ? stage::delivered : stage::queued, asio::as_tuple(use_awaitable));
    BOOST_TEST(!std::get<0>(sent));
    BOOST_TEST(std::get<1>(sent).valid());
  }
  for (int i = 0; i < 50; ++i) {
    const auto got = co_await link.async_receive(asio::as_tuple(use_awaitable));
    BOOST_TEST(std::get<1>(got).payload() == long_text + std::to_string(i));
  }
}

asio::awaitable<void> send_what_is_refused(tautline::link& link) {
  for (int i = 0; i < 10; ++i) {
    tautline::error_code ec;
    co_await link.async_send({long_text + "\xff"}, stage::delivered, asio::redirect_error(use_awaitable, ec));
    BOOST_TEST(ec == make_error_code(tautline::errc::invalid_utf8));
  }
  bool thrown = false;
  try {
    co_await link.async_send({long_text + "\xff"}, use_awaitable);
  } catch (const boost::system::system_error& e) { thrown = e.code() == tautline::errc::invalid_utf8; }
  BOOST_TEST(thrown);
}

asio::awaitable<void> await_temporary_receipts(tautline::link& link) {
  const tautline::outcome o =
      co_await (co_await link.async_send({long_text}, use_awaitable)).async_wait(stage::delivered, use_awaitable);
  BOOST_TEST(to_string(o) == "delivered");
  BOOST_TEST((co_await link.async_receive(use_awaitable)).payload() == long_text);
}

// A user's own coroutines, which take our types by value.
asio::awaitable<void> converse(tautline::options opts, std::string greeting) {
  const auto executor = co_await asio::this_coro::executor;
  tautline::link link(executor, std::move(opts));
  link.async_run(asio::detached);
  co_await link.async_send(std::move(greeting), stage::delivered, use_awaitable);
  co_await link.async_close(use_awaitable);
}

asio::awaitable<void> converse(tautline::link link) {
  link.async_run(asio::detached);
  co_await link.async_send({long_text}, stage::delivered, use_awaitable);
  co_await link.async_close(use_awaitable);
}

tautline::options with_header(std::string url, tautline::header h) {
  tautline::options opts(std::move(url));
  opts.headers.push_back(std::move(h));
  return opts;
}

asio::awaitable<void> build_in_place(const std::string& url) {
  const auto executor = co_await asio::this_coro::executor;
  co_await converse(tautline::options(url), long_text + "greeting");
  co_await converse(with_header(url, {"X-Long", long_text}), {long_text + "greeting"});
  co_await converse(tautline::link(executor, tautline::options(url)));
  co_await converse({executor, with_header(url, {"X-Long", long_text})});
}

asio::awaitable<std::size_t> take(tautline::target t, tautline::cause why, tautline::event e) {
  co_return t.url.size() + why.detail.size() + e.message.size();
}

asio::awaitable<std::size_t> peek(const tautline::target& t, const tautline::heartbeat_codec& codec) {
  co_return t.url.size() + (codec.make_ping ? 1U : 0U);
}

asio::awaitable<void> pass_values(tautline::link&) {
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(co_await take(tautline::target(long_text), tautline::cause(), tautline::event()) == long_text.size());
    BOOST_TEST(co_await peek(tautline::target(long_text), tautline::heartbeat_codec()) == long_text.size());
  }
}

BOOST_FIXTURE_TEST_SUITE(awaits_with_temporaries, echo_server)

BOOST_AUTO_TEST_CASE(literals_can_be_sent) { run(send_literals); }
BOOST_AUTO_TEST_CASE(strings_made_on_the_spot_can_be_sent) { run(send_strings); }
BOOST_AUTO_TEST_CASE(messages_made_on_the_spot_can_be_sent) { run(send_messages); }
BOOST_AUTO_TEST_CASE(sends_in_loops_keep_their_payloads) { run(send_in_loops); }
BOOST_AUTO_TEST_CASE(a_refused_send_destroys_its_message_once) { run(send_what_is_refused); }
BOOST_AUTO_TEST_CASE(receipts_and_messages_can_be_used_on_the_spot) { run(await_temporary_receipts); }
BOOST_AUTO_TEST_CASE(links_and_options_can_be_made_on_the_spot) { run(build_in_place(server.url())); }
BOOST_AUTO_TEST_CASE(value_types_can_be_passed_on_the_spot) { run(pass_values); }

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
