// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The fault proxy's public face: each command is posted to the proxy's strand.
#include <tautline/testing/fault_proxy.hpp>

#include "testing/proxy_impl.hpp"

#include <boost/asio/post.hpp>

#include <utility>
#include <vector>

namespace tautline::testing {

namespace {
template <class Command>
void tell(const std::shared_ptr<detail::proxy_impl>& p, Command command) {
  asio::post(p->strand, [p, command = std::move(command)] { command(*p); });
}
}  // namespace

namespace detail {

asio::any_io_executor executor_of(const proxy_impl& p) { return p.strand; }

void start_proxy_close(const std::shared_ptr<proxy_impl>& p, tautline::detail::operation_ptr<void()> op) {
  asio::post(p->strand, [p, op = std::move(op)]() mutable {
    p->shut_down();
    p->when_closed(std::move(op));
  });
}

}  // namespace detail

fault_proxy::fault_proxy(asio::any_io_executor executor, const asio::ip::tcp::endpoint& listen,
                         const asio::ip::tcp::endpoint& target)
    : fault_proxy(std::move(executor), listen, std::vector{target}) {}

fault_proxy::fault_proxy(asio::any_io_executor executor, const asio::ip::tcp::endpoint& listen,
                         std::vector<asio::ip::tcp::endpoint> targets)
    : impl_(std::make_shared<detail::proxy_impl>(executor, listen, std::move(targets))) {
  tell(impl_, [](detail::proxy_impl& p) { p.start(); });
}

fault_proxy::~fault_proxy() {
  tell(impl_, [](detail::proxy_impl& p) { p.shut_down(); });
}

asio::any_io_executor fault_proxy::get_executor() const noexcept { return impl_->strand; }
asio::ip::tcp::endpoint fault_proxy::local_endpoint() const { return impl_->local; }

void fault_proxy::retarget(const asio::ip::tcp::endpoint& target) { retarget(std::vector{target}); }

void fault_proxy::retarget(std::vector<asio::ip::tcp::endpoint> targets) {
  tell(impl_, [to = std::move(targets)](detail::proxy_impl& p) { p.targets = to; });
}

void fault_proxy::reset_all() {
  tell(impl_, [](detail::proxy_impl& p) { p.cut_all(cut::reset); });
}

void fault_proxy::close_all() {
  tell(impl_, [](detail::proxy_impl& p) { p.cut_all(cut::close); });
}

void fault_proxy::cut_one(std::uint64_t number, cut how) {
  tell(impl_, [number, how](detail::proxy_impl& p) { p.cut_one(number, how); });
}

void fault_proxy::cut_after(std::uint64_t bytes, cut how) {
  tell(impl_, [bytes, how](detail::proxy_impl& p) { p.set_budget(bytes, how); });
}

void fault_proxy::black_hole(direction d) {
  tell(impl_, [d](detail::proxy_impl& p) { p.change_faults(d, [](detail::lane_faults& f) { f.hole = true; }); });
}

void fault_proxy::stall(direction d, duration how_long) {
  tell(impl_, [d, how_long](detail::proxy_impl& p) {
    const auto until = clock::now() + how_long;
    p.change_faults(d, [until](detail::lane_faults& f) { f.stalled_until = until; });
  });
}

void fault_proxy::latency(direction d, duration one_way) {
  tell(impl_, [d, one_way](detail::proxy_impl& p) {
    p.change_faults(d, [one_way](detail::lane_faults& f) { f.latency = one_way; });
  });
}

void fault_proxy::throttle(direction d, std::uint64_t bytes_per_second) {
  tell(impl_, [d, bytes_per_second](detail::proxy_impl& p) {
    p.change_faults(d, [bytes_per_second](detail::lane_faults& f) { f.bytes_per_second = bytes_per_second; });
  });
}

void fault_proxy::corrupt_at(direction d, std::uint64_t offset) {
  tell(impl_, [d, offset](detail::proxy_impl& p) { p.corrupt(d, detail::corruption(offset)); });
}

void fault_proxy::corrupt_rate(direction d, double probability, std::uint64_t seed) {
  tell(impl_, [d, probability, seed](detail::proxy_impl& p) { p.corrupt(d, detail::corruption(probability, seed)); });
}

void fault_proxy::admit(admission how) {
  tell(impl_, [how](detail::proxy_impl& p) { p.admit(how); });
}

void fault_proxy::heal() {
  tell(impl_, [](detail::proxy_impl& p) { p.heal(); });
}

proxy_counters fault_proxy::counters() const { return impl_->counters(); }

}  // namespace tautline::testing
