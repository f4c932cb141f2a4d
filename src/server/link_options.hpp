// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A server's options, as the options of one of its links.
#ifndef TAUTLINE_SRC_SERVER_LINK_OPTIONS_HPP
#define TAUTLINE_SRC_SERVER_LINK_OPTIONS_HPP

#include <tautline/server.hpp>

#include <string>

namespace tautline::detail {

/// `peer_url` is what the link's status shows as its endpoint; nobody connects there.
[[nodiscard]] options link_options(const server_options& o, std::string peer_url);
/// The same for a session.
[[nodiscard]] options session_link_options(const server_options& o, std::string peer_url);

}  // namespace tautline::detail

#endif
