// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The book that is kept about connections.
#include "server/census.hpp"

#include <utility>

namespace tautline::detail {

census::ticket::ticket(std::shared_ptr<census> owner, std::uint64_t number) noexcept
    : owner_(std::move(owner)), number_(number) {}

census::ticket::~ticket() {
  if (owner_) owner_->leave(number_);
}

census::ticket census::try_enter(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (open_.size() >= limit) return {};
  open_.try_emplace(++last_);
  return ticket(shared_from_this(), last_);
}

void census::became_link(std::uint64_t number, const engine_ptr& engine) {
  const std::lock_guard lock(mutex_);
  ++metrics_.upgraded;
  const auto place = open_.find(number);
  if (place != open_.end()) place->second = engine;
}

std::vector<engine_ptr> census::links() const {
  std::vector<engine_ptr> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [number, weak] : open_)
    if (auto engine = weak.lock()) found.push_back(std::move(engine));
  return found;
}

void census::count_accepted() {
  const std::lock_guard lock(mutex_);
  ++metrics_.accepted;
}

void census::count_refused() {
  const std::lock_guard lock(mutex_);
  ++metrics_.refused;
}

void census::count_failed() {
  const std::lock_guard lock(mutex_);
  ++metrics_.failed;
}

void census::count_session_opened() {
  const std::lock_guard lock(mutex_);
  ++metrics_.sessions;
  ++metrics_.sessions_opened;
}

void census::count_session_resumed() {
  const std::lock_guard lock(mutex_);
  ++metrics_.sessions_resumed;
}

void census::count_not_resumed() {
  const std::lock_guard lock(mutex_);
  --metrics_.sessions_resumed;
}

void census::count_session_ended(bool agreed) {
  const std::lock_guard lock(mutex_);
  --metrics_.sessions;
  if (!agreed) ++metrics_.sessions_lost;
}

server_metrics census::metrics() const {
  const std::lock_guard lock(mutex_);
  auto copy = metrics_;
  copy.open = open_.size();
  return copy;
}

bool census::empty() const {
  const std::lock_guard lock(mutex_);
  return open_.empty();
}

void census::on_empty(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  on_empty_ = std::move(call);
}

void census::leave(std::uint64_t number) noexcept {
  std::function<void()> call;
  {
    const std::lock_guard lock(mutex_);
    open_.erase(number);
    if (open_.empty()) call = on_empty_;
  }
  if (call) call();
}

}  // namespace tautline::detail
