// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "server_app.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace tautline::sim {

using namespace std::chrono_literals;
using testing::promise;

server_app::server_app(surroundings& s, const server_plan& plan, std::uint64_t seed)
    : s_(s), plan_(plan), dice_(seed), ops_(plan.name, s.told, *s.time) {}

void server_app::start() {
  if (plan_.kind == server_kind::scripted) return script();
  s_.told.note(plan_.name, "starts");
  server_.emplace(s_.io.get_executor(), plan_.options, s_.net.make_server_environment(plan_.name));
  if (const auto ec = server_->listen()) s_.told.violated(plan_.name, "cannot listen: " + ec.message());
  accept();
}

void server_app::script() {
  host().on_message([this](testing::simulated_peer p, const testing::arrival& a) {
    from_client(name_in(a.payload), taker(plan_.name, a.connection, time_point::min()));
    if (dice_.chance(plan_.answers)) p.send(message("e answer"));
  });
}

void server_app::accept() {
  server_->async_accept(ops_.watch("accept", [this](error_code ec, link l) {
    if (ec) return;
    auto& p = peers_.emplace_back(std::move(l),
                                  plan_.kind == server_kind::session ? promise::exactly_once : promise::at_most_once);
    p.id = peers_.size() - 1;
    p.since = s_.time->now();
    s_.told.note(plan_.name, "has a peer", p.id);
    p.l.async_run(ops_.watch("run", [this, &p](error_code why) {
      s_.told.note(plan_.name, "lost a peer", p.id, why.message());
      over(p);
    }));
    receive(p);
    accept();
  }));
}

void server_app::receive(peer& p) {
  if (paused_ || p.receiving || !p.l.valid()) return;
  p.receiving = true;
  p.l.async_receive(ops_.watch("receive", [this, &p](error_code ec, const message& m) {
    p.receiving = false;
    if (!ec) return took(p, m);
    if (p.ended) return p.l = link(), void();
    // The run's own handler is on its way.
    s_.time->call_at(s_.time->now() + 1ms, [this, &p] { receive(p); });
  }));
}

void server_app::took(peer& p, const message& m) {
  ++p.handed;
  if (!p.ended) p.in_session = p.l.status().session != session_state::none;
  taker by(plan_.name, p.id, p.since);
  by.settled = p.in_session && !plan_.forgets;
  from_client(name_in(m.payload()), by);
  if (plan_.options.link.delivery.responsibility == responsibility::manual) acknowledge(p, m);
  if (!s_.calm && dice_.chance(plan_.answers)) answer(p);
  receive(p);
}

// At once, or in a while: a session may end in between.
void server_app::acknowledge(peer& p, const message& m) {
  auto& t = p.unacknowledged.emplace_back(name_in(m.payload()));
  if (s_.calm || dice_.chance(700)) {
    m.acknowledge();
    return acknowledged(p, t);
  }
  s_.time->call_at(s_.time->now() + dice_.between(1ms, 5s), [this, &p, &t, m] {
    m.acknowledge();
    acknowledged(p, t);
  });
}

void server_app::acknowledged(peer& p, taken& t) {
  t.acknowledged = true;
  while (!p.unacknowledged.empty() && p.unacknowledged.front().acknowledged) p.unacknowledged.pop_front();
}

void server_app::over(peer& p) {
  p.ended = true;
  for (const auto& t : p.unacknowledged) was_not_acknowledged(t.name);
}

void server_app::answer(peer& p) {
  const auto n = dice_.between(1, 3);
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto name = fmt::format("{}/{}/{}", plan_.name, p.id, ++p.sent);
    receipt r;
    const auto ec = p.l.try_send(message(payload_of(name, static_cast<std::size_t>(dice_.between(10, 400)))), r);
    p.oracle.sent(name, r);
    if (ec && !r.valid()) p.oracle.ended(name, outcome::not_sent);
  }
}

void server_app::arrived(std::string_view name, std::size_t number, std::size_t client) {
  if (number >= peers_.size()) return s_.told.violated(plan_.name, "a message of nobody: " + std::string(name));
  auto& p = peers_[number];
  if (p.client.value_or(client) != client) s_.told.violated(plan_.name, fmt::format("{} came to two clients", name));
  p.client = client;
  const auto wrong = p.oracle.received(name);
  if (wrong) s_.told.violated(plan_.name, fmt::format("{} {}", name, to_string(*wrong)));
}

void server_app::let_go(peer& p) {
  if (!p.l.valid()) return;
  const bool takes_early = plan_.kind != server_kind::session || p.l.status().session == session_state::none ||
                           plan_.options.link.delivery.responsibility == responsibility::received || p.ended;
  if (takes_early) s_.forfeited_up += p.l.metrics().received - p.handed;
  p.l = link();
}

void server_app::crash() {
  s_.told.note(plan_.name, "crashes");
  host().reset_all();
  for (auto& p : peers_) let_go(p);
  server_.reset();
  paused_ = false;
}

void server_app::roll(duration window) {
  if (!server_ || old_) return;
  s_.told.note(plan_.name, "rolls");
  // Two processes at once: each message in the order of its own, so neither may lie about what it has.
  resume();
  // A session's peer is asked to move instead, and its window holds.
  for (auto& p : peers_) p.closing = plan_.kind == server_kind::plain;
  old_ = std::move(server_);
  old_->async_drain(window, ops_.watch("drain", [this](error_code) { old_.reset(); }));
  start();
}

void server_app::pause() { paused_ = !old_; }

void server_app::resume() {
  paused_ = false;
  for (auto& p : peers_) receive(p);
}

void server_app::calm_down() {
  if (!server_ && plan_.kind != server_kind::scripted) start();
  resume();
}

void server_app::destroy() {
  for (auto& p : peers_) let_go(p);
  server_.reset();
  old_.reset();
}

void server_app::check() {
  ops_.check();
  while (first_open_ < peers_.size() && !peers_[first_open_].l.valid()) ++first_open_;
  for (auto i = first_open_; i < peers_.size(); ++i) {
    const auto& p = peers_[i];
    if (!p.l.valid()) continue;
    const auto wrong =
        fault_of(p.l.metrics(), plan_.options.link, plan_.kind == server_kind::session ? 1 : 0, p.handed, p.closing);
    if (!wrong.empty()) s_.told.violated(plan_.name, fmt::format("peer {}: {}", i, wrong));
  }
}

void server_app::judge(testing::oracle_report& all) {
  for (const auto& p : peers_) {
    const auto r = p.l.valid() && !p.ended ? p.oracle.judge() : p.oracle.judge_so_far();
    all.sent += r.sent;
    all.arrived += r.arrived;
    all.delivered += r.delivered;
    all.findings.insert(all.findings.end(), r.findings.begin(), r.findings.end());
  }
}

}  // namespace tautline::sim
