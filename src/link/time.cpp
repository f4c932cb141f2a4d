// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The real clock and real chance.
#include <tautline/time.hpp>

#include "transport/random_bytes.hpp"

#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

#include <atomic>
#include <random>
#include <utility>

namespace tautline {

namespace {

class timer_sleeper final : public sleeper {
 public:
  explicit timer_sleeper(const asio::any_io_executor& executor)
      : timer_(executor), present_(std::make_shared<std::uint64_t>(0)) {}
  ~timer_sleeper() override { ++*present_; }

  void wait_until(time_point when, std::function<void(bool)> on_due) override {
    const std::uint64_t mine = ++*present_;
    timer_.expires_at(when);
    timer_.async_wait(
        [present = present_, mine, on_due = std::move(on_due)](error_code ec) { on_due(!ec && *present == mine); });
  }

  void cancel() override {
    ++*present_;
    timer_.cancel();
  }

 private:
  asio::steady_timer timer_;
  // A timer that has fired can no longer be cancelled while its handler waits to run: the number
  // tells the handler that it was.
  std::shared_ptr<std::uint64_t> present_;
};

class system_time final : public time_service {
 public:
  time_point now() const noexcept override { return clock::now(); }
  std::chrono::system_clock::time_point utc_now() const noexcept override { return std::chrono::system_clock::now(); }
  std::unique_ptr<sleeper> make_sleeper(const asio::any_io_executor& executor) override {
    return std::make_unique<timer_sleeper>(executor);
  }
};

// SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014): its
// state is a counter, so threads share it without a lock, and eight bytes are all it keeps per link.
class split_mix final : public random_source {
 public:
  explicit split_mix(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept override {
    std::uint64_t z = state_.fetch_add(step, std::memory_order_relaxed) + step;
    z = (z ^ (z >> 30U)) * 0xbf58'476d'1ce4'e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d0'49bb'1331'11ebU;
    return z ^ (z >> 31U);
  }

 private:
  static constexpr std::uint64_t step = 0x9e37'79b9'7f4a'7c15U;
  std::atomic<std::uint64_t> state_;
};

std::uint64_t seed_of_system() {
  std::random_device device;
  static_assert(std::random_device::max() - std::random_device::min() >= 0xffff'ffff);
  return (std::uint64_t{device()} << 32U) ^ device();
}

// The system is asked once: for each of many links that takes a good part of their start. A process
// that was forked goes on from there with its own number in it, or it would draw what its parent does.
std::uint64_t next_seed() {
  static split_mix seeds(seed_of_system());
  return seeds.next() ^ (static_cast<std::uint64_t>(::getpid()) << 40U);
}

}  // namespace

std::string random_source::secret(std::size_t bytes) { return transport::random_hex(bytes); }

std::shared_ptr<time_service> real_time() {
  static const auto one = std::make_shared<system_time>();
  return one;
}

std::shared_ptr<random_source> real_random() { return std::make_shared<split_mix>(next_seed()); }

}  // namespace tautline
