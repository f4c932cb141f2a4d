// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Every counter that a link has.
#include "metrics_sum.hpp"

namespace tautline::cli {

void add(metrics& sum, const metrics& one) noexcept {
  sum.sent += one.sent;
  sum.delivered += one.delivered;
  sum.unknown += one.unknown;
  sum.not_sent += one.not_sent;
  sum.pending += one.pending;
  sum.dropped += one.dropped;
  sum.rejected += one.rejected;
  sum.expired += one.expired;
  sum.superseded += one.superseded;
  sum.withdrawn += one.withdrawn;
  sum.resent += one.resent;
  sum.received += one.received;
  sum.bytes_sent += one.bytes_sent;
  sum.bytes_received += one.bytes_received;
  sum.attempts += one.attempts;
  sum.connections += one.connections;
  sum.reconnects += one.reconnects;
  sum.pings += one.pings;
  sum.pongs += one.pongs;
  sum.barriers += one.barriers;
  sum.events_dropped += one.events_dropped;
}

}  // namespace tautline::cli
