// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The connection of connection.hpp, made of a wire and a codec.
#ifndef TAUTLINE_SRC_TRANSPORT_WS_CONNECTION_HPP
#define TAUTLINE_SRC_TRANSPORT_WS_CONNECTION_HPP

#include "transport/codec.hpp"
#include "transport/connection.hpp"
#include "transport/wire.hpp"

#include <memory>

namespace tautline::transport {

/// What an upgrade leaves behind.
[[nodiscard]] std::shared_ptr<connection> make_connection(std::shared_ptr<wire> w, std::unique_ptr<codec> c,
                                                          connection_info info);

}  // namespace tautline::transport

#endif
