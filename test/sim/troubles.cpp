// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "troubles.hpp"

#include <utility>

namespace tautline::sim {

using namespace std::chrono_literals;
using testing::answer;
using testing::direction;
using testing::interference;

void troubles::begin() { schedule(); }

void troubles::schedule() {
  later(dice_.between(plan_.fault_interval / 10, plan_.fault_interval * 2), [this] {
    ++s_.actions;
    strike();
    schedule();
  });
}

void troubles::later(duration after, std::function<void()> f) {
  s_.time->call_at(s_.time->now() + after, [this, f = std::move(f)] {
    if (!s_.calm) f();
  });
}

void troubles::strike() {
  auto& at = somewhere();
  const auto kind = dice_.below(100);
  if (kind < 30) return strike_connections(at);
  if (kind < 50) return strike_attempts(at);
  if (kind < 80) return strike_path(at);
  if (kind < 97) return strike_server(at);
  const auto gap = dice_.between(1s, 100s);
  s_.told.note("world", "sleeps", static_cast<std::uint64_t>(gap.count()));
  for (auto& c : clients_) c.watch().jumped(gap);
  s_.time->jump(gap);
}

void troubles::strike_connections(server_app& at) {
  const auto kind = dice_.below(10);
  s_.told.note(at.plan().name, "connections end", kind);
  if (kind < 4) return at.host().reset_all();
  if (kind < 6) return at.host().drop_all();
  at.host().close_all(dice_.one_of<std::uint16_t>({1000, 1001, 1011, 1012, 1013, 4000}), "trouble");
}

answer troubles::bad_answer() {
  switch (dice_.below(9)) {
    case 0: return answer::refuse();
    case 1: return answer::unresolved();
    case 2: return answer::hang(dice_.one_of<phase>({phase::resolve, phase::connect, phase::upgrade}));
    case 3: return answer::http(503, dice_.between(1s, plan_.most_retry_after));
    case 4: return answer::http(500);
    case 5: return answer::http(dice_.one_of<unsigned>({404, 401, 429}));
    case 6: return answer::accept_and_close(dice_.one_of<std::uint16_t>({1013, 1001, 1011, 1008}));
    case 7: return answer::accept_and_reset();
    default: return answer::accept_and_drop();
  }
}

void troubles::strike_attempts(server_app& at) {
  s_.told.note(at.plan().name, "answers badly");
  const auto until = dice_.between(1s, 60s);
  if (dice_.chance(300)) {
    for (auto n = dice_.between(1, 5); n > 0; --n) at.host().answers_next(bad_answer());
  } else {
    at.host().answers(bad_answer());
    later(until, [&at] { at.host().answers(answer::accept()); });
  }
  if (dice_.chance(700)) at.host().reset_all();
}

void troubles::strike_path(server_app& at) {
  const auto kind = dice_.below(10);
  const auto until = dice_.between(500ms, 120s);
  if (kind < 4) {
    const auto way = dice_.one_of<direction>({direction::up, direction::down, direction::both});
    s_.told.note(at.plan().name, "black hole", static_cast<std::uint64_t>(way));
    at.host().black_hole(way);
    return later(until, [&at] { at.host().heal(); });
  }
  if (kind < 6) {
    const auto& who = clients_[static_cast<std::size_t>(dice_.below(clients_.size()))].name();
    const auto way = dice_.one_of<direction>({direction::up, direction::down, direction::both});
    s_.told.note(who, "partition", static_cast<std::uint64_t>(way), at.plan().name);
    s_.net.partition(who, at.plan().name, way);
    return later(until, [this, who, &at] { s_.net.heal(who, at.plan().name); });
  }
  if (kind < 7) {
    s_.told.note(at.plan().name, "no name");
    s_.net.does_not_resolve(at.plan().name);
    return later(until, [this, &at] { s_.net.resolves(at.plan().name, at.plan().name); });
  }
  testing::path_options path;
  path.latency_up = dice_.between(100us, 400ms);
  path.latency_down = dice_.between(100us, 400ms);
  path.jitter = dice_.between(0us, 100ms);
  path.bytes_per_second = dice_.one_of<std::uint64_t>({0, 0, 1'000'000, 50'000});
  path.window = dice_.one_of<std::size_t>({256U << 10U, 64U << 10U, 4096});
  s_.told.note(at.plan().name, "another path", path.bytes_per_second);
  at.host().path(path);
}

void troubles::strike_server(server_app& at) {
  const auto kind = dice_.below(10);
  const auto until = dice_.between(10ms, 60s);
  const bool scripted = at.plan().kind == server_kind::scripted;
  if (scripted && kind < 5) {
    s_.told.note(at.plan().name, "reads slowly");
    at.host().reads_at_most(dice_.one_of<std::uint64_t>({200, 2000, 20'000}));
    return later(until, [&at] { at.host().reads_at_most(0); });
  }
  if (scripted) {
    at.host().pause_reading();
    return later(until, [&at] { at.host().resume_reading(); });
  }
  if (at.plan().dawdles && kind < 2) return outlast_sessions(at);
  if (at.plan().dawdles && kind < 4) {
    s_.told.note(at.plan().name, "dawdles");
    at.pause();
    return later(until, [&at] { at.resume(); });
  }
  if (at.plan().forgets && kind < 6) {
    at.crash();
    return later(until, [&at] { at.calm_down(); });
  }
  if (at.plan().forgets && kind < 8) return at.roll(dice_.between(0s, 60s));
  s_.told.note(at.plan().name, "is down");
  at.host().stop();
  later(until, [&at] { at.host().start(); });
}

// What an application has not looked at when its sessions end belongs to their clients again.
void troubles::outlast_sessions(server_app& at) {
  s_.told.note(at.plan().name, "outlasts its sessions");
  const auto leaves = dice_.between(1s, 20s);
  const auto returns = leaves + at.plan().options.retain + dice_.between(100ms, 10s);
  at.pause();
  later(leaves, [&at] { at.host().stop(); });
  later(returns, [&at] { at.host().start(); });
  later(returns + dice_.between(1s, 40s), [&at] { at.resume(); });
}

interference troubles::meddle(const testing::network_event& e) {
  if (s_.calm || plan_.cuts_per_100k == 0 || dice_.below(100'000) >= plan_.cuts_per_100k) return interference::none;
  s_.told.note(e.client, "cut", static_cast<std::uint64_t>(e.what));
  const auto kind = dice_.below(10);
  return kind < 5 ? interference::reset : kind < 7 ? interference::silence : interference::orphan;
}

void troubles::end() {
  for (auto& at : servers_) {
    auto host = at.host();
    host.start();
    host.heal();
    host.path(testing::path_options());
    host.answers(answer::accept());
    host.reads_at_most(0);
    host.resume_reading();
    s_.net.resolves(at.plan().name, at.plan().name);
    for (auto& c : clients_) s_.net.heal(c.name(), at.plan().name);
    at.calm_down();
  }
}

}  // namespace tautline::sim
