// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A byte stream whose peer has said everything already, in pieces, and then closed.
#ifndef TAUTLINE_TEST_FUZZ_MEMORY_STREAM_HPP
#define TAUTLINE_TEST_FUZZ_MEMORY_STREAM_HPP

#include "target.hpp"
#include "transport/byte_stream.hpp"
#include "transport/wire.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace fuzz {

class memory_stream final : public tautline::transport::byte_stream {
 public:
  memory_stream(boost::asio::any_io_executor executor, std::string_view said, std::size_t piece)
      : executor_(std::move(executor)), said_(said), piece_(std::max<std::size_t>(piece, 1)) {}

  boost::asio::awaitable<tautline::transport::read_outcome> async_read_some(
      tautline::transport::read_target& target) override {
    const tautline::transport::read_outcome told = target.took(hand_over(target));
    co_return told;
  }

  void start_write(std::span<const char> data, std::shared_ptr<tautline::transport::write_listener> listener) override {
    boost::asio::post(executor_, [listener = std::move(listener), n = data.size()] { listener->on_written({}, n); });
  }

  void move_to(const boost::asio::any_io_executor&) override {}
  boost::asio::awaitable<void> async_shutdown() override { co_return; }
  std::size_t unacknowledged() const noexcept override { return 0; }
  void reset_on_close() noexcept override {}
  void close() noexcept override {}

 private:
  tautline::transport::read_outcome hand_over(tautline::transport::read_target& target) {
    if (said_.empty()) return {boost::asio::error::eof, 0};
    const auto room = target.room(1);
    const auto n = std::min({room.size(), said_.size(), piece_});
    std::memcpy(room.data(), said_.data(), n);
    said_.remove_prefix(n);
    return {{}, n};
  }

  boost::asio::any_io_executor executor_;
  std::string_view said_;
  std::size_t piece_;
};

/// Runs what `converse` makes of a wire whose peer says `bytes`; the first of them is how finely.
template <class Converse>
void over_a_wire(std::string_view bytes, Converse converse) {
  decisions d(bytes);
  const auto piece = d.byte() * 4U + 1;
  boost::asio::io_context io(1);
  const auto w = std::make_shared<tautline::transport::wire>(
      io.get_executor(), std::make_unique<memory_stream>(io.get_executor(), d.rest(), piece));
  std::exception_ptr thrown;
  boost::asio::co_spawn(io, converse(w), [&thrown](std::exception_ptr e) { thrown = e; });
  io.run();
  w->abort();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace fuzz

#endif
