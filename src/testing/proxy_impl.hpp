// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The fault proxy's listener, its faults, and its sessions. Everything on one strand.
#ifndef TAUTLINE_SRC_TESTING_PROXY_IMPL_HPP
#define TAUTLINE_SRC_TESTING_PROXY_IMPL_HPP

#include <tautline/testing/fault_proxy.hpp>

#include "testing/corruption.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace tautline::testing::detail {

class proxy_session;

/// What one direction suffers.
struct lane_faults {
  lane_faults() = default;
  bool hole = false;
  time_point stalled_until{};
  duration latency{};
  std::uint64_t bytes_per_second = 0;
  corruption spoils;

  /// When something may pass; `time_point::max()`: not before a change.
  [[nodiscard]] time_point opens() const noexcept { return hole ? time_point::max() : stalled_until; }
};

struct byte_budget {
  byte_budget() = default;
  byte_budget(std::uint64_t b, cut h) : left(b), how(h) {}
  std::uint64_t left = 0;
  cut how = cut::reset;
};

class proxy_impl : public std::enable_shared_from_this<proxy_impl> {
 public:
  using tcp = asio::ip::tcp;

  proxy_impl(const asio::any_io_executor& executor, const tcp::endpoint& listen, std::vector<tcp::endpoint> targets);

  const asio::any_io_executor strand;
  tcp::endpoint local;
  std::vector<tcp::endpoint> targets;  ///< of which the first that answers is taken
  tautline::testing::admission admission = tautline::testing::admission::forward;
  std::optional<byte_budget> budget;

  [[nodiscard]] lane_faults& faults(direction one) noexcept { return faults_[one == direction::up ? 0 : 1]; }
  template <class Change>
  void change_faults(direction d, Change change) {
    for (const auto one : {direction::up, direction::down})
      if (includes(d, one)) change(faults(one));
    wake_all();
  }

  void start();
  void admit(tautline::testing::admission how);
  void cut_all(cut how);
  void cut_one(std::uint64_t number, cut how);
  void set_budget(std::uint64_t bytes, cut how);
  void corrupt(direction d, const corruption& c);
  void heal();
  void shut_down();
  void when_closed(tautline::detail::operation_ptr<void()> op);

  void wake_all();
  void ended(std::uint64_t number);

  template <class Change>
  void count(Change change) {
    const std::lock_guard lock(mutex_);
    change(counters_);
  }
  [[nodiscard]] proxy_counters counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
  }

 private:
  static asio::awaitable<void> accept_loop(std::shared_ptr<proxy_impl> self, std::uint64_t opening);
  void open_acceptor();
  void notice_closed();
  [[nodiscard]] std::vector<std::shared_ptr<proxy_session>> sessions() const;

  tcp::acceptor acceptor_;
  std::uint64_t openings_ = 0;  ///< an accept loop of an earlier opening ends when it notices
  std::array<lane_faults, 2> faults_;
  std::map<std::uint64_t, std::weak_ptr<proxy_session>> sessions_;  ///< kept alive by their coroutines
  std::uint64_t last_number_ = 0;
  bool shut_ = false;
  asio::steady_timer closed_;  ///< never due: keeps those who wait for the end
  mutable std::mutex mutex_;
  proxy_counters counters_;
};

}  // namespace tautline::testing::detail

#endif
