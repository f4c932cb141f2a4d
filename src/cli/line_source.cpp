// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Reading standard input.
#include "line_source.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace tautline::cli {

line_source::line_source(const asio::any_io_executor& executor, int fd, std::size_t max_line)
    : executor_(executor), fd_(fd), splitter_(max_line) {
  if (pollable::suits(fd)) pollable_.emplace(executor, fd, O_RDONLY);
}

asio::awaitable<error_code> line_source::async_read(std::vector<piece>& out) {
  if (cancelled_) co_return asio::error::operation_aborted;
  error_code ec;
  const std::size_t n = co_await read_bytes(ec);
  splitter_.feed(std::string_view(buffer_.data(), n), out);
  // Half a line that a signal cut off is no message.
  if (ec && ec != asio::error::operation_aborted) splitter_.finish(out);
  co_return ec;
}

asio::awaitable<std::size_t> line_source::read_bytes(error_code& ec) {
  if (pollable_) {
    auto& stream = pollable_->stream();
    const auto space = asio::buffer(buffer_);
    co_return co_await stream.async_read_some(space, asio::redirect_error(asio::use_awaitable, ec));
  }
  // A file is always ready: let everything else have its turn between two reads.
  co_await asio::post(executor_, asio::use_awaitable);
  co_return read_directly(ec);
}

std::size_t line_source::read_directly(error_code& ec) {
  if (cancelled_) {
    ec = asio::error::operation_aborted;
    return 0;
  }
  const auto n = ::read(fd_, buffer_.data(), buffer_.size());
  if (n > 0) return static_cast<std::size_t>(n);
  ec = n == 0 ? error_code(asio::error::eof) : error_code(errno, boost::system::system_category());
  return 0;
}

void line_source::cancel() {
  cancelled_ = true;
  error_code ignored;
  if (pollable_) pollable_->stream().cancel(ignored);
}

}  // namespace tautline::cli
