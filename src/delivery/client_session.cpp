// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "delivery/client_session.hpp"

#include <algorithm>
#include <utility>

namespace tautline::delivery {

client_session::client_session(std::string origin, std::string token)
    : origin_(std::move(origin)), token_(std::move(token)) {}

void client_session::fill_hello(hello& h, const client_counts& counts, std::uint64_t taken_over, std::uint64_t utc_ms) {
  welcomed_ = false;
  attach_ = std::max(attach_ + 1, utc_ms);
  hello_recv_ = session_.empty() ? 0 : taken_over;
  h.version = session_version;
  h.origin = origin_;
  h.token = token_;
  h.attach = attach_;
  h.session = session_;
  h.recv = hello_recv_;
  h.from = counts.acknowledged + 1;
}

const char* client_session::fault_of(const welcome& w, const client_counts& counts) const noexcept {
  const std::uint64_t written = std::max(counts.written, counts.acknowledged);
  if (w.version != session_version) return "version was not offered";
  if (w.session.empty()) return "session is empty";
  if (w.resumed && session_.empty()) return "resumed is true, and no session was named";
  if (w.resumed != (w.session == session_))
    return w.resumed ? "session is not the one that is resumed" : "session is the one that is not resumed";
  if (w.recv > written) return "recv is beyond what was sent";
  if (w.recv < counts.acknowledged) return "recv is below what was acknowledged";
  if (w.from != (w.resumed ? hello_recv_ + 1 : 1)) return "from is not the next expected number";
  if (w.resumed || session_.empty() || !w.previous) return nullptr;
  if (w.previous->recv > written) return "previous.recv is beyond what was sent";
  if (w.previous->recv > w.recv) return "recv is below previous.recv";
  if (w.previous->sent < counts.accepted) return "previous.sent is below what was received";
  return nullptr;
}

client_session::outcome::reset client_session::account(const welcome& w, const client_counts& counts) const noexcept {
  const auto above_acknowledged = [&](std::uint64_t n) { return n - std::min(n, counts.acknowledged); };
  outcome::reset r;
  if (w.previous) {
    r.certain = above_acknowledged(w.previous->recv);
    r.lost = w.previous->sent - counts.accepted;
  } else {
    r.uncertain = above_acknowledged(exposed_);
  }
  return r;
}

client_session::outcome client_session::on_welcome(const welcome& w, const client_counts& counts) {
  outcome out;
  if (const char* fault = fault_of(w, counts)) {
    out.fault = fault;
    return out;
  }
  welcomed_ = true;
  out.resumed = w.resumed;
  out.delivered = w.recv;
  if (w.resumed) return out;
  out.new_numbers = true;
  if (!session_.empty()) out.ended = account(w, counts);
  session_ = w.session;
  exposed_ = strayed_;
  return out;
}

void client_session::on_down(std::uint64_t written) noexcept {
  if (!session_.empty()) exposed_ = std::max(exposed_, written);
  if (!welcomed_) strayed_ = std::max(strayed_, written);
  welcomed_ = false;
}

void client_session::forget() noexcept {
  session_.clear();
  exposed_ = 0;
}

}  // namespace tautline::delivery
