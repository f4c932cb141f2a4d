// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// An attempt to connect through the simulated network, phase by phase.
#include "testing/simulated_connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace tautline::testing::detail {

namespace {

struct address {
  bool tls = false;
  std::string authority;
};

std::optional<address> read_url(std::string_view url) {
  address a;
  a.tls = url.substr(0, 6) == "wss://";
  if (!a.tls && url.substr(0, 5) != "ws://") return std::nullopt;
  url.remove_prefix(a.tls ? 6 : 5);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.empty()) return std::nullopt;
  a.authority = url;
  const auto colon = url.rfind(':');
  const bool has_port = colon != std::string_view::npos && url.find(']', colon) == std::string_view::npos;
  if (!has_port) a.authority += a.tls ? ":443" : ":80";
  return a;
}

step step_of(phase p) {
  switch (p) {
    case phase::connect: return step::connect;
    case phase::tls: return step::tls;
    case phase::upgrade: return step::upgrade;
    default: return step::resolve;
  }
}

constexpr std::array phases = {phase::resolve, phase::connect, phase::tls, phase::upgrade};

/// A lost SYN is sent again after a second.
constexpr duration retransmission = std::chrono::seconds(1);

attempt_record record_of(const transport::connect_request& request, const std::string& client, time_point now) {
  attempt_record r;
  r.client = client;
  r.time = now;
  r.url = request.url;
  r.headers = request.headers;
  r.subprotocols = request.subprotocols;
  return r;
}

transport::connect_result failed(phase where, error_code code) {
  transport::connect_result r;
  r.why.where = where;
  r.why.code = code;
  return r;
}

transport::connect_result failed(const cause& why) {
  transport::connect_result r;
  r.why = why;
  return r;
}

}  // namespace

void simulated_connector::cancel() noexcept {
  cancelled_ = true;
  waiting_.notify();
}

duration simulated_connector::round_trip(phase where, const host_state* host) const {
  if (where == phase::resolve || !host) return duration::zero();
  return host->path.latency_up + host->path.latency_down + core_->jitter(host->path.jitter);
}

bool simulated_connector::lost(phase where, const host_state* host) const {
  if (where == phase::resolve || host == nullptr) return false;
  for (const auto way : {direction::up, direction::down})
    if (host->silent(way) || core_->parted(client_, host->name, way)) return true;
  return false;
}

asio::awaitable<error_code> simulated_connector::pass(phase where, std::string_view authority, const host_state* host,
                                                      bool hangs, time_point deadline) {
  network_event e;
  e.what = step_of(where);
  e.host = authority;
  e.client = client_;
  const auto how = core_->event(std::move(e), {});
  if (how == interference::reset) co_return asio::error::connection_reset;
  if (how == interference::silence || how == interference::orphan) hangs = true;
  auto until = hangs ? time_point::max() : core_->now() + round_trip(where, host);
  for (;;) {
    const auto how_woken = co_await waiting_.wait(std::min(until, deadline));
    if (how_woken == woken::cancelled || cancelled_) co_return asio::error::operation_aborted;
    if (core_->now() >= deadline)
      co_return make_error_code(where == phase::resolve ? errc::resolve_timeout : errc::connect_timeout);
    const bool gone = lost(where, host);
    if (!gone && core_->now() >= until) co_return error_code();
    if (gone && !hangs) until = core_->now() + retransmission;
  }
}

asio::awaitable<transport::connect_result> simulated_connector::async_connect(
    const asio::any_io_executor&, const transport::connect_request& request) {
  cancelled_ = false;
  const auto where = read_url(request.url);
  if (!where) co_return failed(phase::url, errc::invalid_url);
  const auto host = core_->find(where->authority);
  if (host) host->attempts.push_back(record_of(request, client_, core_->now()));
  const auto how = host ? host->take_answer() : answer::unresolved();
  const auto& failure = core_->failure_of(how);
  for (const auto p : phases) {
    if (p == phase::tls && !where->tls) continue;
    const auto ec = co_await pass(p, where->authority, host.get(), network_core::hangs_in(how, p), request.deadline);
    if (ec) co_return failed(p, ec);
    if (failure && failure->where == p) co_return failed(*failure);
  }
  if (host->deserted()) co_return failed(phase::upgrade, asio::error::connection_reset);
  transport::connect_result r;
  r.conn = host->open(core_, request, client_, how);
  co_return r;
}

error_code simulated_acceptor::open(std::vector<std::string> subprotocols, taker take) {
  if (mine_) return asio::error::already_open;
  mine_ = std::make_shared<host_state::listener>();
  mine_->subprotocols = std::move(subprotocols);
  mine_->take = std::move(take);
  host_->listening = mine_;
  host_->has_listened = true;
  return {};
}

void simulated_acceptor::close() noexcept {
  if (mine_ && host_->listening == mine_) host_->listening.reset();
}

asio::awaitable<transport::connect_result> handed_out::async_connect(const asio::any_io_executor&,
                                                                     const transport::connect_request&) {
  co_await asio::post(asio::use_awaitable);
  if (!connection_) co_return failed(phase::connect, errc::closed);
  transport::connect_result r;
  r.conn = std::exchange(connection_, nullptr);
  co_return r;
}

}  // namespace tautline::testing::detail
