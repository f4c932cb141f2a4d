// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Peers leave evenly spread.
#include "server/drain.hpp"

#include "link/session_engine.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace tautline::detail {
namespace {

/// RFC 6455, 7.4.1: an endpoint is going away, such as a server going down.
constexpr std::uint16_t going_away = 1001;

/// Who has somewhere to go is there by then, unless it is very far away.
constexpr auto least_time_to_move = std::chrono::seconds(1);

}  // namespace

drain::drain(asio::any_io_executor strand, std::shared_ptr<time_service> time, std::shared_ptr<census> people)
    : strand_(std::move(strand)), time_(std::move(time)), people_(std::move(people)) {}

drain::~drain() { people_->on_empty(nullptr); }

void drain::start(duration window, duration grace) {
  if (ended_) return;
  for (const auto& engine : people_->links()) links_.push_back(engine);
  began_ = time_->now();
  window_ = std::max(window, duration::zero());
  grace_ = grace;
  sleeper_ = time_->make_sleeper(strand_);
  people_->on_empty([strand = strand_, weak = weak_from_this()] {
    asio::post(strand, [weak] {
      if (const auto self = weak.lock()) self->step();
    });
  });
  step();
}

void drain::wait(operation_ptr<void(error_code)> op) {
  if (ended_) return operation<void(error_code)>::complete(std::move(op), result_);
  waiters_.push_back(std::move(op));
}

void drain::cancel_wait(std::uint64_t id) {
  const auto found = std::find_if(waiters_.begin(), waiters_.end(), [id](const auto& op) { return op->id == id; });
  if (found == waiters_.end()) return;
  auto op = std::move(*found);
  waiters_.erase(found);
  operation<void(error_code)>::complete(std::move(op), asio::error::operation_aborted);
}

void drain::end(error_code ec) {
  if (std::exchange(ended_, true)) return;
  result_ = ec;
  people_->on_empty(nullptr);
  if (sleeper_) sleeper_->cancel();
  for (auto& op : std::exchange(waiters_, {})) operation<void(error_code)>::complete(std::move(op), ec);
}

void drain::step() {
  if (ended_) return;
  if (people_->empty()) return end({});
  while (asked_ < links_.size() && due() <= time_->now()) leave_next();
  if (asked_ == links_.size() && due() <= time_->now()) return end(errc::close_timeout);
  sleeper_->wait_until(due(), [weak = weak_from_this()](bool is_due) {
    const auto self = weak.lock();
    if (self && is_due) self->step();
  });
}

time_point drain::due() const {
  if (asked_ == links_.size()) return began_ + window_ + grace_;
  return began_ + window_ / static_cast<duration::rep>(links_.size()) * static_cast<duration::rep>(asked_);
}

void drain::leave_next() {
  const duration left = began_ + window_ - time_->now();
  const auto to_move = std::min(grace_, std::max<duration>(left, least_time_to_move));
  if (const auto engine = links_[asked_].lock())
    begin_leaving(engine, going_away, "the server is going down", grace_, to_move);
  ++asked_;
}

}  // namespace tautline::detail
