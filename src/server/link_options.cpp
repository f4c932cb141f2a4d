// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a link at a server's end is told.
#include "server/link_options.hpp"

#include <utility>

namespace tautline::detail {

options link_options(const server_options& o, std::string peer_url) {
  options link = o.link;
  link.endpoints.clear();
  link.endpoints.push_back(std::move(peer_url));
  link.provider = nullptr;
  link.headers.clear();
  link.subprotocols.clear();
  link.tls = tls_options();
  link.backoff = backoff_options();
  link.session = session_use::off;
  link.heartbeat.answer_json = true;
  return link;
}

options session_link_options(const server_options& o, std::string peer_url) {
  options link = link_options(o, std::move(peer_url));
  link.session = session_use::automatic;
  return link;
}

}  // namespace tautline::detail
