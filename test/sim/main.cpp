// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The program tautline_sim: runs worlds until their number or the time is used up, or one fails.
#include "world.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace tautline::sim {
namespace {

using wall = std::chrono::steady_clock;

struct orders {
  std::uint64_t worlds = 0;  ///< 0: no limit
  double seconds = 0;        ///< 0: no limit
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> base;  // none: fresh worlds
  bool trace = false, hashes = false, keep_going = false;
  unsigned threads = 2;
  std::vector<std::string> seed_files;
  std::string record;  ///< where a seed that failed is added
};

/// Hands out seeds: those that ever failed, then fresh ones.
class seeds {
 public:
  seeds(std::vector<std::uint64_t> known, std::uint64_t base) : known_(std::move(known)), fresh_(base) {}
  std::uint64_t next() {
    const auto n = given_++;
    return n < known_.size() ? known_[n] : fresh_.next();
  }
  [[nodiscard]] bool known(std::uint64_t seed) const {
    return std::find(known_.begin(), known_.end(), seed) != known_.end();
  }

 private:
  std::vector<std::uint64_t> known_;
  std::atomic<std::size_t> given_{0};
  testing::seeded_random fresh_;
};

struct tally {
  std::mutex mutex;
  std::atomic<std::uint64_t> failed{0};  ///< asked for between two worlds
  std::uint64_t worlds = 0, events = 0, handlers = 0, messages = 0, attempts = 0, hash = 0;
  double hours = 0;

  void add(const world_result& r) {
    const std::lock_guard lock(mutex);
    ++worlds;
    events += r.events;
    handlers += r.handlers;
    messages += r.messages;
    attempts += r.attempts;
    hours += r.virtual_seconds / 3600;
    hash ^= r.hash;
    if (!r.violations.empty()) ++failed;
  }
};

std::vector<std::uint64_t> read_seeds(const std::vector<std::string>& files) {
  std::vector<std::uint64_t> all;
  for (const auto& name : files) {
    std::ifstream in(name);
    for (std::string line; std::getline(in, line);)
      if (!line.empty() && line.front() != '#') all.push_back(std::stoull(line));
  }
  return all;
}

class runner {
 public:
  runner(orders o, const char* program)
      : o_(std::move(o)), program_(program), seeds_(read_seeds(o_.seed_files), base_seed()) {}

  int run() {
    const auto start = wall::now();
    if (o_.seed) {
      one(*o_.seed);
    } else {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < std::max(1U, o_.threads); ++i) threads.emplace_back([this, start] { work(start); });
    }
    report(std::chrono::duration<double>(wall::now() - start).count());
    return total_.failed == 0 ? 0 : 1;
  }

 private:
  std::uint64_t base_seed() const {
    if (o_.base) return *o_.base;
    std::random_device device;
    return (std::uint64_t{device()} << 32U) ^ device();
  }

  bool more(wall::time_point start) {
    if (total_.failed > 0 && !o_.keep_going) return false;
    if (o_.seconds > 0 && std::chrono::duration<double>(wall::now() - start).count() >= o_.seconds) return false;
    return o_.worlds == 0 || begun_++ < o_.worlds;
  }

  void work(wall::time_point start) {
    while (more(start)) one(seeds_.next());
  }

  void one(std::uint64_t seed) {
    const auto r = world(seed, o_.trace ? echo::yes : echo::no).run();
    total_.add(r);
    const std::lock_guard lock(printing_);
    if (o_.hashes) fmt::print("{} {:016x}\n", r.seed, r.hash);
    if (!r.violations.empty()) tell(r);
  }

  void tell(const world_result& r) const {
    fmt::print("world {} broke its rules:\n", r.seed);
    for (const auto& v : r.violations) fmt::print("  {}\n", v);
    fmt::print("replay it with:\n  {} --seed {} --trace\n", program_, r.seed);
    if (!o_.record.empty() && !seeds_.known(r.seed)) std::ofstream(o_.record, std::ios::app) << r.seed << '\n';
  }

  void report(double seconds) const {
    const auto worlds = static_cast<double>(total_.worlds);
    fmt::print("{} worlds in {:.1f} s: {:.1f} worlds/s, {:.1f} virtual hours/s, {} messages, {} attempts\n",
               total_.worlds, seconds, worlds / seconds, total_.hours / seconds, total_.messages, total_.attempts);
    fmt::print("{} events and {} handlers; hash {:016x}\n", total_.events, total_.handlers, total_.hash);
    fmt::print("{} passed, {} failed\n", total_.worlds - total_.failed, total_.failed.load());
  }

  orders o_;
  std::string program_;
  seeds seeds_;
  tally total_;
  std::atomic<std::uint64_t> begun_{0};
  std::mutex printing_;
};

int run_program(int argc, char** argv) {
  orders o;
  CLI::App app("Simulated worlds of links and servers in which everything goes wrong, and what must hold in them.");
  app.add_option("--worlds", o.worlds, "how many (0: until the time is up)");
  app.add_option("--seconds", o.seconds, "begin no more worlds after so long (0: no limit)");
  app.add_option("--seed", o.seed, "only the world of this seed");
  app.add_option("--base", o.base, "what the seeds are drawn from, to have the same worlds again");
  app.add_option("--threads", o.threads, "how many worlds at a time")->capture_default_str();
  app.add_option("--seeds", o.seed_files, "files of seeds that come first");
  app.add_option("--record", o.record, "a file to which seeds that fail for the first time are added");
  app.add_flag("--trace", o.trace, "tell everything that happens (with --seed)");
  app.add_flag("--hashes", o.hashes, "print the trace hash of every world");
  app.add_flag("--keep-going", o.keep_going, "also after a world that failed");
  CLI11_PARSE(app, argc, argv);
  if (o.worlds == 0 && o.seconds == 0) o.worlds = 100;
  return runner(std::move(o), argv[0]).run();
}

}  // namespace
}  // namespace tautline::sim

int main(int argc, char** argv) { return tautline::sim::run_program(argc, argv); }
