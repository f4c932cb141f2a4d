// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Ends that this side makes: at every stage, with whatever is pending.
#include "certificates.hpp"
#include "rig.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace transport_test;

namespace {

struct pending {
  error_code ec;
  bool done = false;
};

asio::awaitable<void> read_one(std::shared_ptr<connection> c, pending& out) {
  std::vector<message> in;
  out.ec = co_await c->async_read(in, 1);
  out.done = true;
}

asio::awaitable<void> flush_all(std::shared_ptr<connection> c, pending& out) {
  out.ec = co_await c->async_flush(0);
  out.done = true;
}

// Reads through a connection that is kept alive by nobody else.
asio::awaitable<void> read_from(connection& c, pending& out) {
  std::vector<message> in;
  out.ec = co_await c.async_read(in, 1);
  out.done = true;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_abort_ends_a_read_and_a_flush_that_are_pending) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    pending reading;
    pending flushing;
    r.start(read_one(ends.ours, reading));
    (void)ends.ours->write(std::string(30'000'000, 'x'), payload_kind::binary);
    r.start(flush_all(ends.ours, flushing));
    co_await eventually([&] { return ends.ours->bytes_flushed() > 0; });
    BOOST_TEST(!flushing.done);
    ends.ours->abort();
    co_await eventually([&] { return reading.done && flushing.done; });
    BOOST_TEST(reading.ec == asio::error::operation_aborted);
    BOOST_TEST(flushing.ec == asio::error::operation_aborted);
    BOOST_TEST(bool(ends.ours->write("x", payload_kind::text)));
    BOOST_TEST(bool(ends.ours->write_ping("x")));
    const error_code unsent = co_await ends.ours->async_flush(0);
    BOOST_TEST(unsent == asio::error::operation_aborted);
    const received got = co_await receive(*ends.ours);
    BOOST_TEST(got.ec == asio::error::operation_aborted);
  });
}

BOOST_AUTO_TEST_CASE(a_connection_may_be_destroyed_under_its_operations) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    pending reading;
    r.start(read_from(*ends.ours, reading));
    (void)ends.ours->write(std::string(30'000'000, 'x'), payload_kind::binary);
    auto flush_from = [](connection& c, pending& out) -> asio::awaitable<void> {
      out.ec = co_await c.async_flush(0);
      out.done = true;
    };
    pending flushing;
    r.start(flush_from(*ends.ours, flushing));
    co_await eventually([&] { return ends.ours->bytes_flushed() > 0; });
    ends.ours.reset();
    co_await eventually([&] { return reading.done && flushing.done; });
    BOOST_TEST(reading.ec == asio::error::operation_aborted);
    BOOST_TEST(flushing.ec == asio::error::operation_aborted);
  });
}

BOOST_AUTO_TEST_CASE(a_context_may_be_destroyed_under_everything) {
  pending reading;
  std::shared_ptr<connection> ours;
  {
    rig r;
    r.run([&]() -> asio::awaitable<void> {
      half_raw ends = co_await client_at_raw_server(r);
      r.start(read_one(ends.ours, reading));
      connect_result made;
      bool done = false;
      r.request.url = r.url();
      auto never_answer = [](rig& world, bool& asked) -> asio::awaitable<void> {
        tcp::socket peer = co_await accept_raw(world);
        asked = true;
        co_await read_all(peer);
      };
      bool asked = false;
      r.start(never_answer(r, asked));
      r.start(attempt(r, made, done));
      co_await eventually([&asked] { return asked; });
    });
  }
  BOOST_TEST(!reading.done);
}

BOOST_AUTO_TEST_CASE(a_peer_that_is_held_for_dead_is_reset_and_what_was_under_way_is_thrown_away) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    pending flushing;
    constexpr std::size_t size = 30'000'000;
    (void)ends.ours->write(std::string(size, 'x'), payload_kind::binary);
    r.start(flush_all(ends.ours, flushing));
    co_await eventually([&] { return ends.ours->bytes_flushed() > 0; });
    ends.ours->reset_on_abort();
    ends.ours->abort();
    std::string in(size, ' ');
    std::size_t got = 0;
    error_code ec;
    while (!ec) {
      auto read = co_await ends.peer.async_read_some(asio::buffer(in), asio::as_tuple(asio::use_awaitable));
      ec = std::get<0>(read);
      got += std::get<1>(read);
    }
    BOOST_TEST(ec == asio::error::connection_reset);
    BOOST_TEST(got < ends.ours->bytes_flushed());
  });
}

