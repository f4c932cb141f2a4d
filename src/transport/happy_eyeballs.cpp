// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "transport/happy_eyeballs.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace tautline::transport {

std::vector<asio::ip::tcp::endpoint> interleave(const std::vector<asio::ip::tcp::endpoint>& addresses) {
  if (addresses.empty()) return {};
  const bool six_first = addresses.front().address().is_v6();
  std::vector<asio::ip::tcp::endpoint> first, second, out;
  for (const auto& a : addresses) (a.address().is_v6() == six_first ? first : second).push_back(a);
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) out.push_back(first[i]);
    if (i < second.size()) out.push_back(second[i]);
  }
  return out;
}

address_race::address_race(std::size_t addresses, track t, std::shared_ptr<time_service> time,
                           std::unique_ptr<sleeper> timer)
    : under_way_(addresses, false), track_(std::move(t)), time_(std::move(time)), timer_(std::move(timer)) {}

void address_race::start() {
  if (under_way_.empty()) return end(std::nullopt, asio::error::host_not_found);
  begin_next();
}

void address_race::begin_next() {
  const std::size_t i = begun_++;
  under_way_[i] = true;
  if (begun_ < under_way_.size()) {
    timer_->wait_until(time_->now() + connection_attempt_delay, [weak = weak_from_this(), round = ++round_](bool due) {
      const auto self = weak.lock();
      if (due && self && !self->over_ && round == self->round_) self->begin_next();
    });
  }
  const auto begin = track_.begin;
  begin(i, shared_from_this());
}

void address_race::on_attempt(std::size_t i, error_code ec) {
  if (over_ || !under_way_[i]) return;
  under_way_[i] = false;
  if (!ec) return end(i, {});

  ++failed_;
  if (!first_error_) first_error_ = ec;
  if (failed_ == under_way_.size()) return end(std::nullopt, first_error_);
  // A failure needs no head start any more.
  if (begun_ < under_way_.size()) begin_next();
}

void address_race::stop(error_code ec) {
  if (!over_) end(std::nullopt, ec);
}

void address_race::end(std::optional<std::size_t> winner, error_code ec) {
  over_ = true;
  const auto keep_alive = shared_from_this();
  timer_->cancel();
  const track t = std::exchange(track_, track());
  for (std::size_t i = 0; i < under_way_.size(); ++i) {
    if (under_way_[i]) t.drop(i);
  }
  t.finish(winner, ec);
}

}  // namespace tautline::transport
