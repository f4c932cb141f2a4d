// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The outbox against its model: random operations, every answer and every number compared.
#define BOOST_TEST_DYN_LINK
#include "delivery/outbox_model.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace tautline;
using namespace tautline::delivery;

namespace {

class duel {
 public:
  duel(const queue_options& q, std::uint32_t seed) : random_(seed), real_(q), model_(q) {}

  void step() {
    const auto what = below(100);
    if (what < 50)
      push();
    else if (what < 65)
      take();
    else if (what < 77)
      confirm();
    else if (what < 83)
      withdraw();
    else if (what < 90)
      pass_time();
    else if (what < 95)
      real_.rewind(), model_.rewind();
    else if (what < 97)
      fail_unconfirmed();
    else if (what < 98)
      take_all();
    else
      burst();
    check();
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  message any_message() {
    message m(payload_kind::binary, std::string(below(40), 'x'));
    if (below(3) == 0) m.key(std::string(1, static_cast<char>('a' + below(5))));
    if (below(5) == 0) m.urgency(priority::urgent);
    if (below(4) == 0) m.time_to_live(std::chrono::milliseconds(1 + below(50)));
    return m;
  }

  void push() {
    message m = any_message();
    const message copy = m;
    std::uint64_t id = 0;
    std::uint64_t model_id = 0;
    const admission got = real_.push(m, nullptr, now_, id, gone_);
    BOOST_TEST_REQUIRE((got == model_.push(copy, now_, model_id, expected_)));
    BOOST_TEST_REQUIRE(id == model_id);
    if (got != admission::accepted) BOOST_TEST_REQUIRE(m.payload() == copy.payload());
  }

  void burst() {
    for (std::uint64_t i = below(60); i > 0; --i) push();
  }

  void take() {
    take_limit limit;
    limit.messages = below(8);
    limit.bytes = below(120);
    if (below(3) == 0) limit.window_messages = below(12);
    if (below(3) == 0) limit.window_bytes = below(200);
    std::uint64_t first = 0;
    const auto got = real_.take(limit, now_, gone_);
    const auto ids = model_.take(limit, now_, first, expected_);
    BOOST_TEST_REQUIRE(got.first == first);
    BOOST_TEST_REQUIRE(got.last - got.first == ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const entry* e = real_.in_flight(first + i);
      BOOST_TEST_REQUIRE((e == nullptr) == (ids[i] == 0));
      if (!e) continue;
      BOOST_TEST_REQUIRE(e->id == ids[i]);
      BOOST_TEST_REQUIRE(e->seq == first + i);
      BOOST_TEST_REQUIRE(e->attempts == model_.attempts(first + i));
    }
  }

  void confirm() {
    const std::uint64_t seq = model_.last_confirmed() + below(8);
    real_.confirm(seq, gone_);
    model_.confirm(seq, expected_);
  }

  void withdraw() {
    const std::uint64_t id = model_.last_id() - std::min(model_.last_id(), below(40));
    BOOST_TEST_REQUIRE(real_.withdraw(id, gone_) == model_.withdraw(id, expected_));
  }

  void pass_time() {
    now_ += std::chrono::milliseconds(below(10));
    if (below(2) == 0) return;
    real_.expire(now_, gone_);
    model_.expire(now_, expected_);
  }

  void fail_unconfirmed() {
    if (below(2) == 0) {
      real_.fail_unconfirmed(gone_);
      model_.fail_unconfirmed(expected_);
    } else {
      const std::uint64_t seq = model_.last_confirmed() + below(10);
      real_.fail_unconfirmed(seq, gone_);
      model_.fail_unconfirmed(seq, expected_);
    }
  }

  void change_numbering() {
    model_.keep_numbers = below(2) == 0;
    real_.keep_numbers(model_.keep_numbers);
  }

  void take_all() {
    change_numbering();
    real_.take_all(gone_);
    model_.take_all(expected_);
  }

  void check() {
    BOOST_TEST_REQUIRE(gone_.size() == expected_.size());
    for (std::size_t i = 0; i < gone_.size(); ++i) {
      BOOST_TEST_REQUIRE(gone_[i].what.id == expected_[i].first);
      BOOST_TEST_REQUIRE(gone_[i].why == expected_[i].second);
    }
    gone_.clear();
    expected_.clear();
    const outbox_size got = real_.size();
    const outbox_size want = model_.size();
    BOOST_TEST_REQUIRE(got.queued_messages == want.queued_messages);
    BOOST_TEST_REQUIRE(got.queued_bytes == want.queued_bytes);
    BOOST_TEST_REQUIRE(got.unconfirmed_messages == want.unconfirmed_messages);
    BOOST_TEST_REQUIRE(got.unconfirmed_bytes == want.unconfirmed_bytes);
    BOOST_TEST_REQUIRE(real_.empty() == (want.queued_messages + want.unconfirmed_messages == 0));
    BOOST_TEST_REQUIRE(real_.anything_to_take() == model_.anything_to_take());
    BOOST_TEST_REQUIRE(real_.last_written() == model_.last_written());
    BOOST_TEST_REQUIRE(real_.last_confirmed() == model_.last_confirmed());
    BOOST_TEST_REQUIRE((real_.next_expiry() <= model_.next_expiry()));
  }

  std::mt19937 random_;
  outbox real_;
  outbox_model model_;
  time_point now_{std::chrono::hours(1)};
  std::vector<ended> gone_;
  outbox_model::leavers expected_;
};

void fight(overflow policy, std::uint32_t seed) {
  queue_options q;
  q.max_messages = 30 + seed % 3 * 200;
  q.max_bytes = 600 + seed % 2 * 100'000;
  q.overflow = policy;
  if (seed % 4 == 3) q.time_to_live = std::chrono::milliseconds(40);
  duel d(q, seed);
  for (int i = 0; i < 10'000; ++i) d.step();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(an_outbox_does_what_its_model_does)

BOOST_AUTO_TEST_CASE(when_senders_wait) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) fight(overflow::wait, seed);
}

BOOST_AUTO_TEST_CASE(when_it_rejects) {
  for (std::uint32_t seed = 11; seed <= 14; ++seed) fight(overflow::reject, seed);
}

BOOST_AUTO_TEST_CASE(when_it_drops_the_oldest) {
  for (std::uint32_t seed = 21; seed <= 28; ++seed) fight(overflow::drop_oldest, seed);
}

BOOST_AUTO_TEST_CASE(when_it_drops_the_newest) {
  for (std::uint32_t seed = 31; seed <= 34; ++seed) fight(overflow::drop_newest, seed);
}

BOOST_AUTO_TEST_SUITE_END()
