// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Decides when the next attempt may start, or that there is none.
#include "link/engine.hpp"

#include <algorithm>
#include <utility>

namespace tautline::detail {
namespace {

double uniform(random_source& r) { return static_cast<double>(r.next() >> 11U) * 0x1.0p-53; }

// The delay of an endpoint that has not failed yet is only the spread of a first retry. (After a
// stable connection the decision is that spread already: the smaller of two draws would bunch.)
duration chosen_delay(engine& e, const policy::backoff::decision& d, const ended_connection& end) {
  const auto rest = e.endpoints.rest();
  const bool fresh = !end.stable && e.endpoints.next_is_fresh();
  if (!fresh && d.delay >= rest) return d.delay;
  const auto spread = std::chrono::duration<double>(e.opts.backoff.first_retry_spread) * uniform(*e.random);
  const auto short_time = std::chrono::duration_cast<duration>(spread);
  // One that asked for time, on an earlier connection, gets it also when it is the next best.
  if (rest > duration::zero()) return rest + short_time;
  return std::min(d.delay, short_time);
}

time_point reserved(engine& e, time_point when) {
  return e.opts.backoff.budget ? e.opts.backoff.budget->reserve(when) : when;
}

// True if the link has ended.
bool is_final(engine& e, const ended_connection& end) {
  if (!e.connector->reconnects()) {
    const auto code = end.why->close_code;
    const bool proper = code == 1000 || code == 1001 || code == 1005;
    e.stop(proper ? error_code() : end.why->code);
    return true;
  }
  if (e.connector->passive()) {
    const bool over = end.why->code == errc::session_expired;
    if (over) e.stop(end.why->code);
    return over;
  }
  const auto asked = end.why->retry_after.value_or(duration::zero());
  e.endpoints.on_end(end.stable, end.why->what_follows, e.time->now(), asked);
  const bool fatal = end.why->what_follows == verdict::fatal && (e.opts.provider || e.endpoints.all_fatal());
  if (fatal) e.stop(end.why->code);
  return fatal;
}

asio::awaitable<void> wait_for_turn(engine_ptr e, time_point when) {
  e->retry_asked = false;
  while (!e->stopping() && !e->retry_asked && e->time->now() < when) co_await e->delay.wait_until(when);
}

// Waits until a connection or an attempt has ended and there may be another.
asio::awaitable<bool> next_end(engine_ptr e) {
  while (!e->stopping() && (!e->just_ended || e->ends_quietly())) co_await e->delay.wait();
  co_return !e->stopping();
}

}  // namespace

asio::awaitable<void> backoff_loop(engine_ptr e) {
  const auto first = reserved(*e, e->time->now());
  co_await wait_for_turn(e, first);
  e->open_gate(1);
  while (co_await next_end(e)) {
    const auto end = std::exchange(e->just_ended, std::nullopt);
    if (is_final(*e, *end)) break;
    if (e->connector->passive()) {
      e->open_gate(1);
      continue;
    }
    const auto d = e->retries.on_end(*end->why, end->stable, uniform(*e->random));
    if (d.give_up) {
      e->stop(errc::attempts_exhausted);
      break;
    }
    const auto when = reserved(*e, e->time->now() + chosen_delay(*e, d, *end));
    e->publish_retry(d, when);
    co_await wait_for_turn(e, when);
    e->open_gate(d.attempt);
  }
}

}  // namespace tautline::detail
