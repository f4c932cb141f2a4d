// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Counts what a test program allocates, by replacing the allocation functions: for one source of a program.
#ifndef TAUTLINE_TEST_ALLOCATIONS_COUNTED_NEW_HPP
#define TAUTLINE_TEST_ALLOCATIONS_COUNTED_NEW_HPP

// The thread sanitizer brings allocation functions of its own, which cannot be replaced.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TAUTLINE_ALLOCATION_IS_TAKEN
#endif
#endif

#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace counted_new {

/// Zero where the functions cannot be replaced.
inline std::atomic<std::size_t> bytes_held{0}, calls{0};

#ifndef TAUTLINE_ALLOCATION_IS_TAKEN
inline void* take(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
  void* p = std::aligned_alloc(alignment, (size + alignment) / alignment * alignment);
  if (!p) throw std::bad_alloc();
  bytes_held.fetch_add(malloc_usable_size(p), std::memory_order_relaxed);
  calls.fetch_add(1, std::memory_order_relaxed);
  return p;
}

inline void give_back(void* p) noexcept {
  if (p) bytes_held.fetch_sub(malloc_usable_size(p), std::memory_order_relaxed);
  std::free(p);
}
#endif

}  // namespace counted_new

#ifndef TAUTLINE_ALLOCATION_IS_TAKEN
void* operator new(std::size_t size) { return counted_new::take(size); }
void* operator new[](std::size_t size) { return counted_new::take(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted_new::take(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return counted_new::take(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p, std::align_val_t) noexcept { counted_new::give_back(p); }
void operator delete[](void* p, std::align_val_t) noexcept { counted_new::give_back(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { counted_new::give_back(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { counted_new::give_back(p); }
void operator delete(void* p) noexcept { counted_new::give_back(p); }
void operator delete[](void* p) noexcept { counted_new::give_back(p); }
void operator delete(void* p, std::size_t) noexcept { counted_new::give_back(p); }
void operator delete[](void* p, std::size_t) noexcept { counted_new::give_back(p); }
#endif

#endif
