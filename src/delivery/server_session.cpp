// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "delivery/server_session.hpp"

namespace tautline::delivery {
namespace {

// A client that names another session never saw this one's welcome, so it has nothing of it.
std::uint64_t held_by_client(std::string_view id, const hello& h) noexcept { return h.session == id ? h.recv : 0; }

}  // namespace

bool can_resume(std::string_view id, const server_counts& counts, const hello& h) noexcept {
  if (h.from == 0 || h.from - 1 > counts.recv) return false;
  const std::uint64_t held = held_by_client(id, h);
  return held >= counts.acknowledged && held <= counts.written;
}

std::uint64_t fill_welcome(welcome& w, std::string_view id, const server_counts& counts, const hello& h) {
  const std::uint64_t held = held_by_client(id, h);
  w.version = session_version;
  w.session = id;
  w.resumed = h.session == id;
  w.reason = w.resumed ? "" : "new";
  w.recv = counts.recv;
  w.from = held + 1;
  return held;
}

}  // namespace tautline::delivery
