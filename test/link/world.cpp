// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "world.hpp"

#include <algorithm>

namespace tautline::testing {

world::world(options o, std::uint64_t seed) : net(time, seed) { make_link(std::move(o)); }

world::~world() = default;

void world::make_link(options o) { l.emplace(io.get_executor(), std::move(o), net.make_environment()); }

result& world::run() {
  auto& r = runs.emplace_back();
  l->async_run([&r](error_code ec) { r.set(ec); });
  return r;
}

void world::up(duration limit) {
  if (runs.empty() || runs.back().code) run();
  BOOST_REQUIRE(until([&] { return l->status().state == link_state::connected; }, limit));
}

void world::follow_events() { next_event(); }

// The link may be destroyed while a handler that has a result waits for its turn.
void world::next_event() {
  if (!l) {
    events_ended = asio::error::operation_aborted;
    return;
  }
  l->async_next_event([this](error_code ec, event e) {
    if (ec) {
      events_ended = ec;
      return;
    }
    events.push_back(std::move(e));
    next_event();
  });
}

void world::follow_messages() { next_message(); }

void world::next_message() {
  if (!l) {
    messages_ended = asio::error::operation_aborted;
    return;
  }
  l->async_receive([this](error_code ec, message m) {
    if (ec) {
      messages_ended = ec;
      return;
    }
    messages.push_back(std::move(m));
    next_message();
  });
}

sent& world::send(message m) {
  auto& s = sends.emplace_back();
  BOOST_REQUIRE_EQUAL(l->try_send(std::move(m), s.r), error_code());
  s.r.async_wait(stage::delivered, [&s](error_code ec, outcome) {
    ++s.completions;
    s.ended = ec;
  });
  return s;
}

result& world::close() {
  auto& r = closes.emplace_back();
  l->async_close([&r](error_code ec) { r.set(ec); });
  return r;
}

std::vector<std::string> world::payloads() const {
  std::vector<std::string> all;
  for (const auto& a : host.received()) all.push_back(a.payload);
  return all;
}

std::vector<std::string> world::payloads(unsigned connection) const {
  std::vector<std::string> all;
  for (const auto& a : host.received())
    if (a.connection == connection) all.push_back(a.payload);
  return all;
}

std::size_t world::count(event_kind k) const {
  return static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(), [k](const event& e) { return e.kind == k; }));
}

const event* world::last(event_kind k) const {
  const auto found = std::find_if(events.rbegin(), events.rend(), [k](const event& e) { return e.kind == k; });
  return found == events.rend() ? nullptr : &*found;
}

void world::check_the_sum() const {
  const auto m = l->metrics();
  BOOST_TEST(m.sent == m.delivered + m.unknown + m.not_sent + m.pending);
}

std::vector<std::string> numbers(int first, int last) {
  std::vector<std::string> all;
  for (int i = first; i <= last; ++i) all.push_back(std::to_string(i));
  return all;
}

}  // namespace tautline::testing
