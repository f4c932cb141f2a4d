// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Two connections want the same session.
#include "bystander.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

namespace session_sockets {
BOOST_AUTO_TEST_SUITE(two_attaches)

BOOST_AUTO_TEST_CASE(are_decided_for_the_newer_one_and_lose_and_repeat_nothing) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    raw_peer older(io.get_executor());
    auto welcome = co_await older.attach(w.here.endpoint(), hello_words('a', 1));
    int sent = 0;
    std::vector<std::string> echoes;
    for (std::uint64_t round = 2; round <= 20; ++round) {
      for (int i = 0; i < 10; ++i) {
        ++sent;
        co_await older.send(data(static_cast<std::uint64_t>(sent), std::to_string(sent)));
      }
      // Nothing was acknowledged to this client yet, as far as it knows: all goes again.
      hello_words h('a', round);
      h.json["session"] = welcome.at("session");
      h.json["recv"] = echoes.size();
      h.json["from"] = welcome.at("recv").to_number<std::uint64_t>() + 1;
      raw_peer newer(io.get_executor());
      welcome = co_await newer.attach(w.here.endpoint(), h);
      BOOST_TEST(welcome.at("resumed").as_bool());
      BOOST_TEST(welcome.at("from").to_number<std::uint64_t>() == echoes.size() + 1);
      const auto recv = welcome.at("recv").to_number<int>();
      BOOST_TEST(recv <= sent);
      for (int n = recv + 1; n <= sent; ++n)
        co_await newer.send(data(static_cast<std::uint64_t>(n), std::to_string(n)));
      const auto end = co_await older.until_closed();
      BOOST_TEST(end.error == "superseded");
      BOOST_TEST(end.close == 4409);
      while (echoes.size() < static_cast<std::size_t>(sent)) {
        const auto d = co_await newer.next_data();
        BOOST_TEST(d.seq == echoes.size() + 1);
        echoes.push_back(d.payload);
      }
      older = std::move(newer);
    }
    BOOST_TEST(w.here.peers.back().got == numbers(1, sent), boost::test_tools::per_element());
    BOOST_TEST(echoes == numbers(1, sent), boost::test_tools::per_element());
    co_await w.expect_undisturbed();
  });
}

BOOST_AUTO_TEST_CASE(at_the_same_moment_leave_the_one_with_the_higher_number) {
  run([](asio::io_context& io) -> asio::awaitable<void> {
    watched_site w(io);
    co_await w.open();
    for (std::uint64_t round = 1; round <= 20; ++round) {
      raw_peer low(io.get_executor());
      raw_peer high(io.get_executor());
      co_await low.connect(w.here.endpoint());
      co_await high.connect(w.here.endpoint());
      auto* first = round % 2 == 0 ? &low : &high;
      auto* second = round % 2 == 0 ? &high : &low;
      co_await first->say(hello_words('b', 2 * round + (first == &high ? 1 : 0)).text());
      co_await second->say(hello_words('b', 2 * round + (second == &high ? 1 : 0)).text());
      co_await w.expect_end(low, "superseded", 4409);
      const auto welcome = co_await high.next_control("welcome");
      BOOST_TEST(!welcome.at("session").as_string().empty());
    }
    BOOST_TEST(w.here.peers.size() == 2U);
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace session_sockets
