// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A name is looked up for every attempt, and where it was last reached is tried at once meanwhile.
#define BOOST_TEST_DYN_LINK
#include "transport/lookup.hpp"

#include "rig.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/socket.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>

using namespace transport_test;

namespace {

tcp::endpoint at(const char* address, std::uint16_t port) { return {asio::ip::make_address(address), port}; }

/// A name server that answers when the test says so.
struct slow_names {
  struct question {
    std::string host;
    std::function<void(error_code, endpoints)> told;
    bool called_off = false;
  };
  std::deque<std::shared_ptr<question>> asked;

  resolve_function function() {
    return [this](const asio::any_io_executor&, const std::string& host, std::uint16_t,
                  std::function<void(error_code, endpoints)> told) {
      const auto q = std::make_shared<question>();
      q->host = host;
      q->told = std::move(told);
      asked.push_back(q);
      return [weak = std::weak_ptr<question>(q)] {
        if (const auto open = weak.lock()) open->called_off = true;
      };
    };
  }
  /// The oldest question that is open.
  void answer(error_code ec, endpoints found = {}) {
    const auto q = asked.front();
    asked.pop_front();
    const auto told = std::exchange(q->told, nullptr);
    told(ec, std::move(found));
  }
};

/// The loop turns so often, and nothing else is waited for.
asio::awaitable<void> turns(rig& r, int n) {
  for (int i = 0; i < n; ++i) co_await asio::post(r.strand, asio::use_awaitable);
}

/// Both ends of a connection, under way beside the test.
struct pending_ends {
  both_ends ends;
  bool done = false;
};
using pending_ptr = std::shared_ptr<pending_ends>;

asio::awaitable<void> connect_both_into(rig& r, pending_ptr p) {
  p->ends = co_await connect_both(r);
  p->done = true;
}

/// Connects, and returns once the name has been asked for.
asio::awaitable<pending_ptr> connect_by_name(rig& r, slow_names& names) {
  auto p = std::make_shared<pending_ends>();
  r.start(connect_both_into(r, p));
  co_await eventually([&] { return !names.asked.empty(); });
  co_return p;
}

/// A client whose host is a name, connected once to `r.acceptor` and ended.
asio::awaitable<void> reach_once(rig& r, slow_names& names) {
  r.connects = make_connector(names.function());
  r.request.url = r.url("ws", "somewhere.test");
  const pending_ptr p = co_await connect_by_name(r, names);
  names.answer({}, {r.endpoint()});
  co_await eventually([&] { return p->done; });
  BOOST_REQUIRE(p->ends.client.conn);
}

tcp::acceptor same_port_elsewhere(rig& r) { return tcp::acceptor(r.strand, at("127.0.0.2", r.endpoint().port())); }

}  // namespace

BOOST_AUTO_TEST_SUITE(lookup_suite)

BOOST_AUTO_TEST_CASE(the_address_that_took_the_connection_is_the_first_that_is_known) {
  known_addresses book;
  BOOST_TEST(book.find("a", 1).empty());
  book.reached("a", 1, {at("10.0.0.1", 1), at("10.0.0.2", 1), at("10.0.0.3", 1)}, at("10.0.0.2", 1));
  BOOST_TEST((book.find("a", 1) == endpoints{at("10.0.0.2", 1), at("10.0.0.1", 1), at("10.0.0.3", 1)}));
  BOOST_TEST(book.find("a", 2).empty());
  BOOST_TEST(book.find("b", 1).empty());
}

BOOST_AUTO_TEST_CASE(what_a_lookup_finds_takes_the_place_of_what_was_known) {
  known_addresses book;
  book.looked_up("a", 1, {}, {at("10.0.0.1", 1)});
  BOOST_TEST(book.find("a", 1).empty(), "never reached");
  book.reached("a", 1, {at("10.0.0.1", 1)}, at("10.0.0.1", 1));
  book.looked_up("a", 1, {}, {at("10.0.0.2", 1), at("10.0.0.1", 1)});
  BOOST_TEST((book.find("a", 1) == endpoints{at("10.0.0.1", 1), at("10.0.0.2", 1)}), "the one that works stays first");
  book.looked_up("a", 1, {}, {at("10.0.0.3", 1)});
  BOOST_TEST((book.find("a", 1) == endpoints{at("10.0.0.3", 1)}));
  book.looked_up("a", 1, asio::error::host_not_found_try_again, {});
  BOOST_TEST(book.find("a", 1).size() == 1U, "a name server that does not answer says nothing");
  book.looked_up("a", 1, asio::error::host_not_found, {});
  BOOST_TEST(book.find("a", 1).empty());
}

BOOST_AUTO_TEST_CASE(the_book_forgets_the_oldest_of_many_hosts) {
  known_addresses book;
  for (std::uint16_t port = 1; port <= 100; ++port)
    book.reached("a", port, {at("10.0.0.1", port)}, at("10.0.0.1", port));
  BOOST_TEST(book.find("a", 1).empty());
  BOOST_TEST(!book.find("a", 100).empty());
}

BOOST_AUTO_TEST_CASE(a_host_that_was_reached_is_reached_again_before_its_name_is_known_anew) {
  rig r;
  slow_names names;
  r.run([&]() -> asio::awaitable<void> {
    co_await reach_once(r, names);
    const both_ends again = co_await connect_both(r);
    BOOST_TEST(static_cast<bool>(again.client.conn));
    BOOST_TEST(names.asked.size() == 1U, "it is asked all the same");
    const both_ends third = co_await connect_both(r);
    BOOST_TEST(static_cast<bool>(third.client.conn));
    BOOST_TEST(names.asked.size() == 1U, "and once is enough while the answer is not there");
  });
}

