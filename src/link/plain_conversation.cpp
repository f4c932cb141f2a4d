// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/conversation.hpp"

namespace tautline::detail {
namespace {

// One write carries at most this much: see docs/benchmarks.md, "Batching".
constexpr std::size_t batch_messages = 4096;
constexpr std::size_t batch_bytes = 64 * 1024;

class plain_conversation final : public conversation {
 public:
  explicit plain_conversation(const options& o)
      : barrier_(o.delivery.barrier_interval, quarter_of(o.queue.max_messages), quarter_of(o.queue.max_bytes)) {}

  void on_up(transport::connection&, std::uint64_t salt) override { barrier_.reset(salt); }

  delivery::take_limit window() const override {
    delivery::take_limit l;
    l.messages = batch_messages;
    l.bytes = batch_bytes;
    return l;
  }

  error_code write(transport::connection& to, std::uint64_t, const delivery::entry& e) override {
    return to.write(e.body.payload(), e.body.kind());
  }

  bool ask(transport::connection& to, const flush_state& s) override {
    if (!barrier_.due(s.now, s.last_written, s.size, s.closing)) return false;
    return !to.write_ping(barrier_.place(s.now, s.last_written));
  }

  time_point next_ask(std::uint64_t last_written) const override { return barrier_.next(last_written); }

  error_code ping(transport::connection& to, time_point now, std::uint64_t last_written) override {
    return to.write_ping(barrier_.place(now, last_written));
  }

  std::optional<confirmation> on_pong(std::string_view payload, time_point now) override {
    const auto answer = barrier_.on_pong(payload, now);
    if (!answer) return std::nullopt;
    confirmation c;
    c.upto = answer->confirmed;
    c.round_trip = answer->round_trip;
    return c;
  }

  std::optional<time_point> waiting_since() const override { return barrier_.waiting_since(); }

 private:
  delivery::barrier barrier_;
};

}  // namespace

std::unique_ptr<conversation> make_plain_conversation(const options& o) {
  return std::make_unique<plain_conversation>(o);
}

}  // namespace tautline::detail
