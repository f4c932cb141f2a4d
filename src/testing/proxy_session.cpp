// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One proxied connection. A reader and a writer for each lane; faults are looked at before each
// step, and a change of faults wakes whoever waits.
#include "testing/proxy_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace tautline::testing::detail {

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size = 16 * 1024;
// Enough for 4 MiB a second at a latency of a second; beyond it TCP's windows fill, as they would.
constexpr std::size_t most_held = 4 * 1024 * 1024;
// How long a closed connection waits for the peers' own FIN before it is dropped.
constexpr auto patience = std::chrono::seconds(2);

void set_never(asio::steady_timer& t) { t.expires_at(time_point::max()); }

}  // namespace

proxy_session::proxy_session(std::shared_ptr<proxy_impl> proxy, tcp::socket client, std::uint64_t number)
    : proxy_(std::move(proxy)),
      number_(number),
      client_(std::move(client)),
      target_(proxy_->strand),
      gate_(proxy_->strand),
      up_(proxy_->strand, direction::up, client_, target_),
      down_(proxy_->strand, direction::down, target_, client_) {
  budget = proxy_->budget;
  corruption_changed(direction::both);
}

void proxy_session::start() {
  ++coroutines_;
  asio::co_spawn(proxy_->strand, run(shared_from_this()), asio::detached);
}

void proxy_session::wake() {
  gate_.cancel();
  for (auto* l : {&up_, &down_}) {
    l->reader.cancel();
    l->writer.cancel();
  }
}

void proxy_session::corruption_changed(direction d) {
  for (auto* l : {&up_, &down_})
    if (includes(d, l->way)) l->bad_byte_in = proxy_->faults(l->way).spoils.first();
}

void proxy_session::coroutine_ended() {
  if (--coroutines_ > 0) return;
  close_sockets(cut::close);
  proxy_->ended(number_);
}

void proxy_session::close_sockets(cut how) {
  if (std::exchange(over_, true)) return;
  for (auto* s : {&client_, &target_}) {
    error_code ignored;
    if (how == cut::reset) s->set_option(asio::socket_base::linger(true, 0), ignored);
    s->close(ignored);
  }
  wake();
}

void proxy_session::end(cut how) {
  if (over_) return;
  if (how == cut::reset || !target_.is_open()) {
    proxy_->count([&](proxy_counters& c) { ++(how == cut::reset ? c.resets : c.closes); });
    return close_sockets(how);
  }
  if (std::exchange(closing_, true)) return;
  proxy_->count([](proxy_counters& c) { ++c.closes; });
  for (auto* l : {&up_, &down_}) l->ended = true;
  wake();
  ++coroutines_;
  asio::co_spawn(proxy_->strand, linger(shared_from_this()), asio::detached);
}

asio::awaitable<void> proxy_session::linger(self_ptr self) {
  const auto limit = clock::now() + patience;
  while (!self->over_ && self->coroutines_ > 1 && clock::now() < limit) {
    self->gate_.expires_at(limit);
    co_await self->gate_.async_wait(token);
  }
  self->close_sockets(cut::close);
  self->coroutine_ended();
}

asio::awaitable<void> proxy_session::run(self_ptr self) {
  while (self->proxy_->admission == admission::hang && !self->over_) {
    set_never(self->gate_);
    co_await self->gate_.async_wait(token);
  }
  const bool reached = co_await self->connected();
  if (reached) {
    self->coroutines_ += 4;
    for (auto* l : {&self->up_, &self->down_}) {
      asio::co_spawn(self->proxy_->strand, read(self, *l), asio::detached);
      asio::co_spawn(self->proxy_->strand, write(self, *l), asio::detached);
    }
  }
  self->coroutine_ended();
}

asio::awaitable<bool> proxy_session::connected() {
  if (over_) co_return false;
  const auto targets = proxy_->targets;  // it may get others meanwhile
  const auto result = co_await asio::async_connect(target_, targets, token);
  if (over_) co_return false;
  if (std::get<0>(result)) {
    proxy_->count([](proxy_counters& c) { ++c.failed; });
    close_sockets(cut::reset);
    co_return false;
  }
  error_code ignored;
  client_.set_option(tcp::no_delay(true), ignored);
  target_.set_option(tcp::no_delay(true), ignored);
  co_return true;
}

asio::awaitable<bool> proxy_session::may_read(lane& l) {
  for (;;) {
    if (over_) co_return false;
    if (closing_) co_return true;
    const auto opens = proxy_->faults(l.way).opens();
    if (opens <= clock::now() && l.held_bytes < most_held) co_return true;
    l.reader.expires_at(opens <= clock::now() ? time_point::max() : opens);
    co_await l.reader.async_wait(token);
  }
}

