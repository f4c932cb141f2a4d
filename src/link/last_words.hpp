// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Telling a session's peer why its connection ends.
#ifndef TAUTLINE_SRC_LINK_LAST_WORDS_HPP
#define TAUTLINE_SRC_LINK_LAST_WORDS_HPP

#include <tautline/time.hpp>

#include "delivery/session_codec.hpp"
#include "transport/connection.hpp"

#include <memory>

namespace tautline::detail {

/// Whether someone else still reads from the connection.
enum class reads : unsigned char { pending, over };

/// Writes the error and its close, and aborts the connection at most a second later; after 50 ms if
/// they stand behind something else, which may be stuck. With reads over, what still comes is dropped
/// until the peer's end: a socket that is closed with something unread in it resets the connection,
/// and the peer would not see the words. With reads pending it is aborted once the words are out.
/// On the connection's strand; nothing may be written to it any more.
void say_last_words(const asio::any_io_executor& strand, time_service& time,
                    const std::shared_ptr<transport::connection>& conn, delivery::session_fault fault,
                    const delivery::session_error& words, reads r);

}  // namespace tautline::detail

#endif
