// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "arrivals.hpp"

#include <algorithm>

namespace tautline::sim {

namespace {
// A session begins when its hello arrives, which may be so long on its way.
constexpr duration latest_hello = std::chrono::seconds(10);
}  // namespace

void arrivals::sent(std::string_view name, receipt r) {
  if (r.valid()) unconfirmed_.insert_or_assign(std::string(name), std::move(r));
}

void arrivals::attempt_begins(time_point now) {
  for (auto i = unconfirmed_.begin(); i != unconfirmed_.end();) {
    const auto how = i->second.outcome();
    if (how == outcome::delivered) confirmed_.emplace(i->first, now);
    i = how == outcome::pending ? std::next(i) : unconfirmed_.erase(i);
  }
}

const char* arrivals::took(std::string_view name, const taker& by) {
  const auto confirmed = confirmed_.find(name);
  if (confirmed != confirmed_.end() && confirmed->second + latest_hello < by.since)
    return "came on a connection that began when it was confirmed";
  auto& places = taken_[std::string(name)];
  const auto at_this_server = [&](const place& p) { return p.first == by.server; };
  const bool known = by.settled && std::any_of(places.begin(), places.end(), at_this_server);
  if (!places.emplace(by.server, by.peer).second) return "came twice in one session";
  return known && !excused_.contains(name) ? "came to a server again that had taken it and remembers" : nullptr;
}

}  // namespace tautline::sim
