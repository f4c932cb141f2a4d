// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// When the steps of tautline's reconnects are done, as the client sees them: a connector around the real
// one, and a backoff of its own that notes when it is asked. (Of internals, and so only in the harness.)
#ifndef TAUTLINE_BENCH_PHASES_HPP
#define TAUTLINE_BENCH_PHASES_HPP

#include <tautline/tautline.hpp>

#include "transport/connection.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace bench {

/// By the clock that all processes share, in seconds; the durations too.
struct client_steps {
  double noticed = 0, started = 0, connected = 0;
  double resolve = 0, tcp = 0, tls = 0, upgrade = 0;
};

using step_log = std::vector<client_steps>;

[[nodiscard]] inline double in_seconds(std::chrono::steady_clock::duration d) {
  return std::chrono::duration<double>(d).count();
}
[[nodiscard]] inline double now_in_seconds() { return in_seconds(std::chrono::steady_clock::now().time_since_epoch()); }

class noting_connector final : public tautline::transport::connector {
 public:
  explicit noting_connector(step_log& log) : log_(log), real_(tautline::transport::make_connector()) {}

  boost::asio::awaitable<tautline::transport::connect_result> async_connect(
      const boost::asio::any_io_executor& strand, const tautline::transport::connect_request& request) override {
    if (log_.empty()) log_.emplace_back();
    log_.back().started = now_in_seconds();
    auto result = co_await real_->async_connect(strand, request);
    log_.back().connected = now_in_seconds();
    if (result.conn) {
      const auto& took = result.conn->info().timings;
      log_.back().resolve = in_seconds(took.resolve);
      log_.back().tcp = in_seconds(took.tcp);
      log_.back().tls = in_seconds(took.tls);
      log_.back().upgrade = in_seconds(took.upgrade);
    }
    co_return result;
  }
  void cancel() noexcept override { real_->cancel(); }

 private:
  step_log& log_;
  std::shared_ptr<tautline::transport::connector> real_;
};

/// Lets `o` and the environment that it returns write to `log`, which outlives the link.
[[nodiscard]] inline tautline::environment noting_environment(tautline::options& o, step_log& log) {
  o.backoff.custom = [&log](const tautline::backoff_input&) {
    log.emplace_back().noticed = now_in_seconds();
    return tautline::duration(1);
  };
  tautline::environment env;
  env.connector = std::make_shared<noting_connector>(log);
  return env;
}

/// The one that came back from a drop at that time.
[[nodiscard]] inline const client_steps* after(const step_log& log, double drop) {
  const auto at = std::find_if(log.begin(), log.end(), [&](const client_steps& c) { return c.noticed >= drop; });
  return at == log.end() ? nullptr : &*at;
}

}  // namespace bench

#endif
