// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The pieces of code that the pages quote and that are too small to be programs, compiled and run.
#define BOOST_TEST_DYN_LINK
#include <tautline/tautline.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::use_awaitable;

tautline::options with_hook() {
  tautline::options opts("wss://feed.example/ticks");
  opts.classify = [](const tautline::cause& why) {
    if (why.close_code == 4003) return tautline::verdict::fatal;  // this service says: account closed
    return why.what_follows;                                      // all else as in the tables
  };
  return opts;
}

asio::awaitable<std::optional<tautline::message>> receive_within(tautline::link& link, tautline::duration limit) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(link.get_executor(), limit);
  auto first = co_await (link.async_receive(use_awaitable) || timer.async_wait(use_awaitable));
  if (first.index() == 1) co_return std::nullopt;  // too late; what comes now is for the next receive
  co_return std::get<0>(std::move(first));
}

// Takes it back if it is not yet written when the user presses Cancel.
void send_with_cancel(tautline::link& link, asio::cancellation_signal& pressed) {
  auto done = [](tautline::error_code ec, tautline::receipt r) {
    if (ec) std::cout << to_string(r.outcome()) << ": " << ec.message() << '\n';
  };
  link.async_send("order 17", tautline::stage::delivered,
                  asio::bind_cancellation_slot(pressed.slot(), std::move(done)));
}

tautline::options with_log(std::vector<std::string>& lines) {
  tautline::options opts("ws://127.0.0.1:9001/");
  opts.log.level = tautline::log_level::info;
  opts.log.sink = [&lines](tautline::log_level, std::string_view text) { lines.emplace_back(text); };
  return opts;
}

// A link and all that handles it on one strand of a pool: then its handlers need no lock either.
tautline::link make_link_on_a_strand(asio::any_io_executor pool, std::string url) {
  return tautline::link(asio::make_strand(pool), tautline::options(std::move(url)));
}

template <class Result>
Result finish(asio::io_context& io, asio::awaitable<Result> what) {
  std::optional<Result> result;
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(what), [&](std::exception_ptr e, Result r) {
    failure = e;
    result.emplace(std::move(r));
  });
  for (io.restart(); !result && io.run_one() > 0;) {}
  if (failure) std::rethrow_exception(failure);
  BOOST_REQUIRE(result.has_value());
  return std::move(*result);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(snippets)

BOOST_AUTO_TEST_CASE(the_hook_changes_one_verdict_and_keeps_the_others) {
  const auto opts = with_hook();
  BOOST_TEST(!opts.validate().has_value());
  tautline::cause why;
  why.close_code = 4003;
  BOOST_TEST(to_string(opts.classify(why)) == "fatal");
  why.close_code = 1012;
  BOOST_TEST(to_string(opts.classify(why)) == "retry");
}

BOOST_AUTO_TEST_CASE(a_receive_that_ran_out_of_time_loses_nothing) {
  asio::io_context io;
  tautline::server server(io.get_executor(), tautline::server_options());
  BOOST_REQUIRE(!server.listen());
  tautline::link link(io.get_executor(), tautline::options(server.url()));
  link.async_run(asio::detached);
  auto peer = finish(io, server.async_accept(use_awaitable));
  peer.async_run(asio::detached);

  BOOST_TEST(!finish(io, receive_within(link, 1ms)).has_value());
  BOOST_TEST(!peer.try_send("after the time"));
  const auto got = finish(io, receive_within(link, 60s));
  BOOST_REQUIRE(got.has_value());
  BOOST_TEST(got->payload() == "after the time");
}

BOOST_AUTO_TEST_CASE(a_cancelled_send_takes_back_what_is_not_written) {
  asio::io_context io;
  tautline::link link(io.get_executor(), tautline::options("ws://127.0.0.1:1/"));
  asio::cancellation_signal pressed;
  send_with_cancel(link, pressed);
  BOOST_TEST(link.metrics().pending == 1U);
  pressed.emit(asio::cancellation_type::total);
  io.run();
  BOOST_TEST(link.metrics().pending == 0U);
  BOOST_TEST(link.metrics().withdrawn == 1U);
}

BOOST_AUTO_TEST_CASE(the_log_goes_where_it_is_told) {
  std::vector<std::string> lines;
  asio::io_context io;
  auto opts = with_log(lines);
  opts.endpoints = {"ws://user:secret@127.0.0.1:1/?token=secret"};
  opts.backoff.max_attempts = 1;
  tautline::link link(io.get_executor(), std::move(opts));
  link.async_run(asio::detached);
  io.run();
  BOOST_TEST(!lines.empty());
  for (const auto& line : lines) BOOST_TEST(line.find("secret") == std::string::npos, line);
}

BOOST_AUTO_TEST_CASE(a_link_keeps_the_executor_that_it_was_given) {
  asio::io_context io;
  const tautline::link link = make_link_on_a_strand(io.get_executor(), "ws://127.0.0.1:1/");
  BOOST_TEST((link.get_executor() != asio::any_io_executor(io.get_executor())));
}

BOOST_AUTO_TEST_SUITE_END()
