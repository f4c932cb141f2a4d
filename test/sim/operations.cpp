// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "operations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace tautline::sim {

std::size_t operations::begin(const char* what, duration patience) {
  auto& p = pending_[++last_];
  p.what = what;
  p.patience = patience;
  return last_;
}

void operations::end(std::size_t id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return told_.violated(who_, fmt::format("operation {} completed twice", id));
  if (found->second.cancelled != time_point::max()) --cancelled_;
  pending_.erase(found);
}

bool operations::cancel(std::size_t nth, asio::cancellation_type how) {
  if (pending_.empty()) return false;
  auto& p = std::next(pending_.begin(), static_cast<std::ptrdiff_t>(nth % pending_.size()))->second;
  told_.note(who_, "cancels", 0, p.what);
  if (p.cancelled == time_point::max()) {
    p.cancelled = time_.now();
    ++cancelled_;
  }
  const auto keep = p.signal;  // a handler may run, and erase it
  keep->emit(how);
  return true;
}

void operations::cancel_all(std::string_view what) {
  std::vector<std::shared_ptr<asio::cancellation_signal>> signals;
  for (auto& [id, p] : pending_) {
    if (p.what != what) continue;
    if (p.cancelled == time_point::max()) ++cancelled_;
    p.cancelled = std::min(p.cancelled, time_.now());
    signals.push_back(p.signal);
  }
  for (const auto& s : signals) s->emit(asio::cancellation_type::terminal);
}

void operations::check() {
  if (cancelled_ == 0) return;
  for (auto& [id, p] : pending_) {
    if (p.cancelled == time_point::max() || time_.now() <= p.cancelled + p.patience) continue;
    told_.violated(who_, fmt::format("{} was cancelled and did not end", p.what));
    p.cancelled = time_point::max();
    --cancelled_;
  }
}

void operations::check_none_left() {
  for (const auto& [id, p] : pending_) told_.violated(who_, fmt::format("{} never completed", p.what));
}

std::size_t operations::under_way(std::string_view what) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(pending_.begin(), pending_.end(), [&](const auto& p) { return p.second.what == what; }));
}

}  // namespace tautline::sim
