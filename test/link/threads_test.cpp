// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Several threads run the io_context and call everything at once. Real threads, no sleeping: each
// side counts what it did. Most useful under ThreadSanitizer.
#define BOOST_TEST_DYN_LINK
#include <tautline/tautline.hpp>

#include "transport/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace tautline;

namespace {

/// A peer in memory: answers pings, echoes messages, and resets now and then. Lives on the
/// link's strand, as every connection does.
class loop_connection final : public transport::connection {
 public:
  explicit loop_connection(asio::any_io_executor strand, int lives) : timer_(std::move(strand)), lives_(lives) {
    timer_.expires_at(std::chrono::steady_clock::time_point::max());
  }

  void observe(transport::connection_observer* o) noexcept override { observer_ = o; }
  asio::awaitable<error_code> async_read(std::vector<message>& out, std::size_t max) override {
    co_await asio::post(asio::use_awaitable);
    for (;;) {
      tell_pongs();
      while (!inbox_.empty() && out.size() < max) {
        out.push_back(std::move(inbox_.front()));
        inbox_.pop_front();
      }
      if (!out.empty()) co_return error_code();
      if (failure_) co_return failure_;
      co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
  error_code write(std::string_view payload, payload_kind kind) override {
    if (failure_) return failure_;
    framed_ += payload.size();
    inbox_.emplace_back(kind, std::string(payload));
    return {};
  }
  error_code write(std::string_view head, std::string_view payload, payload_kind kind) override {
    return write(std::string(head).append(payload), kind);
  }
  void move_to(const asio::any_io_executor&) override {}
  error_code write_ping(std::string_view payload) override {
    if (failure_) return failure_;
    framed_ += payload.size();
    pongs_.emplace_back(payload);
    return {};
  }
  asio::awaitable<error_code> async_flush(std::size_t) override {
    co_await asio::post(asio::use_awaitable);
    flushed_ = framed_;
    if (!failure_ && --lives_ <= 0) failure_ = asio::error::connection_reset;
    timer_.cancel();
    co_return failure_;
  }
  [[nodiscard]] std::size_t unflushed() const noexcept override { return framed_ - flushed_; }
  [[nodiscard]] std::uint64_t bytes_flushed() const noexcept override { return flushed_; }
  [[nodiscard]] std::uint64_t bytes_read() const noexcept override { return flushed_; }
  asio::awaitable<error_code> async_send_close(std::uint16_t, std::string_view) override {
    failure_ = errc::closed;
    timer_.cancel();
    co_return error_code();
  }
  [[nodiscard]] std::uint16_t close_code() const noexcept override { return 0; }
  [[nodiscard]] const std::string& close_reason() const noexcept override { return reason_; }
  void abort() noexcept override {
    failure_ = asio::error::operation_aborted;
    timer_.cancel();
  }
  [[nodiscard]] const transport::connection_info& info() const noexcept override { return info_; }

 private:
  void tell_pongs() {
    if (observer_ == nullptr) return;
    observer_->on_bytes();
    while (!pongs_.empty()) {
      const auto p = std::move(pongs_.front());
      pongs_.pop_front();
      observer_->on_pong(p);
    }
  }

  asio::steady_timer timer_;
  transport::connection_observer* observer_ = nullptr;
  std::deque<message> inbox_;
  std::deque<std::string> pongs_;
  std::size_t framed_ = 0, flushed_ = 0;
  error_code failure_;
  int lives_;
  std::string reason_;
  transport::connection_info info_;
};

class loop_connector final : public transport::connector {
 public:
  asio::awaitable<transport::connect_result> async_connect(const asio::any_io_executor& strand,
                                                           const transport::connect_request&) override {
    co_await asio::post(asio::use_awaitable);
    transport::connect_result r;
    r.conn = std::make_shared<loop_connection>(strand, 5 + (++connections_ % 7));
    co_return r;
  }
  void cancel() noexcept override {}

 private:
  int connections_ = 0;
};

options eager() {
  options o("ws://server/");
  o.backoff.max_attempts = unlimited;
  o.backoff.initial = 1ms;
  o.backoff.max = 1ms;
  o.queue.max_messages = 200;
  o.inbox.max_messages = 100;
  o.delivery.barrier_interval = 1ms;
  return o;
}

environment in_memory() {
  environment env;
  env.connector = std::make_shared<loop_connector>();
  return env;
}

/// Three threads that run an io_context for as long as this lives.
struct pool {
  pool() {
    for (int i = 0; i < 3; ++i) threads.emplace_back([this] { io.run(); });
  }
  ~pool() { finish(); }
  /// Ends when nothing is left to do. Handlers that name a link must have ended before it goes.
  void finish() {
    work.reset();
    for (auto& t : threads) t.join();
    threads.clear();
  }
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::vector<std::thread> threads;
};

void receive_all(tautline::link& l, std::atomic<std::size_t>& received) {
  l.async_receive_batch(16, [&](error_code ec, std::vector<message> batch) {
    if (ec) return;
    received += batch.size();
    receive_all(l, received);
  });
}

void read_events(tautline::link& l, std::atomic<std::size_t>& events) {
  l.async_next_event([&](error_code ec, event) {
    if (ec) return;
    ++events;
    read_events(l, events);
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(threads_suite)

BOOST_AUTO_TEST_CASE(everything_may_be_called_from_every_thread_at_once) {
  constexpr int senders = 3;
  constexpr int each = 1'500;
  std::atomic<std::size_t> received{0}, events{0};
  std::atomic<int> delivered{0}, failed{0}, pending{senders * each};
  std::promise<error_code> run_ended, closed;
  std::promise<void> all_ended;
  tautline::metrics m;
  {
    pool p;
    tautline::link l(p.io.get_executor(), eager(), in_memory());
    l.async_run([&](error_code ec) { run_ended.set_value(ec); });
    receive_all(l, received);
    read_events(l, events);
    std::vector<std::thread> callers;
    for (int s = 0; s < senders; ++s)
      callers.emplace_back([&] {
        for (int i = 0; i < each; ++i) {
          l.async_send(message(std::to_string(i)), stage::delivered, [&](error_code ec, receipt) {
            ++(ec ? failed : delivered);
            if (--pending == 0) all_ended.set_value();
          });
          (void)l.status();
          (void)l.metrics();
          if (i % 100 == 0) l.retry_now();
        }
      });
    for (auto& c : callers) c.join();
    all_ended.get_future().get();
    l.async_close([&](error_code ec) { closed.set_value(ec); });
    BOOST_TEST(closed.get_future().get() == error_code());
    BOOST_TEST(run_ended.get_future().get() == error_code());
    m = l.metrics();
    p.finish();
  }
  BOOST_TEST(failed == 0);
  BOOST_TEST(m.delivered == static_cast<unsigned>(senders * each));
  BOOST_TEST(m.reconnects > 0U);
  BOOST_TEST(events > 0U);
}

BOOST_AUTO_TEST_CASE(links_may_be_cancelled_and_destroyed_while_other_threads_use_them) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> ended{0};
    std::promise<void> run_ended;
    {
      pool p;
      auto l = std::make_unique<tautline::link>(p.io.get_executor(), eager(), in_memory());
      l->async_run([&](error_code) { run_ended.set_value(); });
      std::vector<std::thread> callers;
      for (int t = 0; t < 2; ++t)
        callers.emplace_back([&] {
          for (int i = 0; i < 200; ++i) {
            l->async_send(message("x"), stage::delivered, [&](error_code, receipt) { ++ended; });
            if (i == 100) l->cancel();
          }
        });
      for (auto& c : callers) c.join();
      l.reset();
      run_ended.get_future().get();
    }
    BOOST_TEST(ended == 400);
  }
}

BOOST_AUTO_TEST_CASE(many_links_share_a_pool_of_threads) {
  constexpr int links = 20;
  std::atomic<int> delivered{0};
  std::promise<void> all;
  {
    pool p;
    std::vector<tautline::link> ls;
    for (int i = 0; i < links; ++i) ls.emplace_back(p.io.get_executor(), eager(), in_memory());
    std::vector<std::atomic<std::size_t>> received(links);
    for (std::size_t i = 0; i < links; ++i) {
      ls[i].async_run([](error_code) {});
      receive_all(ls[i], received[i]);
    }
    for (auto& l : ls)
      for (int i = 0; i < 50; ++i)
        l.async_send(message("x"), stage::delivered, [&](error_code ec, receipt) {
          if (!ec && ++delivered == links * 50) all.set_value();
        });
    all.get_future().get();
    for (auto& l : ls) l.cancel();
    p.finish();
  }
  BOOST_TEST(delivered == links * 50);
}

BOOST_AUTO_TEST_SUITE_END()
