// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The memory before a byte stream: what the socket takes at once is not waited for.
#define BOOST_TEST_DYN_LINK
#include "transport/wire.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace tautline;
using namespace tautline::transport;

namespace {

/// A socket with so much room; `make_room` lets the write under way go on.
class narrow_stream final : public byte_stream {
 public:
  explicit narrow_stream(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  asio::awaitable<read_outcome> async_read_some(read_target&) override { co_return read_outcome(); }
  std::size_t write_now(std::span<const char> data) override { return error ? 0 : take(data); }
  void start_write(std::span<const char> data, std::shared_ptr<write_listener> listener) override {
    ++started;
    if (error) return complete(std::move(listener), 0);
    if (const auto n = take(data)) return complete(std::move(listener), n);
    waiting_ = std::move(listener);
    rest_ = data;
  }
  void move_to(const asio::any_io_executor&) override {}
  asio::awaitable<void> async_shutdown() override { co_return; }
  [[nodiscard]] std::size_t unacknowledged() const noexcept override { return 0; }
  void reset_on_close() noexcept override {}
  void close() noexcept override { waiting_.reset(); }

  void make_room(std::size_t n) {
    room += n;
    if (!waiting_) return;
    const auto taken = take(rest_);
    complete(std::move(waiting_), taken);
  }

  std::string out;
  std::size_t room = 0;
  int started = 0;
  error_code error;

 private:
  std::size_t take(std::span<const char> data) {
    const auto n = std::min(room, data.size());
    out.append(data.data(), n);
    room -= n;
    return n;
  }
  void complete(std::shared_ptr<write_listener> listener, std::size_t n) {
    asio::post(executor_, [listener = std::move(listener), ec = error, n] { listener->on_written(ec, n); });
  }

  asio::any_io_executor executor_;
  std::shared_ptr<write_listener> waiting_;
  std::span<const char> rest_;
};

struct narrow_wire {
  narrow_wire() {
    auto s = std::make_unique<narrow_stream>(io.get_executor());
    stream = s.get();
    w = std::make_shared<wire>(io.get_executor(), std::move(s));
  }
  ~narrow_wire() { w->abort(); }
  void put(const std::string& s) { w->put(s.data(), s.size()); }
  void flush(std::size_t leave = 0) {
    asio::co_spawn(io, wire::async_flush(w, leave), [this](std::exception_ptr, error_code ec) { flushed = ec; });
  }
  void run() {
    io.restart();
    io.poll();
  }

  asio::io_context io;
  narrow_stream* stream = nullptr;
  std::shared_ptr<wire> w;
  std::optional<error_code> flushed;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_suite)

BOOST_AUTO_TEST_CASE(what_the_socket_takes_is_with_the_system_at_once) {
  narrow_wire r;
  r.stream->room = 100;
  r.put("hello");
  r.w->write_at_once();
  BOOST_TEST(r.stream->out == "hello");
  BOOST_TEST(r.w->unflushed() == 0U);
  BOOST_TEST(r.w->bytes_flushed() == 5U);
  r.w->kick();
  BOOST_TEST(r.stream->started == 0);
  r.w->write_at_once();
  BOOST_TEST(r.stream->out == "hello");
}

BOOST_AUTO_TEST_CASE(the_rest_is_written_when_there_is_room_and_in_order) {
  narrow_wire r;
  r.stream->room = 3;
  r.put("hello");
  r.w->write_at_once();
  BOOST_TEST(r.stream->out == "hel");
  BOOST_TEST(r.w->unflushed() == 2U);
  r.flush();
  r.run();
  BOOST_TEST(!r.flushed.has_value());
  r.put(", world");
  r.w->write_at_once();
  BOOST_TEST(r.stream->out == "hel", "a write is under way");
  r.stream->make_room(4);
  r.run();
  BOOST_TEST(r.stream->out == "hello, ");
  BOOST_TEST(!r.flushed.has_value());
  r.stream->make_room(100);
  r.run();
  BOOST_TEST(r.stream->out == "hello, world");
  BOOST_TEST((r.flushed == error_code()));
  BOOST_TEST(r.w->bytes_flushed() == 12U);
}

BOOST_AUTO_TEST_CASE(a_flush_that_may_leave_something_ends_as_soon_as_only_that_is_left) {
  narrow_wire r;
  r.stream->room = 3;
  r.put("hello");
  r.flush(2);
  r.run();
  BOOST_TEST((r.flushed == error_code()));
  BOOST_TEST(r.w->unflushed() == 2U);
}

BOOST_AUTO_TEST_CASE(the_error_of_a_socket_that_takes_nothing_is_what_the_flush_ends_with) {
  narrow_wire r;
  r.stream->error = asio::error::connection_reset;
  r.put("hello");
  r.flush();
  r.run();
  BOOST_TEST((r.flushed == error_code(asio::error::connection_reset)));
  r.put("more");
  r.flushed.reset();
  r.flush();
  r.run();
  BOOST_TEST((r.flushed == error_code(asio::error::connection_reset)));
}

BOOST_AUTO_TEST_CASE(nothing_is_written_after_an_abort) {
  narrow_wire r;
  r.stream->room = 100;
  r.put("hello");
  r.w->abort();
  r.w->kick();
  r.w->write_at_once();
  r.flush();
  r.run();
  BOOST_TEST(r.stream->out.empty());
  BOOST_TEST((r.flushed == error_code(asio::error::operation_aborted)));
}

BOOST_AUTO_TEST_SUITE_END()
