// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The first message of a session's client.
#ifndef TAUTLINE_SRC_SERVER_READ_HELLO_HPP
#define TAUTLINE_SRC_SERVER_READ_HELLO_HPP

#include <tautline/time.hpp>

#include "delivery/session_codec.hpp"
#include "transport/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

namespace tautline::detail {

struct hello_result {
  hello_result() = default;
  std::optional<delivery::hello> hello;
  delivery::session_fault fault = delivery::session_fault::bad_message;  ///< if there is no hello
  std::string detail;                                                    ///< the same, in words
  bool gone = false;                                                     ///< nobody is left to be told
};

/// Reads the hello, by `limit`. Nothing is pending on the connection afterwards, unless it failed.
[[nodiscard]] asio::awaitable<hello_result> read_hello(asio::any_io_executor strand, std::shared_ptr<time_service> time,
                                                       std::shared_ptr<transport::connection> conn, time_point limit);

}  // namespace tautline::detail

#endif
