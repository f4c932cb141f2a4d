// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the peers in C++ share: their arguments (bench/peers/README.md) and how they say what they measured.
#ifndef TAUTLINE_BENCH_PEER_HPP
#define TAUTLINE_BENCH_PEER_HPP

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace peer {

using clock = std::chrono::steady_clock;

struct arguments {
  arguments(int argc, char** argv) : words(argv, argv + argc) {}
  [[nodiscard]] std::string word(std::size_t i) const { return i < words.size() ? words[i] : std::string(); }
  [[nodiscard]] long number(std::size_t i) const { return std::atol(word(i).c_str()); }

  [[nodiscard]] std::string measure() const { return word(1); }
  [[nodiscard]] std::string url() const { return word(2); }
  [[nodiscard]] bool tls() const { return url().rfind("wss", 0) == 0; }
  [[nodiscard]] int port() const { return std::atoi(url().c_str() + url().rfind(':') + 1); }
  [[nodiscard]] std::size_t size() const {
    return measure() == "send" || measure() == "round_trip" ? static_cast<std::size_t>(number(3)) : 64;
  }
  /// Of messages; or of links.
  [[nodiscard]] long count() const { return measure() == "reconnect" || measure() == "memory" ? number(3) : number(4); }
  [[nodiscard]] std::string ca_file() const { return word(4); }
  [[nodiscard]] long heartbeat_ms() const { return measure() == "reconnect" ? number(5) : 0; }

  std::vector<std::string> words;
};

inline double since(clock::time_point t) { return std::chrono::duration<double>(clock::now() - t).count(); }
inline double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// As many open files as this process may have.
inline void raise_file_limit() {
  rlimit l{};
  if (::getrlimit(RLIMIT_NOFILE, &l) != 0) return;
  l.rlim_cur = l.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &l);
}

inline double heap_kib() { return static_cast<double>(::mallinfo2().uordblks) / 1024; }
inline double resident_kib() {
  unsigned long all = 0, resident = 0;
  if (std::FILE* f = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(f, "%lu %lu", &all, &resident) != 2) resident = 0;
    std::fclose(f);
  }
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

/// Notes and says what each measure asks for. Its owner calls it from his library's callbacks.
class meter {
 public:
  explicit meter(const arguments& a) : measure_(a.measure()), count_(a.count()) {}

  void began() {
    start_ = clock::now();
    cpu_ = cpu_seconds();
    heap_ = heap_kib();
    resident_ = resident_kib();
  }
  void asked() { start_ = clock::now(); }
  /// One message came. False: it was the last that is wanted.
  bool received() {
    if (measure_ == "receive" && got_ == 0) began();
    if (measure_ == "round_trip") us_.push_back(since(start_) * 1e6);
    return ++got_ < count_;
  }
  /// One link is up. True: it was the last.
  bool connected() {
    if (++up_ < count_) return false;
    std::printf("ms %.17g\n", since(start_) * 1e3);
    return true;
  }
  void report() const {
    for (const double v : us_) std::printf("us %.17g\n", v);
    if (measure_ == "receive") std::printf("seconds %.17g\n", since(start_));
    if (measure_ == "receive" || measure_ == "send") std::printf("cpu %.17g\n", cpu_seconds() - cpu_);
    if (measure_ == "memory") {
      const auto n = static_cast<double>(count_);
      std::printf("heap %.17g\nresident %.17g\n", (heap_kib() - heap_) / n, (resident_kib() - resident_) / n);
    }
    std::fflush(stdout);
  }

 private:
  std::string measure_;
  long count_, got_ = 0, up_ = 0;
  clock::time_point start_;
  double cpu_ = 0, heap_ = 0, resident_ = 0;
  std::vector<double> us_;
};

}  // namespace peer

#endif
