// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The strand of a link.
#ifndef TAUTLINE_SRC_LINK_STRAND_HPP
#define TAUTLINE_SRC_LINK_STRAND_HPP

#include <boost/asio/any_io_executor.hpp>

namespace tautline::detail {

/// A new strand of `executor`. Over the executors of `io_context` and `thread_pool` it has their
/// own type inside and not the erased one: then it fits into an `any_io_executor`, and none of its
/// many copies (one in every timer, socket, work guard and pending operation) allocates.
[[nodiscard]] boost::asio::any_io_executor make_strand_of(const boost::asio::any_io_executor& executor);

}  // namespace tautline::detail

#endif
