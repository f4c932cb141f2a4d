// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Telling a session's peer why its connection ends.
#ifndef TAUTLINE_SRC_LINK_LAST_WORDS_HPP
#define TAUTLINE_SRC_LINK_LAST_WORDS_HPP

#include <tautline/time.hpp>

#include "delivery/session_codec.hpp"
#include "transport/connection.hpp"

#include <memory>

namespace tautline::detail {

/// Writes the error and its close, and aborts the connection once they are out, at most a second
/// later; 50 ms if they stand behind something else, which may be stuck. On the
/// connection's strand; its reads may be pending, and nothing may be written to it any more.
void say_last_words(const asio::any_io_executor& strand, time_service& time,
                    const std::shared_ptr<transport::connection>& conn, delivery::session_fault fault,
                    const delivery::session_error& words);

}  // namespace tautline::detail

#endif
