// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A connection over a wire. The coroutines are free functions that own the wire, so that a
// connection may be destroyed while they wait.
#include "testing/simulated_connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace tautline::testing::detail {

namespace {

endpoint& end_of(wire& w, direction out) { return w.sender(out); }

asio::awaitable<error_code> read(std::shared_ptr<wire> w, direction out_way, std::vector<message>& out,
                                 std::size_t max) {
  co_await asio::post(asio::use_awaitable);
  auto& end = end_of(*w, out_way);
  while (end.take(out, max) == 0) {
    if (end.over()) co_return end.failure();
    if (co_await end.readable.wait() == woken::cancelled) co_return asio::error::operation_aborted;
  }
  co_return error_code();
}

// As with a socket: what it takes at once is not waited for.
asio::awaitable<error_code> flush(std::shared_ptr<wire> w, direction way, std::size_t leave) {
  auto& end = end_of(*w, way);
  w->flushing(way);
  endpoint::flusher self(end);
  auto how = woken::due;
  while (how == woken::due && !end.failure() && !end.flushed_to(leave)) how = co_await self.got_on.wait();
  // As with a socket: a write that was cancelled half way leaves nothing that could be used.
  if (how == woken::cancelled) end.abort();
  co_return end.failure();
}

asio::awaitable<error_code> send_close(std::shared_ptr<wire> w, direction way, std::uint16_t code, std::string reason) {
  co_await asio::post(asio::use_awaitable);
  auto& end = end_of(*w, way);
  if (end.failure()) co_return end.failure();
  if (!end.send_close(code, reason)) co_return error_code();
  auto how = woken::due;
  while (how == woken::due && !end.failure() && !end.flushed_to(0)) how = co_await end.closable.wait();
  if (how == woken::cancelled) end.abort();
  co_return end.failure();
}

}  // namespace

simulated_connection::simulated_connection(std::shared_ptr<wire> w, direction out, transport::connection_info info)
    : wire_(std::move(w)), out_(out), end_(end_of(*wire_, out)), info_(std::move(info)) {}

simulated_connection::~simulated_connection() {
  end_.observer = nullptr;
  end_.abort();
}

asio::awaitable<error_code> simulated_connection::async_read(std::vector<message>& out, std::size_t max) {
  return read(wire_, out_, out, max);
}

error_code simulated_connection::write(std::string_view payload, payload_kind kind) {
  const auto type = kind == payload_kind::text ? frame::type::text : frame::type::binary;
  if (end_.close_sent()) return errc::closing;
  return end_.write(frame(type, std::string(payload)));
}

error_code simulated_connection::write(std::string_view head, std::string_view payload, payload_kind kind) {
  return write(std::string(head).append(payload), kind);
}

error_code simulated_connection::write_ping(std::string_view payload) {
  if (end_.close_sent()) return errc::closing;
  return end_.write(frame(frame::type::ping, std::string(payload)));
}

asio::awaitable<error_code> simulated_connection::async_flush(std::size_t leave) { return flush(wire_, out_, leave); }

asio::awaitable<error_code> simulated_connection::async_send_close(std::uint16_t code, std::string_view reason) {
  return send_close(wire_, out_, code, std::string(reason));
}

}  // namespace tautline::testing::detail
