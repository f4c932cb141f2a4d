// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What arrives: order, batches, backpressure, cancellation without loss; events likewise.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/json/value.hpp>

using namespace tautline;
using namespace tautline::testing;

namespace {

void flood(world& w, int n, std::size_t size = 0) {
  for (int i = 1; i <= n; ++i) w.host.send_all(message(std::to_string(i) + std::string(size, ' ')));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(receive_suite)

BOOST_AUTO_TEST_CASE(messages_come_in_order_whether_one_waits_or_not) {
  world w;
  w.up();
  flood(w, 50);
  w.run_for(1s);
  w.follow_messages();
  w.run_for(0s);
  flood(w, 50);
  w.run_for(1s);
  BOOST_REQUIRE(w.messages.size() == 100U);
  for (std::size_t i = 0; i < 100; ++i) BOOST_TEST(w.messages[i].payload() == std::to_string(i % 50 + 1));
  BOOST_TEST(w.l->metrics().received == 100U);
}

BOOST_AUTO_TEST_CASE(a_batch_takes_what_is_there_and_no_more_than_asked_for) {
  world w;
  w.up();
  flood(w, 10);
  w.run_for(1s);
  std::vector<std::size_t> sizes;
  const auto note = [&](error_code ec, std::vector<message> v) {
    BOOST_TEST(!ec);
    sizes.push_back(v.size());
  };
  w.l->async_receive_batch(7, note);
  w.l->async_receive_batch(7, note);
  w.run_for(0s);
  BOOST_TEST((sizes == std::vector<std::size_t>{7, 3}));
  w.l->async_receive_batch(7, note);
  w.run_for(1s);
  BOOST_TEST(sizes.size() == 2U);
  flood(w, 1);
  w.run_for(1s);
  BOOST_TEST((sizes == std::vector<std::size_t>{7, 3, 1}));
}

BOOST_AUTO_TEST_CASE(a_full_inbox_stops_the_reading_and_the_peer_feels_it) {
  options o("ws://server/");
  o.inbox.max_messages = 10;
  world w(o);
  w.follow_events();
  path_options p;
  p.window = 500;
  w.host.path(p);
  w.up();
  flood(w, 100, 50);
  w.run_for(5min);
  BOOST_TEST(w.l->metrics().received <= 11U);
  BOOST_TEST(w.count(event_kind::down) == 0U, "our own slowness is not the peer's death");
  w.follow_messages();
  w.run_for(10s);
  BOOST_TEST(w.messages.size() == 100U);
}

BOOST_AUTO_TEST_CASE(a_full_inbox_in_bytes_stops_the_reading_too) {
  options o("ws://server/");
  o.inbox.max_bytes = 1'000;
  world w(o);
  w.up();
  flood(w, 100, 200);
  w.run_for(1min);
  BOOST_TEST(w.l->metrics().received < 100U);
  w.follow_messages();
  w.run_for(10s);
  BOOST_TEST(w.messages.size() == 100U);
}

BOOST_AUTO_TEST_CASE(a_cancelled_receive_loses_nothing_at_whatever_moment) {
  for (int when = 0; when < 6; ++when) {
    world w;
    w.up();
    asio::cancellation_signal cancel;
    std::vector<std::string> got;
    std::optional<error_code> ended;
    w.l->async_receive(asio::bind_cancellation_slot(cancel.slot(), [&](error_code ec, message m) {
      ended = ec;
      if (!ec) got.emplace_back(m.payload());
    }));
    w.run_for(1s);
    if (when == 0) cancel.emit(asio::cancellation_type::total);
    flood(w, 1);
    if (when == 1) cancel.emit(asio::cancellation_type::total);
    for (int step = 2; step < 5 && !ended; ++step) {
      if (step == when) cancel.emit(asio::cancellation_type::total);
      w.run_for(250us);
    }
    w.run_for(1s);
    BOOST_TEST(ended.has_value());
    w.follow_messages();
    w.run_for(1s);
    BOOST_TEST(got.size() + w.messages.size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_cancelled_wait_for_a_state_ends_alone) {
  world w;
  asio::cancellation_signal cancel;
  std::optional<error_code> cancelled, other;
  w.l->async_wait(link_state::connected,
                  asio::bind_cancellation_slot(cancel.slot(), [&](error_code ec) { cancelled = ec; }));
  w.l->async_wait(link_state::connected, [&](error_code ec) { other = ec; });
  w.run_for(1s);
  cancel.emit(asio::cancellation_type::terminal);
  w.run_for(1s);
  BOOST_TEST((cancelled == operation_aborted));
  BOOST_TEST(!other.has_value());
  w.up();
  w.run_for(1s);
  BOOST_TEST((other == error_code()));
}

BOOST_AUTO_TEST_CASE(what_had_arrived_is_handed_out_after_the_link_has_ended) {
  world w;
  w.up();
  flood(w, 3);
  w.run_for(1s);
  w.close();
  w.run_for(1s);
  w.follow_messages();
  w.run_for(0s);
  BOOST_TEST(w.messages.size() == 3U);
  BOOST_TEST((w.messages_ended == make_error_code(errc::closed)));
}

BOOST_AUTO_TEST_CASE(a_message_that_is_too_large_ends_the_connection_with_1009_and_the_link_for_good) {
  options o("ws://server/");
  o.max_message_bytes = 1'000;
  world w(o);
  auto& run = w.run();
  w.run_for(1s);
  w.host.send_all(message(std::string(1'001, 'x')));
  w.run_for(1s);
  BOOST_TEST(w.host.last_close_code() == 1009);
  BOOST_TEST(w.l->status().why.code == make_error_code(errc::message_too_large));
  if (run.code) BOOST_TEST((run.code == make_error_code(errc::message_too_large)));
}

BOOST_AUTO_TEST_CASE(json_is_received_as_json_and_what_is_not_says_so) {
  world w;
  w.follow_messages();
  w.up();
  w.host.send_all(R"({"price": 42})");
  w.host.send_all("{not json");
  w.run_for(1s);
  BOOST_REQUIRE(w.messages.size() == 2U);
  error_code ec;
  (void)w.messages[0].as_json(ec);
  BOOST_TEST(!ec);
  (void)w.messages[1].as_json(ec);
  BOOST_TEST(bool(ec));
  BOOST_CHECK_THROW((void)w.messages[1].as_json(), boost::system::system_error);
}

BOOST_AUTO_TEST_CASE(events_that_nobody_reads_are_bounded_and_the_loss_is_counted) {
  options o("ws://server/");
  o.max_queued_events = 5;
  o.backoff.max_attempts = unlimited;
  world w(o);
  w.host.answers(answer::refuse());
  w.run();
  w.run_for(10min);
  BOOST_TEST(w.l->metrics().events_dropped > 0U);
  w.follow_events();
  w.run_for(0s);
  BOOST_TEST(w.events.size() == 5U);
}

BOOST_AUTO_TEST_CASE(several_receivers_each_get_different_messages) {
  world w;
  w.up();
  std::vector<std::string> got;
  for (int i = 0; i < 3; ++i)
    w.l->async_receive([&](error_code ec, message m) {
      BOOST_TEST(!ec);
      got.emplace_back(m.payload());
    });
  flood(w, 3);
  w.run_for(1s);
  BOOST_TEST((got == numbers(1, 3)));
}

BOOST_AUTO_TEST_SUITE_END()
