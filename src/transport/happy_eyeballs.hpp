// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Happy eyeballs (RFC 8305): the addresses of a name are tried with a head start for the first,
// and the first that answers wins. What "try" means is given, so the race knows no socket.
#ifndef TAUTLINE_SRC_TRANSPORT_HAPPY_EYEBALLS_HPP
#define TAUTLINE_SRC_TRANSPORT_HAPPY_EYEBALLS_HPP

#include <tautline/config.hpp>
#include <tautline/time.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace tautline::transport {

/// RFC 8305, section 4: addresses of both families by turns, beginning with the family that the
/// resolver put first; else its order.
[[nodiscard]] std::vector<asio::ip::tcp::endpoint> interleave(const std::vector<asio::ip::tcp::endpoint>& addresses);

/// The "Connection Attempt Delay" that section 5 recommends.
constexpr duration connection_attempt_delay = std::chrono::milliseconds(250);

/// Runs on one strand; always held by a shared_ptr: by the attempts under way. What it was given is
/// let go when it is over.
class address_race : public std::enable_shared_from_this<address_race> {
 public:
  struct track {
    track() = default;
    /// Begins to connect to address `i`; its end comes as `race->on_attempt(i, ec)`, not from inside.
    std::function<void(std::size_t i, const std::shared_ptr<address_race>& race)> begin;
    /// Gives up an attempt under way.
    std::function<void(std::size_t i)> drop;
    /// The winner, or the first error if all failed. Called once.
    std::function<void(std::optional<std::size_t> winner, error_code ec)> finish;
  };

  address_race(std::size_t addresses, track t, std::shared_ptr<time_service> time, std::unique_ptr<sleeper> timer);

  void start();
  void on_attempt(std::size_t i, error_code ec);
  /// Ends it with `ec`; does nothing once it is over.
  void stop(error_code ec);

 private:
  void begin_next();
  void end(std::optional<std::size_t> winner, error_code ec);

  std::vector<bool> under_way_;
  track track_;
  std::shared_ptr<time_service> time_;
  std::unique_ptr<sleeper> timer_;
  std::size_t begun_ = 0, failed_ = 0;
  unsigned round_ = 0;
  error_code first_error_;
  bool over_ = false;
};

}  // namespace tautline::transport

#endif