BOOST_AUTO_TEST_CASE(what_was_flushed_arrives_although_the_peer_s_bytes_were_not_read) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await server_at_raw_client(r);
    co_await send(ends.peer, frame(0x82, std::string(100'000, 'x'), masking::zero_key));
    (void)ends.ours->write("last words", payload_kind::text);
    const error_code unsent = co_await ends.ours->async_flush(0);
    BOOST_TEST(!unsent);
    ends.ours->abort();
    const std::string heard = co_await read_all(ends.peer);
    BOOST_TEST((heard == frame(0x81, "last words", masking::off)));
  });
}

BOOST_AUTO_TEST_CASE(an_attempt_that_fails_at_once_lets_the_others_on_the_strand_in_between) {
  rig r;
  r.request.url = r.url();
  r.acceptor.close();
  r.run([&]() -> asio::awaitable<void> {
    bool others = false;
    asio::post(r.strand, [&others] { others = true; });
    const connect_result made = co_await connect(r);
    BOOST_TEST(made.why.code == asio::error::connection_refused);
    BOOST_TEST(others);
  });
}

BOOST_DATA_TEST_CASE(an_attempt_can_be_called_off_in_every_phase,
                     boost::unit_test::data::make({phase::tls, phase::upgrade}), where) {
  rig r;
  r.request.url = r.url(where == phase::tls ? "wss" : "ws");
  r.run([&]() -> asio::awaitable<void> {
    connect_result made;
    bool done = false;
    r.start(attempt(r, made, done));
    tcp::socket peer = co_await r.acceptor.async_accept(asio::use_awaitable);
    co_await read_exactly(peer, 10);
    r.connects->cancel();
    co_await eventually([&] { return done; });
    BOOST_TEST(!made.conn);
    BOOST_TEST(made.why.where == where);
    BOOST_TEST(made.why.code == asio::error::operation_aborted);
    // And the connector goes on to be of use.
    made = connect_result();
    done = false;
    r.start(attempt(r, made, done));
    tcp::socket next = co_await r.acceptor.async_accept(asio::use_awaitable);
    next.close();
    co_await eventually([&] { return done; });
    BOOST_TEST(made.why.code != asio::error::operation_aborted);
  });
}

BOOST_AUTO_TEST_CASE(a_name_that_is_being_resolved_is_not_waited_for) {
  for (const bool deadline : {false, true}) {
    rig r;
    r.request.url = "ws://tautline-no-such-host.invalid:9";
    r.run([&]() -> asio::awaitable<void> {
      connect_result made;
      bool done = false;
      r.start(attempt(r, made, done));
      co_await eventually([&r] { return r.time->waiting() != 0; });
      if (deadline) {
        r.time->advance(std::chrono::seconds(11));
      } else {
        r.connects->cancel();
      }
      co_await eventually([&] { return done; });
      BOOST_TEST(made.why.where == phase::resolve);
      // The resolver may have been faster than this test.
      BOOST_TEST((made.why.code == asio::error::operation_aborted || made.why.code == errc::resolve_timeout ||
                  made.why.code.category() == asio::error::get_netdb_category()));
    });
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_resets_is_told_from_one_that_closes) {
  for (const bool reset : {true, false}) {
    rig r;
    r.run([&]() -> asio::awaitable<void> {
      half_raw ends = co_await client_at_raw_server(r);
      if (reset) ends.peer.set_option(tcp::socket::linger(true, 0));
      ends.peer.close();
      const received got = co_await receive(*ends.ours);
      BOOST_TEST(got.ec == (reset ? error_code(asio::error::connection_reset) : error_code(asio::error::eof)));
      BOOST_TEST(ends.ours->close_code() == 0U);
    });
  }
}

BOOST_AUTO_TEST_CASE(flushing_down_to_a_rest_ends_while_the_rest_is_still_there) {
  rig r;
  r.run([&]() -> asio::awaitable<void> {
    half_raw ends = co_await client_at_raw_server(r);
    (void)ends.ours->write(std::string(30'000'000, 'x'), payload_kind::binary);
    // The peer reads nothing, so this ends only because so much may be left.
    const error_code unsent = co_await ends.ours->async_flush(29'990'000);
    BOOST_TEST(!unsent);
    BOOST_TEST(ends.ours->unflushed() > 0U);
    BOOST_TEST(ends.ours->unflushed() <= 29'990'000U);
  });
}
