// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The queue as an application sees it: full, expiring, superseded, urgent, withdrawn.
#define BOOST_TEST_DYN_LINK
#include "world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

using namespace tautline;
using namespace tautline::testing;

namespace {

options small(overflow policy, std::size_t messages = 3) {
  options o("ws://server/");
  o.queue.max_messages = messages;
  o.queue.overflow = policy;
  return o;
}

/// An `async_send` whose end is noted.
struct pending_send {
  int completions = 0;
  std::optional<error_code> code;
  receipt r;
  asio::cancellation_signal cancel;

  void start(world& w, message m, stage until = stage::queued) {
    w.l->async_send(std::move(m), until,
                    asio::bind_cancellation_slot(cancel.slot(), [this](error_code ec, receipt got) {
                      ++completions;
                      code = ec;
                      r = std::move(got);
                    }));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(queue_suite)

BOOST_AUTO_TEST_CASE(messages_queued_before_the_run_are_flushed_in_order_when_it_is_up) {
  world w;
  for (const auto& n : numbers(1, 1000)) w.send(message(n));
  BOOST_TEST(w.l->status().queued_messages == 1000U);
  w.up();
  w.run_for(1s);
  BOOST_TEST((w.payloads() == numbers(1, 1000)));
  BOOST_TEST(w.l->status().queued_messages == 0U);
  BOOST_TEST(w.l->status().unconfirmed_messages == 0U);
  w.check_the_sum();
}

BOOST_AUTO_TEST_CASE(the_receipt_of_a_message_that_was_not_taken_says_so) {
  world w(small(overflow::wait, 1));
  w.send(message("fills it"));
  receipt r;
  BOOST_TEST(w.l->try_send(message("no room"), r) == make_error_code(errc::queue_full));
  BOOST_TEST((r.outcome() == outcome::not_sent));
  BOOST_TEST(r.error() == make_error_code(errc::queue_full));
}

BOOST_AUTO_TEST_CASE(binary_and_text_arrive_as_what_they_are) {
  world w;
  w.send(message::binary(std::string("\0\xff\1", 3)));
  w.send(message("text"));
  w.up();
  w.run_for(1s);
  BOOST_REQUIRE(w.host.received().size() == 2U);
  BOOST_TEST((w.host.received()[0].kind == payload_kind::binary));
  BOOST_TEST(w.host.received()[0].payload == std::string("\0\xff\1", 3));
  BOOST_TEST((w.host.received()[1].kind == payload_kind::text));
}

BOOST_AUTO_TEST_CASE(a_full_queue_makes_the_sender_wait_and_those_who_wait_come_in_order) {
  world w(small(overflow::wait));
  for (const auto& n : numbers(1, 3)) w.send(message(n));
  BOOST_TEST(w.l->try_send(message("no room")) == make_error_code(errc::queue_full));
  std::deque<pending_send> waiting(4);
  for (int i = 0; i < 4; ++i) waiting[static_cast<std::size_t>(i)].start(w, message(std::to_string(4 + i)));
  w.run_for(1s);
  for (const auto& p : waiting) BOOST_TEST(p.completions == 0);
  w.up();
  w.run_for(5s);
  for (const auto& p : waiting) {
    BOOST_TEST(p.completions == 1);
    BOOST_TEST((p.code == error_code()));
    BOOST_TEST((p.r.outcome() == outcome::delivered));
  }
  BOOST_TEST((w.payloads() == numbers(1, 7)));
}

BOOST_AUTO_TEST_CASE(the_bound_in_bytes_counts_too) {
  auto o = small(overflow::reject, 100);
  o.queue.max_bytes = 10;
  world w(o);
  w.send("12345678");
  BOOST_TEST(w.l->try_send(message("123")) == make_error_code(errc::queue_full));
  BOOST_TEST(!w.l->try_send(message("12")));
  BOOST_TEST(w.l->try_send(message(std::string(11, 'x'))) == make_error_code(errc::message_too_large));
}

BOOST_AUTO_TEST_CASE(a_queue_that_rejects_says_so_with_an_event_and_a_count) {
  world w(small(overflow::reject));
  w.follow_events();
  for (const auto& n : numbers(1, 3)) w.send(message(n));
  pending_send p;
  p.start(w, message("4"));
  w.run_for(0s);
  BOOST_TEST((p.code == make_error_code(errc::queue_full)));
  BOOST_TEST((p.r.outcome() == outcome::not_sent));
  BOOST_REQUIRE(w.count(event_kind::overflow) == 1U);
  BOOST_TEST(w.last(event_kind::overflow)->policy == "reject");
  BOOST_TEST(w.last(event_kind::overflow)->message == "4");
  BOOST_TEST(w.l->metrics().rejected == 1U);
  w.check_the_sum();
}

BOOST_AUTO_TEST_CASE(drop_oldest_drops_the_oldest_and_tells_its_receipt) {
  world w(small(overflow::drop_oldest));
  w.follow_events();
  for (const auto& n : numbers(1, 5)) w.send(message(n));
  w.run_for(0s);
  BOOST_TEST(w.sends[0].r.error() == make_error_code(errc::dropped));
  BOOST_TEST(w.sends[1].r.error() == make_error_code(errc::dropped));
  BOOST_TEST((w.sends[0].r.outcome() == outcome::not_sent));
  BOOST_TEST(w.count(event_kind::overflow) == 2U);
  BOOST_TEST(w.l->metrics().dropped == 2U);
  w.up();
  w.run_for(1s);
  BOOST_TEST((w.payloads() == numbers(3, 5)));
  w.check_the_sum();
}

BOOST_AUTO_TEST_CASE(drop_newest_keeps_what_is_queued) {
  world w(small(overflow::drop_newest));
  w.follow_events();
  for (const auto& n : numbers(1, 3)) w.send(message(n));
  receipt r;
  BOOST_TEST(w.l->try_send(message("4"), r) == make_error_code(errc::dropped));
  w.run_for(0s);
  BOOST_TEST((r.outcome() == outcome::not_sent));
  BOOST_REQUIRE(w.count(event_kind::overflow) == 1U);
  BOOST_TEST(w.last(event_kind::overflow)->policy == "drop_newest");
  w.up();
  w.run_for(1s);
  BOOST_TEST((w.payloads() == numbers(1, 3)));
  w.check_the_sum();
}

BOOST_AUTO_TEST_CASE(a_message_that_outlives_its_time_while_down_expires_with_an_event) {
  world w;
  w.follow_events();
  w.host.answers(answer::refuse());
  w.run();
  auto& s = w.send(message("stale").time_to_live(3s));
  w.send("fresh");
  w.run_for(2900ms);
  BOOST_TEST(!s.ended.has_value());
  w.run_for(200ms);
  BOOST_TEST((s.ended == make_error_code(errc::expired)));
  BOOST_REQUIRE(w.count(event_kind::expired) == 1U);
  BOOST_TEST(w.last(event_kind::expired)->message == "stale");
  w.host.answers(answer::accept());
  w.up();
  w.run_for(1s);
  BOOST_TEST((w.payloads() == std::vector<std::string>{"fresh"}));
  BOOST_TEST(w.l->metrics().expired == 1U);
  w.check_the_sum();
}

BOOST_AUTO_TEST_CASE(the_queues_own_time_to_live_is_the_default_of_a_message) {
  options o("ws://server/");
  o.queue.time_to_live = 1s;
  world w(o);
  w.host.answers(answer::refuse());
  w.run();
  auto& s = w.send("x");
  auto& longer = w.send(message("y").time_to_live(1h));
  w.run_for(2s);
  BOOST_TEST((s.ended == make_error_code(errc::expired)));
  BOOST_TEST(!longer.ended.has_value());
}

BOOST_AUTO_TEST_CASE(a_newer_message_with_the_same_key_takes_the_older_ones_place) {
  world w;
  w.send(message("price 1").key("price"));
  w.send("between");
  w.send(message("price 2").key("price"));
  BOOST_TEST(w.sends[0].r.error() == make_error_code(errc::superseded));
  w.up();
  w.run_for(1s);
  BOOST_TEST((w.payloads() == std::vector<std::string>{"price 2", "between"}));
  BOOST_TEST(w.l->metrics().superseded == 1U);
  w.check_the_sum();
}

BOOST_AUTO_TEST_CASE(urgent_messages_overtake_normal_ones_and_keep_their_own_order) {
  world w;
  w.send("1");
  w.send("2");
  w.send(message("a").urgency(priority::urgent));
  w.send(message("b").urgency(priority::urgent));
  w.up();
  w.run_for(1s);
  BOOST_TEST((w.payloads() == std::vector<std::string>{"a", "b", "1", "2"}));
}

BOOST_AUTO_TEST_CASE(total_cancellation_withdraws_what_is_not_written) {
  world w;
  pending_send p;
  p.start(w, message("never mind"), stage::delivered);
  w.run_for(1s);
  BOOST_TEST(p.completions == 0);
  p.cancel.emit(asio::cancellation_type::total);
  w.run_for(0s);
  BOOST_TEST(p.completions == 1);
  BOOST_TEST((p.r.outcome() == outcome::not_sent));
  BOOST_TEST(p.r.error() == make_error_code(errc::withdrawn));
  w.up();
  w.run_for(1s);
  BOOST_TEST(w.host.received().empty());
  BOOST_TEST(w.l->metrics().withdrawn == 1U);
  w.check_the_sum();
}

BOOST_AUTO_TEST_CASE(partial_cancellation_only_stops_the_waiting) {
  world w;
  pending_send p;
  p.start(w, message("goes out"), stage::delivered);
  w.run_for(1s);
  p.cancel.emit(asio::cancellation_type::partial);
  w.run_for(0s);
  BOOST_TEST(p.completions == 1);
  BOOST_TEST((p.code == error_code(operation_aborted)));
  BOOST_TEST((p.r.outcome() == outcome::pending));
  w.up();
  w.run_for(1s);
  BOOST_TEST((w.payloads() == std::vector<std::string>{"goes out"}));
  BOOST_TEST((p.r.outcome() == outcome::delivered));
}

BOOST_AUTO_TEST_CASE(any_cancellation_withdraws_a_sender_that_waits_for_room) {
  for (const auto type :
       {asio::cancellation_type::total, asio::cancellation_type::partial, asio::cancellation_type::terminal}) {
    world w(small(overflow::wait, 1));
    w.send("1");
    pending_send p;
    p.start(w, message("2"));
    w.run_for(1s);
    p.cancel.emit(type);
    w.run_for(0s);
    BOOST_TEST(p.completions == 1);
    BOOST_TEST((p.code == error_code(operation_aborted)));
    w.up();
    w.run_for(1s);
    BOOST_TEST((w.payloads() == numbers(1, 1)));
  }
}

BOOST_AUTO_TEST_CASE(a_written_message_cannot_be_withdrawn) {
  world w;
  w.host.answers_pings(habit::no);
  w.up();
  pending_send p;
  p.start(w, message("gone"), stage::delivered);
  w.run_for(1s);
  p.cancel.emit(asio::cancellation_type::total);
  w.run_for(0s);
  BOOST_TEST(p.completions == 1);
  BOOST_TEST((p.r.outcome() == outcome::pending));
  BOOST_TEST((p.r.stage() == stage::written));
}

BOOST_AUTO_TEST_CASE(a_send_can_wait_for_each_stage) {
  world w;
  pending_send queued, written, delivered;
  queued.start(w, message("1"), stage::queued);
  written.start(w, message("2"), stage::written);
  delivered.start(w, message("3"), stage::delivered);
  w.run_for(1s);
  BOOST_TEST(queued.completions == 1);
  BOOST_TEST(written.completions == 0);
  w.host.answers_pings(habit::no);
  w.up();
  w.run_for(1s);
  BOOST_TEST(written.completions == 1);
  BOOST_TEST(delivered.completions == 0);
  w.host.answers_pings(habit::yes);
  w.host.reset_all();
  BOOST_TEST(w.until([&] { return delivered.completions == 1; }, 1min));
  BOOST_TEST((delivered.code == error_code()));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_is_refused_at_the_door) {
  options o("ws://server/");
  o.max_message_bytes = 100;
  world w(o);
  BOOST_TEST(w.l->try_send(message("\xff\xfe")) == make_error_code(errc::invalid_utf8));
  BOOST_TEST(w.l->try_send(message(std::string(101, 'x'))) == make_error_code(errc::message_too_large));
  BOOST_TEST(!w.l->try_send(message::binary("\xff\xfe")));
  pending_send p;
  p.start(w, message("\xc0\x80"));
  w.run_for(0s);
  BOOST_TEST((p.code == make_error_code(errc::invalid_utf8)));
}

BOOST_AUTO_TEST_CASE(a_rejected_message_is_not_moved_from) {
  world w(small(overflow::wait, 1));
  w.send("1");
  message m("still mine");
  BOOST_TEST(w.l->try_send(std::move(m)) == make_error_code(errc::queue_full));
  BOOST_TEST(m.payload() == "still mine");
}

BOOST_AUTO_TEST_CASE(take_undelivered_hands_everything_back_oldest_first) {
  world w;
  w.host.answers_pings(habit::no);
  w.up();
  w.send("written");
  w.run_for(1s);
  w.l->cancel();
  w.run_for(1s);
  w.send("queued");
  const auto back = w.l->take_undelivered();
  w.run_for(0s);
  BOOST_REQUIRE(back.size() == 2U);
  BOOST_TEST(back[0].payload() == "written");
  BOOST_TEST(back[1].payload() == "queued");
  BOOST_TEST((w.sends[0].r.outcome() == outcome::unknown));
  BOOST_TEST((w.sends[1].r.outcome() == outcome::not_sent));
  BOOST_TEST(w.sends[1].r.error() == make_error_code(errc::withdrawn));
  BOOST_TEST(w.l->take_undelivered().empty());
  w.check_the_sum();
}

BOOST_AUTO_TEST_CASE(take_undelivered_makes_room_for_who_waits) {
  world w(small(overflow::wait, 1));
  w.send("queued");
  pending_send waits;
  waits.start(w, message("waits"));
  w.run_for(1s);
  BOOST_TEST(waits.completions == 0);
  BOOST_TEST(w.l->take_undelivered().size() == 1U);
  w.run_for(0s);
  BOOST_TEST(waits.completions == 1);
  BOOST_TEST(*waits.code == error_code());
  const auto rest = w.l->take_undelivered();
  BOOST_REQUIRE(rest.size() == 1U);
  BOOST_TEST(rest[0].payload() == "waits");
}

BOOST_AUTO_TEST_SUITE_END()
