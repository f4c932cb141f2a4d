// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// An outbox with a clock in the tester's hand, and short words for what tests do to it.
#ifndef TAUTLINE_TEST_DELIVERY_OUTBOX_FIXTURE_HPP
#define TAUTLINE_TEST_DELIVERY_OUTBOX_FIXTURE_HPP

#include "delivery/outbox.hpp"

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace tautline::delivery {

inline std::ostream& operator<<(std::ostream& out, admission a) { return out << static_cast<int>(a); }

/// What left the outbox: payload and reason, "" for delivered.
using departure = std::pair<std::string, std::string>;

struct outbox_fixture {
  explicit outbox_fixture(queue_options q = queue_options()) : box(q) {}

  static queue_options limits(std::size_t messages, std::size_t bytes, tautline::overflow o) {
    queue_options q;
    q.max_messages = messages;
    q.max_bytes = bytes;
    q.overflow = o;
    return q;
  }

  admission push(message m) {
    const admission a = box.push(m, nullptr, now, last_id, gone);
    return a;
  }

  /// The payloads of one take.
  std::vector<std::string> take(std::size_t messages = 1'000, std::size_t bytes = 1'000'000) {
    take_limit limit;
    limit.messages = messages;
    limit.bytes = bytes;
    last_range = box.take(limit, now, gone);
    std::vector<std::string> out;
    for (auto seq = last_range.first; seq < last_range.last; ++seq)
      out.emplace_back(box.in_flight(seq) ? box.in_flight(seq)->body.payload() : "(void)");
    return out;
  }

  std::vector<std::string> confirm(std::uint64_t seq) {
    std::vector<ended> done;
    box.confirm(seq, done);
    std::vector<std::string> out;
    for (const ended& e : done) out.emplace_back(e.what.body.payload());
    return out;
  }

  /// What has gone since the last call.
  std::vector<departure> departures() {
    std::vector<departure> out;
    for (const ended& e : gone) out.emplace_back(std::string(e.what.body.payload()), reason(e.why));
    gone.clear();
    return out;
  }

  static std::string reason(const error_code& ec) {
    if (!ec) return "";
    if (ec == errc::dropped) return "dropped";
    if (ec == errc::expired) return "expired";
    if (ec == errc::superseded) return "superseded";
    if (ec == errc::withdrawn) return "withdrawn";
    if (ec == errc::outcome_unknown) return "unknown";
    return ec.message();
  }

  time_point now = time_point(std::chrono::hours(1));
  outbox box;
  std::vector<ended> gone;
  std::uint64_t last_id = 0;
  outbox::range last_range;
};

using names = std::vector<std::string>;
using departures = std::vector<departure>;

}  // namespace tautline::delivery

#endif
