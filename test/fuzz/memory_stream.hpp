// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A byte stream whose peer has said everything already, in pieces, and then closed.
#ifndef TAUTLINE_TEST_FUZZ_MEMORY_STREAM_HPP
#define TAUTLINE_TEST_FUZZ_MEMORY_STREAM_HPP

#include "transport/byte_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
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
    if (said_.empty()) co_return tautline::transport::read_outcome(boost::asio::error::eof, 0);
    const auto room = target.room();
    const auto n = std::min({room.size(), said_.size(), piece_});
    std::memcpy(room.data(), said_.data(), n);
    said_.remove_prefix(n);
    co_return tautline::transport::read_outcome({}, n);
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
  boost::asio::any_io_executor executor_;
  std::string_view said_;
  std::size_t piece_;
};

}  // namespace fuzz

#endif
