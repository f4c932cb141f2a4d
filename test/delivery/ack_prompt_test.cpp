// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// When a sender asks for an acknowledgement that is not due yet.
#define BOOST_TEST_DYN_LINK
#include "delivery/ack_prompt.hpp"

#include <boost/test/unit_test.hpp>

using namespace tautline::delivery;

namespace {

struct prompt_fixture {
  bool due(std::uint64_t written, std::size_t unconfirmed) const {
    outbox_size s;
    s.unconfirmed_messages = unconfirmed;
    return p.due(s, written, 0);
  }
  bool due_by_bytes(std::uint64_t written, std::size_t unconfirmed) const {
    outbox_size s;
    s.unconfirmed_bytes = unconfirmed;
    return p.due(s, 1, written);
  }
  ack_prompt p{10, 1'000};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_prompt_for_an_ack, prompt_fixture)

BOOST_AUTO_TEST_CASE(is_due_when_more_than_a_quarter_of_the_queue_is_unconfirmed) {
  BOOST_TEST(!due(10, 10));
  BOOST_TEST(due(11, 11));
  BOOST_TEST(!due_by_bytes(1'000, 1'000));
  BOOST_TEST(due_by_bytes(1'001, 1'001));
}

BOOST_AUTO_TEST_CASE(is_not_repeated_before_its_answer) {
  p.asked(11, 0);
  BOOST_TEST(!due(40, 40));
  p.answered();
  BOOST_TEST(due(40, 40));
}

BOOST_AUTO_TEST_CASE(is_not_repeated_before_a_quarter_more_is_written_so_a_slow_peer_is_not_pestered) {
  p.asked(11, 1'001);
  p.answered();
  BOOST_TEST(!due(20, 20));
  BOOST_TEST(due(21, 21));
  BOOST_TEST(!due_by_bytes(2'000, 2'000));
  BOOST_TEST(due_by_bytes(2'001, 2'001));
}

BOOST_AUTO_TEST_CASE(begins_anew_on_another_connection) {
  p.asked(100, 5'000);
  p.reset();
  BOOST_TEST(due(100, 11));
  BOOST_TEST(due_by_bytes(1'001, 1'001));
}

BOOST_AUTO_TEST_SUITE_END()