BOOST_AUTO_TEST_CASE(a_name_that_has_moved_leads_to_its_new_address_in_the_same_attempt) {
  rig r;
  slow_names names;
  r.run([&]() -> asio::awaitable<void> {
    co_await reach_once(r, names);
    auto elsewhere = same_port_elsewhere(r);
    const auto there = elsewhere.local_endpoint();
    r.acceptor = std::move(elsewhere);  // nobody is where it was
    const pending_ptr p = co_await connect_by_name(r, names);
    names.answer({}, {there});
    co_await eventually([&] { return p->done; });
    BOOST_REQUIRE(p->ends.client.conn);
    BOOST_TEST(p->ends.client.conn->info().peer == "127.0.0.2:" + std::to_string(there.port()));
  });
}

BOOST_AUTO_TEST_CASE(an_old_address_that_does_not_answer_is_left_once_the_name_means_another) {
  rig r;
  slow_names names;
  r.run([&]() -> asio::awaitable<void> {
    co_await reach_once(r, names);
    auto elsewhere = same_port_elsewhere(r);
    const auto there = elsewhere.local_endpoint();
    // One that listens with hardly any room, and the room is taken: further connects hang.
    tcp::acceptor deaf = std::exchange(r.acceptor, std::move(elsewhere));
    ::listen(deaf.native_handle(), 0);
    std::deque<tcp::socket> crowd;
    for (int i = 0; i < 4; ++i) {
      crowd.emplace_back(r.strand);
      crowd.back().async_connect(deaf.local_endpoint(), [](error_code) {});
    }
    co_await turns(r, 10);
    const pending_ptr p = co_await connect_by_name(r, names);
    co_await turns(r, 10);
    BOOST_TEST(!p->done);
    names.answer({}, {there});
    co_await eventually([&] { return p->done; });
    BOOST_REQUIRE(p->ends.client.conn);
    BOOST_TEST(p->ends.client.conn->info().peer == "127.0.0.2:" + std::to_string(there.port()));
  });
}

BOOST_AUTO_TEST_CASE(a_refusal_is_told_as_such_if_the_name_says_nothing_new) {
  for (const bool answered : {true, false}) {
    rig r;
    slow_names names;
    r.run([&]() -> asio::awaitable<void> {
      co_await reach_once(r, names);
      const auto old = r.endpoint();
      r.acceptor.close();
      connect_result made;
      bool done = false;
      r.start(attempt(r, made, done));
      co_await eventually([&] { return !names.asked.empty(); });
      co_await turns(r, 20);
      BOOST_TEST(!done, "the name may mean something else by now");
      if (answered)
        names.answer({}, {old});
      else
        names.answer(asio::error::host_not_found_try_again);
      co_await eventually([&] { return done; });
      BOOST_TEST(!made.conn);
      BOOST_TEST(made.why.where == phase::connect);
      BOOST_TEST(made.why.code == asio::error::connection_refused);
    });
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_is_not_known_fails_where_it_was_never_reached) {
  rig r;
  slow_names names;
  r.run([&]() -> asio::awaitable<void> {
    r.connects = make_connector(names.function());
    r.request.url = "ws://nowhere.test:9";
    connect_result made;
    bool done = false;
    r.start(attempt(r, made, done));
    co_await eventually([&] { return !names.asked.empty(); });
    names.answer(asio::error::host_not_found);
    co_await eventually([&] { return done; });
    BOOST_TEST(made.why.where == phase::resolve);
    BOOST_TEST(made.why.code == asio::error::host_not_found);
  });
}

BOOST_AUTO_TEST_CASE(an_attempt_that_waits_for_a_name_is_called_off_and_times_out) {
  for (const bool reached : {false, true})
    for (const bool deadline : {false, true}) {
      rig r;
      slow_names names;
      r.run([&]() -> asio::awaitable<void> {
        if (reached) {
          co_await reach_once(r, names);
          r.acceptor.close();
        } else {
          r.connects = make_connector(names.function());
          r.request.url = "ws://nowhere.test:9";
        }
        connect_result made;
        bool done = false;
        r.start(attempt(r, made, done));
        co_await eventually([&] { return !names.asked.empty(); });
        co_await turns(r, 20);
        BOOST_TEST(!done);
        if (deadline)
          r.time->advance(std::chrono::seconds(11));
        else
          r.connects->cancel();
        co_await eventually([&] { return done; });
        BOOST_TEST(!made.conn);
        const auto late = reached ? errc::connect_timeout : errc::resolve_timeout;
        BOOST_TEST(made.why.code == (deadline ? make_error_code(late) : error_code(asio::error::operation_aborted)));
      });
    }
}

BOOST_AUTO_TEST_CASE(a_lookup_is_called_off_with_its_connector_and_an_answer_then_does_no_harm) {
  rig r;
  slow_names names;
  r.run([&]() -> asio::awaitable<void> {
    co_await reach_once(r, names);
    const both_ends again = co_await connect_both(r);
    BOOST_REQUIRE(names.asked.size() == 1U);
    r.connects.reset();
    BOOST_TEST(names.asked.front()->called_off);
    names.answer({}, {r.endpoint()});
  });
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_name_goes_with_its_context) {
  slow_names names;  // outlives the context, with the question in it
  {
    rig r;
    connect_result made;
    bool done = false;
    r.connects = make_connector(names.function());
    r.request.url = "ws://nowhere.test:9";
    r.start(attempt(r, made, done));
    r.io.poll();
    BOOST_TEST(names.asked.size() == 1U);
    names.asked.clear();  // as the system's resolver does it: the operation is destroyed
  }
}

BOOST_AUTO_TEST_SUITE_END()
