// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Many links in one process: how much memory it has, and how many files it may open.
#ifndef TAUTLINE_BENCH_LINKS_HPP
#define TAUTLINE_BENCH_LINKS_HPP

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>

namespace bench {

/// As many open files as this process may have; true if that is enough for so many links.
inline bool make_room_for(std::size_t links) {
  rlimit l{};
  if (::getrlimit(RLIMIT_NOFILE, &l) != 0) return false;
  l.rlim_cur = l.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &l);
  return l.rlim_max >= links + 64;
}

/// Handed out by the allocator.
inline double heap_kib() { return static_cast<double>(::mallinfo2().uordblks) / 1024; }

/// As the system sees it.
inline double resident_kib() {
  std::FILE* f = std::fopen("/proc/self/statm", "r");
  if (f == nullptr) return 0;
  unsigned long all = 0, resident = 0;
  const int n = std::fscanf(f, "%lu %lu", &all, &resident);
  std::fclose(f);
  return n == 2 ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024 : 0;
}

}  // namespace bench

#endif
