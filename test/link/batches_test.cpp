// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How many messages share a write, and how many a read, over a connection that counts them.
#define BOOST_TEST_DYN_LINK
#include <tautline/tautline.hpp>
#include <tautline/testing/virtual_time.hpp>

#include "transport/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace tautline;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// What a test looks at.
struct record {
  std::vector<std::size_t> written;  ///< messages of each write that had any
  std::vector<std::size_t> asked;    ///< how many messages each read would have taken
  std::deque<message> coming;        ///< what the peer has said
  std::size_t read = 0;              ///< bytes of it
};

/// A peer that takes all at once and answers nothing but pings.
class counting_connection final : public transport::connection {
 public:
  counting_connection(const asio::any_io_executor& strand, record& seen) : seen_(seen), more_(strand) {
    more_.expires_at(std::chrono::steady_clock::time_point::max());
  }

  void observe(transport::connection_observer* o) noexcept override { observer_ = o; }
  asio::awaitable<error_code> async_read(std::vector<message>& out, std::size_t max) override {
    seen_.asked.push_back(max);
    for (;;) {
      tell_pongs();
      for (; !seen_.coming.empty() && out.size() < max; seen_.coming.pop_front()) {
        seen_.read += seen_.coming.front().size();
        out.push_back(std::move(seen_.coming.front()));
      }
      if (!out.empty()) co_return error_code();
      if (aborted_) co_return asio::error::operation_aborted;
      (void)co_await more_.async_wait(as_result);
    }
  }
  error_code write(std::string_view payload, payload_kind) override {
    framed_ += payload.size();
    ++messages_;
    return {};
  }
  error_code write(std::string_view head, std::string_view payload, payload_kind kind) override {
    return write(std::string(head).append(payload), kind);
  }
  error_code write_ping(std::string_view payload) override {
    framed_ += payload.size();
    pongs_.emplace_back(payload);
    return {};
  }
  asio::awaitable<error_code> async_flush(std::size_t) override {
    flushed_ = framed_;
    if (messages_ != 0) seen_.written.push_back(std::exchange(messages_, 0));
    co_return error_code();
  }
  [[nodiscard]] std::size_t unflushed() const noexcept override { return framed_ - flushed_; }
  [[nodiscard]] std::uint64_t bytes_flushed() const noexcept override { return flushed_; }
  [[nodiscard]] std::uint64_t bytes_read() const noexcept override { return seen_.read; }
  asio::awaitable<error_code> async_send_close(std::uint16_t, std::string_view) override { co_return error_code(); }
  [[nodiscard]] std::uint16_t close_code() const noexcept override { return 0; }
  [[nodiscard]] const std::string& close_reason() const noexcept override { return reason_; }
  void move_to(const asio::any_io_executor&) override {}
  void abort() noexcept override {
    aborted_ = true;
    more_.cancel();
  }
  [[nodiscard]] const transport::connection_info& info() const noexcept override { return info_; }

  void something_came() { more_.cancel(); }

 private:
  void tell_pongs() {
    for (; observer_ != nullptr && !pongs_.empty(); pongs_.pop_front()) observer_->on_pong(std::string(pongs_.front()));
  }

  record& seen_;
  asio::steady_timer more_;
  transport::connection_observer* observer_ = nullptr;
  std::deque<std::string> pongs_;
  std::size_t framed_ = 0, flushed_ = 0, messages_ = 0;
  bool aborted_ = false;
  std::string reason_;
  transport::connection_info info_;
};

class counting_connector final : public transport::connector {
 public:
  explicit counting_connector(record& seen) : seen_(seen) {}

  asio::awaitable<transport::connect_result> async_connect(const asio::any_io_executor& strand,
                                                           const transport::connect_request&) override {
    last = std::make_shared<counting_connection>(strand, seen_);
    transport::connect_result r;
    r.conn = last;
    co_return r;
  }
  void cancel() noexcept override {}

  std::shared_ptr<counting_connection> last;

 private:
  record& seen_;
};

options plain() {
  options o("ws://server/");
  o.session = session_use::off;
  return o;
}

/// A link that is up, in virtual time.
struct counted {
  explicit counted(const options& o = plain()) : l(io.get_executor(), o, in(*this)) {
    l.async_run(asio::detached);
    time->run_for(1s);
    BOOST_REQUIRE(l.status().state == link_state::connected);
  }
  ~counted() {
    l.cancel();
    time->run_for(1s);
  }
  static environment in(const counted& c) {
    environment env;
    env.connector = c.peer;
    env.time = c.time;
    return env;
  }
  void comes(int n) {
    for (int i = 0; i < n; ++i) seen.coming.emplace_back("said");
    peer->last->something_came();
  }

  record seen;
  asio::io_context io;
  std::shared_ptr<testing::virtual_time> time = std::make_shared<testing::virtual_time>(io);
  std::shared_ptr<counting_connector> peer = std::make_shared<counting_connector>(seen);
  tautline::link l;
};

asio::awaitable<void> await_each(tautline::link& l, int n, int& sent) {
  for (int i = 0; i < n; ++i) {
    auto queued = co_await l.async_send(message("sent"), as_result);
    if (std::get<0>(queued)) co_return;
    ++sent;
  }
}

