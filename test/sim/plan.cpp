// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace tautline::sim {
namespace {

using namespace std::chrono_literals;
using testing::dice;
using testing::promise;

std::size_t how_many_links(dice& d) {
  const auto kind = d.below(100);
  if (kind < 60) return static_cast<std::size_t>(d.between(1, 3));
  if (kind < 86) return static_cast<std::size_t>(d.between(4, 10));
  if (kind < 97) return static_cast<std::size_t>(d.between(11, 25));
  return static_cast<std::size_t>(d.between(26, 50));
}

duration how_long(dice& d) {
  const auto kind = d.below(100);
  if (kind < 60) return d.between(60s, 600s);
  if (kind < 90) return d.between(600s, 2400s);
  return d.between(3600s, 10800s);
}

inbox_options choose_inbox(dice& d) {
  inbox_options i;
  i.max_messages = d.one_of<std::size_t>({4096, 64, 16, 4, 1});
  i.max_bytes = d.one_of<std::size_t>({16U << 20U, 64U << 10U, 4096});
  return i;
}

heartbeat_options choose_heartbeat(dice& d) {
  heartbeat_options h;
  h.interval = d.one_of<duration>({30s, 30s, 10s, 5s, 60s});
  h.timeout = d.one_of<duration>({10s, 10s, 5s, 3s});
  return h;
}

backoff_options choose_backoff(dice& d) {
  backoff_options b;
  b.initial = d.one_of<duration>({1s, 1s, 100ms, 500ms, 3s});
  b.max = d.one_of<duration>({30s, 30s, 10s, 5s});
  b.multiplier = d.one_of<double>({2.0, 2.0, 1.5, 3.0});
  b.jitter = d.one_of<jitter>({jitter::full, jitter::full, jitter::none, jitter::equal, jitter::decorrelated});
  b.max_attempts = d.one_of<unsigned>({10, 10, unlimited, 3, 5});
  b.stable_after = d.one_of<duration>({5s, 5s, 1s, 20s});
  return b;
}

queue_options choose_queue(dice& d) {
  queue_options q;
  q.max_messages = d.one_of<std::size_t>({100'000, 1000, 100, 20, 5});
  q.max_bytes = d.one_of<std::size_t>({64U << 20U, 1U << 20U, 64U << 10U});
  q.overflow = d.one_of<overflow>({overflow::wait, overflow::reject, overflow::drop_oldest, overflow::drop_newest});
  if (d.chance(150)) q.time_to_live = d.between(5s, 120s);
  return q;
}

server_plan choose_server(dice& d, std::size_t number, server_kind kind) {
  server_plan s;
  s.name = fmt::format("server{}", number);
  s.kind = kind;
  s.options.session = kind == server_kind::session;
  s.options.retain = d.one_of<duration>({120s, 120s, 30s, 5s, 300s});
  s.options.link.heartbeat = choose_heartbeat(d);
  s.options.link.inbox = choose_inbox(d);
  s.options.link.delivery.barrier_interval = d.one_of<duration>({100ms, 100ms, 10ms, 1s});
  s.options.link.delivery.responsibility = d.one_of<responsibility>(
      {responsibility::consumed, responsibility::consumed, responsibility::manual, responsibility::received});
  s.forgets = d.chance(350);
  const bool takes_early = s.options.link.delivery.responsibility == responsibility::received;
  s.dawdles = kind == server_kind::session && !takes_early && d.chance(500);
  s.answers = static_cast<unsigned>(d.one_of<std::uint64_t>({0, 100, 500, 1000}));
  return s;
}

server_kind choose_kind(dice& d) {
  const auto kind = d.below(100);
  if (kind < 60) return server_kind::session;
  return kind < 75 ? server_kind::plain : server_kind::scripted;
}

void choose_servers(dice& d, link_plan& l, const std::vector<server_plan>& all) {
  const auto first = static_cast<std::size_t>(d.below(all.size()));
  l.servers.push_back(first);
  if (all.size() > 1 && d.chance(250)) l.servers.push_back((first + 1) % all.size());
  for (const auto s : l.servers) l.options.endpoints.push_back(fmt::format("ws://{}/feed", all[s].name));
}

void choose_promise(dice& d, link_plan& l, const std::vector<server_plan>& all) {
  std::size_t speaking = 0;
  for (const auto s : l.servers) speaking += all[s].kind == server_kind::session ? 1U : 0U;
  auto& o = l.options;
  o.session = speaking == l.servers.size() && d.chance(300) ? session_use::require : session_use::automatic;
  if (d.chance(150)) o.session = session_use::off;
  o.delivery.mode = d.one_of<delivery_mode>(
      {delivery_mode::at_least_once, delivery_mode::at_least_once, delivery_mode::at_most_once});
  if (d.chance(100)) o.delivery.resume = resume_use::required;
  l.session = o.session != session_use::off && speaking == l.servers.size();
  if (l.session) {
    l.window = window_before_the_welcome;
    for (const auto s : l.servers) l.window = std::max(l.window, all[s].options.link.inbox.max_messages);
  }
  const bool mixed = o.session != session_use::off && speaking > 0 && !l.session;
  const bool repeats = mixed || o.delivery.mode == delivery_mode::at_least_once;
  l.promise = l.session ? promise::exactly_once : repeats ? promise::at_least_once : promise::at_most_once;
  // In plain mode each connection is a link of its own to a server: one whose application has stopped
  // receiving for a while may take from the newer one first.
  const auto dawdles = [&](std::size_t s) { return all[s].dawdles; };
  const bool takes_in_order = l.session || std::none_of(l.servers.begin(), l.servers.end(), dawdles);
  const bool one_application = l.servers.size() == 1 && takes_in_order;
  l.ordered = one_application && l.promise != promise::at_most_once;
}

link_plan choose_link(dice& d, const std::vector<server_plan>& all) {
  link_plan l;
  choose_servers(d, l, all);
  choose_promise(d, l, all);
  auto& o = l.options;
  o.connect_timeout = d.one_of<duration>({10s, 10s, 3s, 20s});
  o.close_timeout = d.one_of<duration>({5s, 5s, 1s});
  o.drain_timeout = d.one_of<duration>({30s, 30s, 5s});
  o.backoff = choose_backoff(d);
  o.heartbeat = choose_heartbeat(d);
  o.queue = choose_queue(d);
  o.inbox = choose_inbox(d);
  o.delivery.barrier_interval = d.one_of<duration>({100ms, 100ms, 10ms, 1s});
  o.delivery.responsibility =
      d.one_of<responsibility>({responsibility::consumed, responsibility::consumed, responsibility::received});
  return l;
}

}  // namespace

world_plan make_plan(dice& d) {
  world_plan w;
  w.troubled = how_long(d);
  w.fault_interval = std::max<duration>(2s, w.troubled / static_cast<duration::rep>(d.between(5, 60)));
  w.cuts_per_100k = static_cast<unsigned>(d.one_of<std::uint64_t>({0, 50, 200, 1000}));
  const auto servers = d.between(1, 3);
  for (std::size_t i = 0; i < servers; ++i) w.servers.push_back(choose_server(d, i, choose_kind(d)));
  const auto links = how_many_links(d);
  for (std::size_t i = 0; i < links; ++i) w.links.push_back(choose_link(d, w.servers));
  const auto actions = d.between(20, 300);
  for (auto& l : w.links)
    l.action_interval =
        std::max<duration>(1ms, w.troubled * static_cast<duration::rep>(links) / static_cast<duration::rep>(actions));
  if (d.chance(200)) {
    const auto shared = std::make_shared<attempt_budget>(static_cast<double>(d.between(1, 50)), 3);
    for (auto& l : w.links) l.options.backoff.budget = shared;
  }
  return w;
}

}  // namespace tautline::sim
