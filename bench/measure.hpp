// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the benchmarks share: medians, and a peer in a process of its own.
#ifndef TAUTLINE_BENCH_MEASURE_HPP
#define TAUTLINE_BENCH_MEASURE_HPP

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <utility>
#include <vector>

namespace bench {

using clock = std::chrono::steady_clock;

[[nodiscard]] inline double seconds_since(clock::time_point t) {
  return std::chrono::duration<double>(clock::now() - t).count();
}

/// Of processor time that this process has used.
[[nodiscard]] inline double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Which share `q` of the samples does not exceed; 0 if there are none.
[[nodiscard]] inline double percentile(std::vector<double> v, double q) {
  if (v.empty()) return 0;
  const auto at = v.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(v.size() - 1));
  std::nth_element(v.begin(), at, v.end());
  return *at;
}

struct spread {
  double low = 0, median = 0, high = 0;
};

/// The 5th, 50th and 95th percentile.
[[nodiscard]] inline spread spread_of(const std::vector<double>& v) {
  return {percentile(v, 0.05), percentile(v, 0.5), percentile(v, 0.95)};
}

/// A child process that runs `body(fd)`, which may write its results to the pipe `fd`. Ended with
/// the object.
class child {
 public:
  explicit child(const std::function<void(int)>& body) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ < 0) std::abort();
    if (pid_ == 0) {
      ::close(ends[0]);
      body(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
  }
  child(child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), pipe_(std::exchange(other.pipe_, -1)) {}
  child& operator=(child&&) = delete;
  ~child() {
    if (pid_ < 0) return;
    ::close(pipe_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  /// Until it has ended by itself.
  void wait() const {
    siginfo_t how{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &how, WEXITED | WNOWAIT);
  }
  void signal(int number) const { ::kill(pid_, number); }

  /// The next value that the child wrote; ends the program if it died.
  template <class T>
  [[nodiscard]] T read() const {
    T value;
    auto* to = reinterpret_cast<char*>(&value);
    for (std::size_t got = 0; got < sizeof(T);) {
      const auto n = ::read(pipe_, to + got, sizeof(T) - got);
      if (n <= 0) {
        std::fprintf(stderr, "the peer's process ended\n");
        std::exit(1);
      }
      got += static_cast<std::size_t>(n);
    }
    return value;
  }

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;
};

template <class T>
void tell(int fd, const T& value) {
  if (::write(fd, &value, sizeof(T)) != static_cast<ssize_t>(sizeof(T))) ::_exit(1);
}

}  // namespace bench

#endif
