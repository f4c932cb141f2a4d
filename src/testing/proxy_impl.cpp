// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The fault proxy's listener and its commands.
#include "testing/proxy_impl.hpp"

#include "testing/proxy_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>
#include <vector>

namespace tautline::testing::detail {

proxy_impl::proxy_impl(const asio::any_io_executor& executor, const tcp::endpoint& listen,
                       std::vector<tcp::endpoint> to)
    : strand(asio::make_strand(executor)), local(listen), targets(std::move(to)), acceptor_(strand), closed_(strand) {
  closed_.expires_at(time_point::max());
  open_acceptor();
  local = acceptor_.local_endpoint();
}

void proxy_impl::open_acceptor() {
  acceptor_.open(local.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.bind(local);
  acceptor_.listen();
}

void proxy_impl::start() { asio::co_spawn(strand, accept_loop(shared_from_this(), ++openings_), asio::detached); }

asio::awaitable<void> proxy_impl::accept_loop(std::shared_ptr<proxy_impl> self, std::uint64_t opening) {
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  while (opening == self->openings_ && self->acceptor_.is_open()) {
    tcp::socket socket(self->strand);
    const auto result = co_await self->acceptor_.async_accept(socket, token);
    if (opening != self->openings_ || std::get<0>(result)) continue;
    const auto number = ++self->last_number_;
    self->count([](proxy_counters& c) { ++c.accepted, ++c.open; });
    const auto s = std::make_shared<proxy_session>(self, std::move(socket), number);
    self->sessions_.emplace(number, s);
    s->start();
  }
}

void proxy_impl::admit(tautline::testing::admission how) {
  if (shut_) return;
  admission = how;
  if (how == tautline::testing::admission::refuse) {
    ++openings_;
    error_code ignored;
    acceptor_.close(ignored);
  } else if (!acceptor_.is_open()) {
    open_acceptor();
    start();
  }
  wake_all();
}

std::vector<std::shared_ptr<proxy_session>> proxy_impl::sessions() const {
  std::vector<std::shared_ptr<proxy_session>> all;
  for (const auto& [number, weak] : sessions_)
    if (auto s = weak.lock()) all.push_back(std::move(s));
  return all;
}

void proxy_impl::cut_all(cut how) {
  for (const auto& s : sessions()) s->end(how);
}

void proxy_impl::cut_one(std::uint64_t number, cut how) {
  const auto found = sessions_.find(number);
  if (found == sessions_.end()) return;
  if (const auto s = found->second.lock()) s->end(how);
}

void proxy_impl::set_budget(std::uint64_t bytes, cut how) {
  budget.emplace(bytes, how);
  for (const auto& s : sessions()) s->budget = budget;
}

void proxy_impl::corrupt(direction d, const corruption& c) {
  change_faults(d, [&c](lane_faults& f) { f.spoils = c; });
  for (const auto& s : sessions()) s->corruption_changed(d);
}

void proxy_impl::heal() {
  faults_ = {};
  budget.reset();
  for (const auto& s : sessions()) {
    s->budget.reset();
    s->corruption_changed(direction::both);
  }
  admit(tautline::testing::admission::forward);
  wake_all();
}

void proxy_impl::wake_all() {
  for (const auto& s : sessions()) s->wake();
}

void proxy_impl::ended(std::uint64_t number) {
  sessions_.erase(number);
  count([](proxy_counters& c) { --c.open; });
  notice_closed();
}

void proxy_impl::shut_down() {
  if (std::exchange(shut_, true)) return;
  ++openings_;
  error_code ignored;
  acceptor_.close(ignored);
  cut_all(cut::reset);
}

void proxy_impl::notice_closed() {
  if (shut_ && sessions_.empty()) closed_.cancel();
}

void proxy_impl::when_closed(tautline::detail::operation_ptr<void()> op) {
  using operation = tautline::detail::operation<void()>;
  if (sessions_.empty()) return operation::complete(std::move(op));
  // In the timer's queue the handler is destroyed with the execution context, as all others are.
  closed_.async_wait([op = std::move(op)](error_code) mutable { operation::complete(std::move(op)); });
}

}  // namespace tautline::testing::detail