asio::awaitable<void> proxy_session::read(self_ptr self, lane& l) {
  while (co_await self->may_read(l)) {
    chunk c;
    c.bytes.resize(read_size);
    const auto result = co_await l.from.async_read_some(asio::buffer(c.bytes), token);
    const auto ec = std::get<0>(result);
    if (ec && ec != asio::error::eof && !self->over_) self->close_sockets(cut::reset);
    if (ec) break;
    if (self->closing_) continue;
    c.bytes.resize(std::get<1>(result));
    c.due = clock::now() + self->proxy_->faults(l.way).latency;
    l.held_bytes += c.bytes.size();
    l.held.push_back(std::move(c));
    l.writer.cancel();
  }
  l.ended = true;
  l.writer.cancel();
  self->gate_.cancel();
  self->coroutine_ended();
}

std::optional<time_point> proxy_session::writes_at(lane& l) const {
  const auto opens = proxy_->faults(l.way).opens();
  if (closing_) return opens == time_point::max() ? clock::now() : opens;
  if (l.held.empty()) return l.ended ? std::optional(opens) : std::nullopt;
  const auto& f = proxy_->faults(l.way);
  return std::max({opens, l.held.front().due, f.bytes_per_second > 0 ? l.line_free : time_point()});
}

asio::awaitable<bool> proxy_session::may_write(lane& l) {
  for (;;) {
    if (over_) co_return false;
    const auto when = writes_at(l);
    if (when && *when <= clock::now()) co_return true;
    l.writer.expires_at(when.value_or(time_point::max()));
    co_await l.writer.async_wait(token);
  }
}

std::size_t proxy_session::next_piece(const lane& l) const {
  const auto& first = l.held.front();
  std::uint64_t n = first.bytes.size() - first.sent;
  if (const auto speed = proxy_->faults(l.way).bytes_per_second; speed > 0)
    n = std::min(n, std::max<std::uint64_t>(speed / 50, 1));
  if (budget) n = std::min(n, budget->left);
  if (l.bad_byte_in) n = std::min(n, *l.bad_byte_in);
  return static_cast<std::size_t>(n);
}

// If it is its turn. The piece that it begins ends in front of the next one.
void proxy_session::spoil_next_byte(lane& l) {
  if (l.bad_byte_in != 0U) return;
  auto& first = l.held.front();
  first.bytes[first.sent] = static_cast<char>(~static_cast<unsigned char>(first.bytes[first.sent]));
  l.bad_byte_in = proxy_->faults(l.way).spoils.next();
  if (l.bad_byte_in) ++*l.bad_byte_in;
  proxy_->count([](proxy_counters& c) { ++c.corrupted; });
}

void proxy_session::forwarded(lane& l, std::size_t n) {
  proxy_->count([&](proxy_counters& c) { (l.way == direction::up ? c.bytes_up : c.bytes_down) += n; });
  l.held_bytes -= n;
  l.held.front().sent += n;
  if (l.held.front().sent == l.held.front().bytes.size()) l.held.pop_front();
  if (const auto speed = proxy_->faults(l.way).bytes_per_second; speed > 0)
    l.line_free = std::max(l.line_free, clock::now()) + std::chrono::nanoseconds(n * 1'000'000'000U / speed);
  // Both lanes may have been writing at once.
  if (budget) budget->left -= std::min<std::uint64_t>(n, budget->left);
  if (l.bad_byte_in) *l.bad_byte_in -= std::min<std::uint64_t>(n, *l.bad_byte_in);
  l.reader.cancel();
}

asio::awaitable<void> proxy_session::write(self_ptr self, lane& l) {
  while (co_await self->may_write(l)) {
    const bool lost = self->closing_ && self->proxy_->faults(l.way).hole;
    if (l.held.empty() || lost) {
      error_code ignored;
      l.to.shutdown(tcp::socket::shutdown_send, ignored);
      break;
    }
    self->spoil_next_byte(l);
    const auto n = self->next_piece(l);
    if (n > 0) {
      const auto& first = l.held.front();
      const auto result = co_await l.to.async_write_some(asio::buffer(first.bytes.data() + first.sent, n), token);
      if (self->over_) break;
      if (std::get<0>(result)) {
        self->close_sockets(cut::reset);
        break;
      }
      self->forwarded(l, std::get<1>(result));
    }
    if (self->budget && self->budget->left == 0) {
      const auto how = self->budget->how;
      self->budget.reset();
      self->end(how);
    }
  }
  self->gate_.cancel();
  self->coroutine_ended();
}

}  // namespace tautline::testing::detail
