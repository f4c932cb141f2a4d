// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

namespace tautline::sim {

using namespace std::chrono_literals;

namespace {

// In a calm minute a link asks and is answered a few times, and nothing else happens.
constexpr std::uint64_t calm_events_per_link = 200;
// In trouble each message that arrives and each attempt makes a few more; and an application that stands still may be
// sent the same again on each new connection.
constexpr std::uint64_t events_per_message = 6, events_per_attempt = 10, events_in_vain = 5'000;
// No time passes while handlers run, so what spins shows in their number alone. A backlog that crosses a narrow line in
// small pieces takes a thousand a second.
constexpr std::uint64_t handlers_per_event = 60, handlers_without_events = 20'000;

std::size_t number_at(std::string_view text) {
  std::size_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

}  // namespace

world::world(std::uint64_t seed, echo e)
    : seed_(seed),
      dice_(seed),
      plan_(make_plan(dice_)),
      time_(std::make_shared<testing::virtual_time>(io_)),
      net_(time_, dice_.next()),
      told_(time_, e),
      s_(io_, time_, net_, told_),
      began_(time_->now()) {}

void world::populate() {
  for (const auto& p : plan_.servers) {
    auto& s = servers_.emplace_back(s_, p, dice_.next());
    s.from_client = [this](std::string_view name, const taker& by) {
      auto* c = sender_of(name);
      if (c == nullptr) return;
      c->took(name, by);
      ++messages_;
    };
    s.was_not_acknowledged = [this](std::string_view name) {
      if (auto* c = sender_of(name)) c->taken().was_not_acknowledged(name);
    };
    s.start();
  }
  for (std::size_t i = 0; i < plan_.links.size(); ++i) clients_.emplace_back(s_, plan_.links[i], i, dice_.next());
  s_.from_server = [this](std::string_view name, std::size_t client) {
    if (!name.starts_with("server")) return;
    ++messages_;
    const auto first = name.find('/');
    told_.note(clients_[client].name(), "got", 0, name);
    const auto server = number_at(name.substr(6));
    servers_.at(server).arrived(name, number_at(name.substr(first + 1)), client);
  };
  troubles_.emplace(s_, plan_, servers_, clients_, dice_.next());
}

client* world::sender_of(std::string_view name) {
  if (name.empty() || name.front() != 'c') return nullptr;
  const auto number = number_at(name.substr(1));
  if (number < clients_.size()) return &clients_[number];
  told_.violated("world", "a message of nobody: " + std::string(name));
  return nullptr;
}

void world::tell_plan() {
  for (const auto& s : plan_.servers)
    told_.note(s.name, "kind", static_cast<std::uint64_t>(s.kind), s.forgets ? "forgets" : "");
  for (std::size_t i = 0; i < plan_.links.size(); ++i)
    told_.note(clients_[i].name(), "promise", static_cast<std::uint64_t>(plan_.links[i].promise),
               plan_.links[i].options.endpoints.front());
}

void world::watch_network() {
  net_.on_event([this](const testing::network_event& e) {
    if (e.client.empty() || e.client.front() != 'c') return testing::interference::none;
    const auto number = number_at(std::string_view(e.client).substr(1));
    if (e.what == testing::step::resolve && clients_[number].alive()) {
      ++attempts_;
      clients_[number].connects(e.host);
    }
    return troubles_->meddle(e);
  });
}

void world::step() {
  for (auto& c : clients_) c.check();
  for (auto& s : servers_) s.check();
  check_pace();
}

// Over the last minute; within one moment the virtual time itself sees to it.
void world::check_pace() {
  if (time_->now() - pace_.since < 60s) return;
  const auto before = pace_;
  pace_.since = time_->now();
  pace_.events = net_.events();
  pace_.handlers = time_->handlers();
  pace_.messages = messages_;
  pace_.attempts = attempts_;
  const auto events = pace_.events - before.events;
  const auto handlers = pace_.handlers - before.handlers;
  if (handlers > handlers_without_events + handlers_per_event * events)
    told_.violated("world", fmt::format("{} handlers for {} events: something spins", handlers, events));
  const auto messages = pace_.messages - before.messages;
  const auto attempts = pace_.attempts - before.attempts;
  if (events > events_in_vain + calm_events_per_link * clients_.size() + events_per_message * messages +
                   events_per_attempt * attempts)
    told_.violated("world",
                   fmt::format("{} events in a minute with {} messages and {} attempts", events, messages, attempts));
}

void world::expect(const char* what, duration limit, const std::function<bool()>& done) {
  if (told_.failed()) return;
  const bool met = time_->run_until(
      [&] {
        step();
        return told_.failed() || done();
      },
      limit);
  if (!met) told_.violated("world", fmt::format("not {} in time", what));
}

void world::trouble() {
  for (auto& c : clients_) c.begin();
  troubles_->begin();
  const auto end = began_ + plan_.troubled;
  (void)time_->run_until(
      [&] {
        step();
        return told_.failed() || time_->now() >= end;
      },
      plan_.troubled);
}

void world::calm() {
  if (told_.failed()) return;
  told_.note("world", "calm");
  s_.calm = true;
  troubles_->end();
  for (auto& c : clients_) c.calm_down();
  drain_all();
}

// So that a world in which nothing happens is looked at, too.
void world::tick() {
  if (ticking_) time_->call_at(time_->now() + 1s, [this] { tick(); });
}

// Each within the bound of its own policy.
void world::drain_all() {
  // A connection on which nothing arrives any more looks drained until its heartbeat finds out.
  constexpr auto found_out = 80s;
  // With nothing in the way a link has no reason to connect again and again; and a world in which one
  // does so for as long as its patience lasts would take hours.
  constexpr std::uint64_t most_attempts = 200;
  const auto since = time_->now();
  const auto attempts = attempts_;
  std::vector<bool> done(clients_.size(), false);
  std::size_t left = clients_.size();
  std::size_t looks_at = 0;
  const auto look = [&](std::size_t i) {
    if (done[i] || time_->now() - since < found_out) return;
    if (clients_[i].drained()) {
      done[i] = true;
      --left;
    } else if (time_->now() - since > clients_[i].patience(plan_.most_retry_after)) {
      told_.violated(clients_[i].name(), "not connected and drained in time: " + clients_[i].trouble());
    }
  };
  ticking_ = true;
  tick();
  expect("connected and drained", 1h, [&] {
    for (std::size_t n = 0; n < std::min<std::size_t>(clients_.size(), 4); ++n) look(looks_at++ % clients_.size());
    if (attempts_ - attempts > most_attempts * clients_.size())
      told_.violated("world", "links connect again and again, and nothing is in their way");
    return left == 0;
  });
  ticking_ = false;
  for (std::size_t i = 0; i < clients_.size(); ++i)
    if (!done[i] && !clients_[i].drained()) told_.note(clients_[i].name(), "waits", 0, clients_[i].trouble());
}

// With nothing in the way a message is delivered at once, whatever was before.
void world::probe_all() {
  if (told_.failed()) return;
  for (auto& c : clients_) c.probe();
  expect("all probes delivered", 5s, [&] {
    for (const auto& c : clients_)
      if (!c.answered()) return false;
    return true;
  });
}

// Every connection breaks with a message on its way, and only that: what was stable comes back at once.
void world::break_all() {
  if (told_.failed()) return;
  constexpr auto all_are_stable = 21s;
  for (const auto& l : plan_.links)
    if (l.options.backoff.budget) return;
  expect("stable", all_are_stable + 1s, [&, until = time_->now() + all_are_stable] { return time_->now() >= until; });
  for (auto& c : clients_) c.probe();
  time_->run_for(200us);
  for (auto& s : servers_) s.host().reset_all();
  expect("all probes delivered after a break", 4s, [&] {
    for (const auto& c : clients_)
      if (!c.answered()) return false;
    return true;
  });
}

void world::rest() {
  if (told_.failed()) return;
  // Servers' ends of clients that are gone end with their sessions.
  expect("rested", 400s, [&, until = time_->now() + 350s] { return time_->now() >= until; });
  const auto before = net_.events();
  expect("rested", 61s, [&, until = time_->now() + 60s] { return time_->now() >= until; });
  const auto events = net_.events() - before;
  if (events > calm_events_per_link * (clients_.size() + 1))
    told_.violated("world", fmt::format("{} events in a minute without any reason", events));
}

void world::judge_clients() {
  std::size_t forfeited = 0;
  for (auto& c : clients_) {
    const auto r = c.alive() && !c.closing() ? c.sent().judge() : c.sent().judge_so_far();
    for (const auto& f : r.findings) {
      if (f.what == testing::fault::false_delivered && forfeited++ < s_.forfeited_up) continue;
      // Judged when it arrived: what was uncertain when a session was lost may come once more.
      if (f.what == testing::fault::repeated && c.plan().session) continue;
      told_.violated(c.name(), fmt::format("{} {}", f.name, to_string(f.what)));
    }
  }
}

void world::judge_servers() {
  testing::oracle_report r;
  for (auto& s : servers_) s.judge(r);
  std::size_t forfeited = 0;
  for (const auto& f : r.findings) {
    if (f.what == testing::fault::false_delivered && forfeited++ < s_.forfeited_down) continue;
    told_.violated("servers", fmt::format("{} {}", f.name, to_string(f.what)));
  }
}

void world::judge() {
  if (told_.failed()) return;
  judge_clients();
  judge_servers();
}

void world::take_down() {
  if (told_.failed()) return;
  told_.note("world", "ends");
  for (std::size_t i = 0; i < clients_.size(); ++i)
    if (i % 2 == 0) clients_[i].close();
  expect("closed", 2min, [&] {
    for (auto& c : clients_)
      if (c.pending().under_way("close") > 0) return false;
    return true;
  });
  for (auto& c : clients_) c.destroy();
  for (auto& s : servers_) s.destroy();
  time_->run_for(1min);
  for (auto& c : clients_) c.pending().check_none_left();
  for (auto& s : servers_) s.pending().check_none_left();
  for (auto& s : servers_)
    if (const auto open = s.host().open_connections(); open > 0)
      told_.violated(s.plan().name, fmt::format("{} connections were left behind", open));
  // What the applications had still planned comes to nothing; then nobody may wait for anything.
  (void)time_->run_until_idle(48h);
  if (time_->waiting() > 0) told_.violated("world", fmt::format("{} timers were left behind", time_->waiting()));
}

world_result world::run() {
  try {
    populate();
    tell_plan();
    watch_network();
    trouble();
    calm();
    probe_all();
    break_all();
    rest();
    judge();
    take_down();
  } catch (const std::exception& x) { told_.violated("world", x.what()); }
  world_result r;
  r.seed = seed_;
  r.hash = told_.hash() ^ (net_.trace_hash() * 0x9E3779B97F4A7C15U);
  r.virtual_seconds = std::chrono::duration<double>(time_->now() - began_).count();
  r.events = net_.events();
  r.handlers = time_->handlers();
  r.messages = messages_;
  r.attempts = attempts_;
  r.violations = told_.violations();
  return r;
}

}  // namespace tautline::sim
