// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "bystander.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace session_sockets {
namespace {

server_options small_window(server_options o) {
  o.link.inbox.max_messages = 64;
  return o;
}

}  // namespace

watched_site::watched_site(asio::io_context& c, server_options o) : io(c), here(c, small_window(std::move(o))) {
  here.on_peer = [](end_point& p) { p.echoes = true; };
}

asio::awaitable<void> watched_site::open() {
  here.open();
  honest.emplace(link(io.get_executor(), client_options(here.url())));
  honest->start();
  honest->consume();
  co_await expect_undisturbed();
}

asio::awaitable<void> watched_site::expect_end(raw_peer& hostile, std::string error, std::uint16_t close) {
  const auto e = co_await hostile.until_closed();
  BOOST_TEST(e.error == error);
  BOOST_TEST(e.close == close);
  BOOST_TEST(e.words.contains("message"));
  co_await expect_undisturbed();
}

asio::awaitable<void> watched_site::expect_undisturbed() {
  (void)honest->send(std::to_string(++asked));
  co_await eventually([this] { return honest->got.size() >= static_cast<std::size_t>(asked); });
  BOOST_TEST(honest->got == numbers(1, asked), boost::test_tools::per_element());
  BOOST_TEST(honest->l.metrics().connections == 1U);
}

}  // namespace session_sockets