asio::awaitable<void> answer_and_go_on(tautline::link& l, int n, int& sent) {
  auto heard = co_await l.async_receive(as_result);
  if (!std::get<0>(heard)) co_await await_each(l, n, sent);
}

asio::awaitable<void> take_each(tautline::link& l, int n, int& taken) {
  for (; taken < n; ++taken) {
    auto got = co_await l.async_receive(as_result);
    if (std::get<0>(got)) co_return;
  }
}

std::size_t sum(const std::vector<std::size_t>& v) {
  std::size_t all = 0;
  for (const auto n : v) all += n;
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batches_suite)

BOOST_AUTO_TEST_CASE(who_awaits_each_send_shares_writes_with_what_comes_next) {
  counted c;
  int sent = 0;
  asio::co_spawn(c.io, await_each(c.l, 1000, sent), asio::detached);
  c.time->run_for(1s);
  BOOST_TEST(sent == 1000);
  BOOST_TEST(sum(c.seen.written) == 1000U);
  BOOST_TEST(c.seen.written.size() < 100U);
}

// The strand does not run while another thread fills the queue, as if that thread had been faster.
std::uint64_t handlers_for(int messages) {
  counted c;
  const auto before = c.time->handlers();
  std::thread([&] {
    for (int i = 0; i < messages; ++i) (void)c.l.try_send("sent");
  }).join();
  c.time->run_for(10ms);
  BOOST_TEST(c.seen.written == std::vector<std::size_t>{static_cast<std::size_t>(messages)},
             boost::test_tools::per_element());
  return c.time->handlers() - before;
}

BOOST_AUTO_TEST_CASE(a_burst_from_another_thread_wakes_the_link_once_however_long_it_is) {
  const auto one = handlers_for(1);
  BOOST_TEST(handlers_for(2) == one);
  BOOST_TEST(handlers_for(1000) == one);
}

BOOST_AUTO_TEST_CASE(what_is_awaited_until_it_is_written_waits_for_nothing_else) {
  counted c;
  int written = 0;
  for (int i = 0; i < 3; ++i) {
    c.l.async_send(message("sent"), stage::written, [&](error_code ec, const receipt&) { written += ec ? 0 : 1; });
    c.time->run_for(1s);
    BOOST_TEST(written == i + 1);
  }
  BOOST_TEST(c.seen.written == (std::vector<std::size_t>{1, 1, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_answer_goes_out_at_once_and_what_is_awaited_behind_it_together) {
  counted c;
  c.time->run_for(1min);
  int sent = 0;
  asio::co_spawn(c.io, answer_and_go_on(c.l, 200, sent), asio::detached);
  c.time->run_for(1s);
  c.comes(1);
  c.time->run_for(1s);
  BOOST_TEST(sent == 200);
  BOOST_REQUIRE(!c.seen.written.empty());
  BOOST_TEST(c.seen.written.front() <= 2U);
  BOOST_TEST(*std::max_element(c.seen.written.begin(), c.seen.written.end()) > 10U);
  BOOST_TEST(sum(c.seen.written) == 200U);
}

BOOST_AUTO_TEST_CASE(what_fills_a_write_is_not_gathered_any_further) {
  counted c;
  int sent = 0;
  asio::co_spawn(
      c.io,
      [](tautline::link& l, int& n) -> asio::awaitable<void> {
        for (; n < 64; ++n) {
          auto queued = co_await l.async_send(message(std::string(8 * 1024, 'x')), as_result);
          if (std::get<0>(queued)) co_return;
        }
      }(c.l, sent),
      asio::detached);
  c.time->run_for(1s);
  BOOST_TEST(sent == 64);
  BOOST_TEST(sum(c.seen.written) == 64U);
  BOOST_TEST(*std::max_element(c.seen.written.begin(), c.seen.written.end()) <= 4U);
}

BOOST_AUTO_TEST_CASE(reading_that_stopped_at_a_full_inbox_goes_on_when_a_quarter_is_free) {
  auto o = plain();
  o.inbox.max_messages = 8;
  counted c(o);
  c.comes(100);
  c.time->run_for(1s);
  BOOST_TEST(c.l.metrics().received == 8U);

  c.seen.asked.clear();
  int taken = 0;
  asio::co_spawn(c.io, take_each(c.l, 1, taken), asio::detached);
  c.time->run_for(1s);
  BOOST_TEST(c.seen.asked.empty(), "one place is too little to read for");
  asio::co_spawn(c.io, take_each(c.l, 100, taken), asio::detached);
  c.time->run_for(1s);
  BOOST_TEST(taken == 100);
  BOOST_REQUIRE(!c.seen.asked.empty());
  BOOST_TEST(*std::min_element(c.seen.asked.begin(), c.seen.asked.end()) >= 2U);
}

BOOST_AUTO_TEST_CASE(an_inbox_of_one_is_read_for_when_it_is_empty) {
  auto o = plain();
  o.inbox.max_messages = 1;
  counted c(o);
  c.comes(10);
  int taken = 0;
  asio::co_spawn(c.io, take_each(c.l, 10, taken), asio::detached);
  c.time->run_for(1s);
  BOOST_TEST(taken == 10);
}

BOOST_AUTO_TEST_SUITE_END()
