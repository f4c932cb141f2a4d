// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/strand.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

namespace tautline::detail {

namespace asio = boost::asio;

asio::any_io_executor make_strand_of(const asio::any_io_executor& executor) {
  if (const auto* io = executor.target<asio::io_context::executor_type>()) return asio::make_strand(*io);
  if (const auto* pool = executor.target<asio::thread_pool::executor_type>()) return asio::make_strand(*pool);
  return asio::make_strand(executor);
}

}  // namespace tautline::detail
