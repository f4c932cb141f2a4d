// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A steady stream of messages over real sockets, from the sender to the application at the other end and
// confirmed: what is allocated is for batches, not for messages, but for payloads that do not fit into one.
#define BOOST_TEST_DYN_LINK

#include <tautline/tautline.hpp>

#include "allocations/counted_new.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

using namespace tautline;
namespace asio = boost::asio;

constexpr std::size_t burst = 1'000;

// Blocks up to a kilobyte; frames of coroutines are larger than that in a build for a sanitizer.
constexpr bool asio_keeps_blocks = TAUTLINE_UNDER_SANITIZER == 0;

struct both_ends {
  explicit both_ends(session_use session, std::size_t size = 64)
      : payload_(size, 'x'), server_(io_.get_executor(), server_options()) {
    BOOST_REQUIRE(!server_.listen());
    server_.async_accept([this](error_code ec, tautline::link l) {
      BOOST_REQUIRE(!ec);
      peer_ = std::move(l);
      peer_.async_run([](error_code) {});
      receive();
    });
    options o(server_.url());
    o.session = session;
    client_ = tautline::link(io_.get_executor(), std::move(o));
    client_.async_run([](error_code) {});
    until([this] { return client_.status().state == link_state::connected; });
  }
  ~both_ends() {
    client_.cancel();
    peer_.cancel();
    server_.cancel();
    io_.run();
  }

  /// A thousand messages there, and all of them confirmed.
  void stream() {
    const auto due = received_ + burst;
    bool taken = true;
    for (std::size_t i = 0; i < burst; ++i) taken = !client_.try_send(message(payload_)) && taken;
    BOOST_REQUIRE(taken);
    until_confirmed(due);
  }
  /// The same by a coroutine that awaits each.
  void stream_awaited() {
    const auto due = received_ + burst;
    asio::co_spawn(io_, send_each(), asio::detached);
    until_confirmed(due);
  }

  /// How often memory was allocated in `rounds` calls of `f`, after what grows with use has grown.
  template <class Stream>
  std::size_t counted(std::size_t rounds, Stream f) {
    for (int i = 0; i < 10; ++i) (this->*f)();
    const std::size_t before = counted_new::calls;
    for (std::size_t i = 0; i < rounds; ++i) (this->*f)();
    const auto made = counted_new::calls - before;
    BOOST_TEST_MESSAGE("allocations for " << rounds * burst << " messages: " << made);
#ifndef TAUTLINE_ALLOCATION_IS_TAKEN
    BOOST_TEST(made > 0U);
#endif
    return made;
  }

 private:
  asio::awaitable<void> send_each() {
    for (std::size_t i = 0; i < burst; ++i) co_await client_.async_send(message(payload_), asio::use_awaitable);
  }
  void until_confirmed(std::size_t due) {
    until([&] { return received_ == due && client_.metrics().delivered == due; });
  }
  template <class Done>
  void until(Done done) {
    while (!done()) io_.run_one();
  }
  void receive() {
    peer_.async_receive_batch(4096, [this](error_code ec, const std::vector<message>& batch) {
      if (ec) return;
      received_ += batch.size();
      receive();
    });
  }

  const std::string payload_;
  asio::io_context io_{1};
  server server_;
  tautline::link client_, peer_;
  std::size_t received_ = 0;
};

const session_use modes[] = {session_use::off, session_use::require};

}  // namespace

namespace tautline {
static std::ostream& boost_test_print_type(std::ostream& out, session_use s) { return out << static_cast<int>(s); }
}  // namespace tautline

BOOST_AUTO_TEST_SUITE(a_steady_stream)

constexpr std::size_t rounds = 10;

BOOST_DATA_TEST_CASE(allocates_for_batches_and_not_for_messages, boost::unit_test::data::make(modes), mode) {
  both_ends b(mode);
  BOOST_TEST(b.counted(rounds, &both_ends::stream) < rounds * burst / 10);
}

// The sender makes its payload, and the other end one for its application.
BOOST_DATA_TEST_CASE(of_larger_messages_allocates_one_payload_at_each_end, boost::unit_test::data::make(modes), mode) {
  both_ends b(mode, 1'000);
  const auto made = b.counted(rounds, &both_ends::stream);
  BOOST_TEST(made < 2 * rounds * burst + rounds * burst / 10);
}

BOOST_DATA_TEST_CASE(of_awaited_sends_allocates_a_receipt_for_each, boost::unit_test::data::make(modes), mode) {
  both_ends b(mode);
  const auto made = b.counted(rounds, &both_ends::stream_awaited);
  BOOST_TEST((!asio_keeps_blocks || made < rounds * burst + rounds * burst / 2));
}

BOOST_AUTO_TEST_SUITE_END()
