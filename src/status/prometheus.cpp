// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The counters in the Prometheus text exposition format 0.0.4.
#include <tautline/status.hpp>

#include <fmt/format.h>

#include <iterator>

namespace tautline {

namespace {

class exposition {
 public:
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    add(fmt::format("tautline_link_{}_total", name), "counter", help, value);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    add(fmt::format("tautline_link_{}", name), "gauge", help, value);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void add(const std::string& name, std::string_view type, std::string_view help, std::uint64_t value) {
    fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, value);
  }

  std::string text_;
};

void add_messages(exposition& e, const metrics& m) {
  e.counter("messages_sent", "Messages that a send accepted.", m.sent);
  e.counter("messages_delivered", "Messages that the peer confirmed.", m.delivered);
  e.counter("messages_unknown", "Messages that were written and never confirmed.", m.unknown);
  e.counter("messages_not_sent", "Messages that certainly did not arrive.", m.not_sent);
  e.gauge("messages_pending", "Messages queued or unconfirmed now.", m.pending);
  e.counter("messages_dropped", "Messages that an overflow policy dropped.", m.dropped);
  e.counter("messages_rejected", "Messages that a full queue rejected.", m.rejected);
  e.counter("messages_expired", "Messages whose time to live ran out.", m.expired);
  e.counter("messages_superseded", "Messages that a newer one with the same key replaced.", m.superseded);
  e.counter("messages_withdrawn", "Messages that were taken back before they were sent.", m.withdrawn);
  e.counter("messages_resent", "Writes of a message after its first.", m.resent);
  e.counter("messages_received", "Messages received from the peer.", m.received);
  e.counter("sent_bytes", "Bytes of payload sent.", m.bytes_sent);
  e.counter("received_bytes", "Bytes of payload received.", m.bytes_received);
}

void add_connections(exposition& e, const metrics& m) {
  e.counter("attempts", "Attempts to connect.", m.attempts);
  e.counter("connections", "Connections established.", m.connections);
  e.counter("reconnects", "Connections established after the first.", m.reconnects);
  e.counter("pings", "Pings sent, barriers included.", m.pings);
  e.counter("pongs", "Pongs received.", m.pongs);
  e.counter("barriers", "Pings sent to confirm what was written.", m.barriers);
  e.counter("events_dropped", "Events that nobody read in time.", m.events_dropped);
}

}  // namespace

std::string prometheus_text(const metrics& m) {
  exposition e;
  add_messages(e, m);
  add_connections(e, m);
  return e.take();
}

}  // namespace tautline
