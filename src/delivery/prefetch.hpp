// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A long queue does not fit into the caches: whoever walks it asks for what comes next in time.
#ifndef TAUTLINE_SRC_DELIVERY_PREFETCH_HPP
#define TAUTLINE_SRC_DELIVERY_PREFETCH_HPP

namespace tautline::delivery {

inline void prefetch([[maybe_unused]] const void* p) noexcept {
#if defined(__GNUC__)
  __builtin_prefetch(p);
#endif
}

/// Of an object of some lines its beginning and its second half; null is allowed.
template <class T>
void prefetch_object(const T* p) noexcept {
  if (!p) return;
  prefetch(p);
  prefetch(reinterpret_cast<const char*>(p) + sizeof(T) / 2);
}

/// How many elements ahead: the way to memory takes about as long as so many small messages.
constexpr unsigned prefetch_distance = 8;

}  // namespace tautline::delivery

#endif
