// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Who consumes slowly slows the sender down, across any number of connections.
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>

namespace session_test {
namespace {

constexpr int window = 80, most_queued = 200, messages = 1'000;

template <class Options>
void make_small(Options& o) {
  o.inbox.max_messages = window;
  o.queue.max_messages = most_queued;
}

asio::awaitable<void> send_all(running& from, int& sent) {
  while (sent < messages) {
    co_await send(from, std::to_string(sent + 1));
    ++sent;
  }
}

/// A message from the slow side, which has passed everything that the fast side could send by then.
asio::awaitable<void> marker(running& slow, running& fast) {
  co_await send(slow, "marker");
  const auto text = co_await receive(fast);
  BOOST_TEST(text == "marker");
}

asio::awaitable<void> reconnect(testing::fault_proxy& p, running& client) {
  p.reset_all();
  co_await next(client, event_kind::down);
  co_await next(client, event_kind::resumed);
}

struct rig {
  explicit rig(asio::io_context& io) {
    auto so = quick_server();
    make_small(so.link);
    s = listening(io, so);
    proxy = proxy_to(io, s->local_endpoint());
    auto co = client_options(url_of(proxy->local_endpoint()));
    make_small(co);
    client = std::make_unique<running>(io, co);
  }
  std::unique_ptr<server> s;
  std::unique_ptr<testing::fault_proxy> proxy;
  std::unique_ptr<running> client;
};

asio::awaitable<void> fill_and_drain(asio::io_context& io, rig& r, running& fast, running& slow) {
  int sent = 0;
  asio::co_spawn(io, send_all(fast, sent), asio::detached);
  co_await eventually([&] { return sent == most_queued && slow->metrics().received == window; });
  for (int i = 0; i < 5; ++i) {
    co_await reconnect(*r.proxy, *r.client);
    co_await marker(slow, fast);
    BOOST_TEST(sent == most_queued);
    BOOST_TEST(slow->metrics().received == static_cast<std::uint64_t>(window));
    BOOST_TEST(fast->status().unconfirmed_messages == static_cast<std::size_t>(window));
  }
  // So many are consumed, so many more are taken from the sender.
  const bool first_ones = co_await receives_numbers(slow, 1, window / 2);
  BOOST_TEST(first_ones);
  co_await eventually([&] { return sent == most_queued + window / 2; });
  co_await eventually([&] { return slow->metrics().received == window + window / 2; });
  co_await marker(slow, fast);
  BOOST_TEST(sent == most_queued + window / 2);
  BOOST_TEST(slow->metrics().received == static_cast<std::uint64_t>(window + window / 2));
  const bool the_rest = co_await receives_numbers(slow, window / 2 + 1, messages);
  BOOST_TEST(the_rest);
  BOOST_TEST(sent == messages);
  co_await eventually([&] { return fast->metrics().pending == 0; });
  BOOST_TEST(fast->metrics().delivered == static_cast<std::uint64_t>(messages));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(slow_consumer)

BOOST_AUTO_TEST_CASE(a_server_that_consumes_slowly_holds_its_client_back_across_reconnects) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    auto peer = co_await accepted(*r.s);
    co_await fill_and_drain(io, r, *r.client, *peer);
  });
}

BOOST_AUTO_TEST_CASE(a_client_that_consumes_slowly_holds_its_server_back_across_reconnects) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    rig r(io);
    auto peer = co_await accepted(*r.s);
    co_await fill_and_drain(io, r, *peer, *r.client);
  });
}

BOOST_AUTO_TEST_CASE(the_window_counts_bytes_too) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.inbox.max_bytes = 100'000;
    const auto s = listening(io, so);
    running client(io, client_options(s->url()));
    auto peer = co_await accepted(*s);
    const std::string large(40'000, 'x');
    for (int i = 0; i < 10; ++i) co_await send(client, large);
    co_await eventually([&] { return (*peer)->metrics().received == 2; });
    co_await send(*peer, "marker");
    (void)co_await receive(client);
    BOOST_TEST((*peer)->metrics().received == 2U);
    BOOST_TEST(client->status().unconfirmed_bytes == 80'000U);
    for (int i = 0; i < 10; ++i) (void)co_await receive(*peer);
    co_await eventually([&] { return client->metrics().delivered == 10; });
  });
}

BOOST_AUTO_TEST_CASE(a_message_larger_than_the_whole_window_still_comes_through) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    auto so = quick_server();
    so.link.inbox.max_bytes = 10'000;
    const auto s = listening(io, so);
    running client(io, client_options(s->url()));
    auto peer = co_await accepted(*s);
    for (int i = 0; i < 5; ++i) co_await send(client, std::string(300'000, static_cast<char>('a' + i)));
    for (int i = 0; i < 5; ++i) {
      const auto text = co_await receive(*peer);
      BOOST_TEST((text == std::string(300'000, static_cast<char>('a' + i))));
    }
    BOOST_TEST(client->metrics().reconnects == 0U);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_test
