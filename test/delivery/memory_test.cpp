// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the outbox costs in memory: nothing piles up, and a steady stream allocates only payloads.
#define BOOST_TEST_DYN_LINK

// The thread sanitizer brings allocation functions of its own, which cannot be replaced.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TAUTLINE_ALLOCATION_IS_TAKEN
#endif
#endif
#ifndef TAUTLINE_ALLOCATION_IS_TAKEN

#include "delivery/barrier.hpp"
#include "delivery/outbox_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

std::size_t held = 0;
std::size_t allocations = 0;

void* counted(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
  void* p = std::aligned_alloc(alignment, (size + alignment) / alignment * alignment);
  if (!p) throw std::bad_alloc();
  held += malloc_usable_size(p);
  ++allocations;
  return p;
}

void uncounted(void* p) noexcept {
  if (p) held -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

// This program is single-threaded.
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p, std::align_val_t) noexcept { uncounted(p); }
void operator delete[](void* p, std::align_val_t) noexcept { uncounted(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { uncounted(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { uncounted(p); }
void operator delete(void* p) noexcept { uncounted(p); }
void operator delete[](void* p) noexcept { uncounted(p); }
void operator delete(void* p, std::size_t) noexcept { uncounted(p); }
void operator delete[](void* p, std::size_t) noexcept { uncounted(p); }

using namespace tautline;
using namespace tautline::delivery;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(the_memory_of_an_outbox, outbox_fixture)

BOOST_AUTO_TEST_CASE(an_idle_one_holds_next_to_nothing) {
  const std::size_t before = held;
  const outbox idle{queue_options()};
  BOOST_TEST(held - before == 0U);
  BOOST_TEST(sizeof(idle) < 1'024U);
}

BOOST_AUTO_TEST_CASE(a_steady_stream_of_small_messages_allocates_nothing) {
  const std::string small(64, 'x');
  take_limit all;
  all.messages = all.bytes = 1'000'000;
  std::vector<ended> done;
  std::size_t confirmed = 0;
  const auto turn = [&] {
    for (int i = 0; i < 500; ++i) push(std::string_view(small));
    (void)box.take(all, now, gone);
    confirmed += box.confirm_quietly(box.last_written(), done);
  };
  turn();
  turn();
  const std::size_t before = allocations;
  for (int i = 0; i < 100; ++i) turn();
  BOOST_TEST(allocations == before);
  BOOST_TEST(confirmed == 102U * 500U);
  BOOST_TEST(done.empty());
}

BOOST_AUTO_TEST_CASE(a_burst_is_given_back) {
  const std::size_t before = held;
  for (int i = 0; i < 100'000; ++i) push("short");
  BOOST_TEST(held - before > 10'000'000U);
  box.take_all(gone);
  gone = std::vector<ended>();
  BOOST_TEST(held - before < 300'000U);
}

BOOST_AUTO_TEST_CASE(a_burst_with_keys_and_times_is_given_back) {
  const std::size_t before = held;
  for (int turn = 0; turn < 2; ++turn)
    for (int i = 0; i < 100'000; ++i) push(message("short").key(std::to_string(i)).time_to_live(1h));
  box.take_all(gone);
  gone = std::vector<ended>();
  BOOST_TEST(held - before < 300'000U);
}

BOOST_AUTO_TEST_CASE(withdrawn_messages_leave_nothing_behind_an_old_one) {
  push("old");
  const auto turn = [&] {
    push("short-lived");
    (void)box.withdraw(last_id, gone);
    gone.clear();
  };
  for (int i = 0; i < 1'000; ++i) turn();
  const std::size_t before = held;
  for (int i = 0; i < 100'000; ++i) turn();
  BOOST_TEST(held - before < 1'000U);
}

BOOST_AUTO_TEST_CASE(replaced_messages_leave_nothing_behind) {
  const auto turn = [&] {
    push(message("value").key("k").time_to_live(1h));
    gone.clear();
  };
  for (int i = 0; i < 1'000; ++i) turn();
  const std::size_t before = held;
  for (int i = 0; i < 100'000; ++i) turn();
  BOOST_TEST(held - before < 1'000U);
}

BOOST_AUTO_TEST_CASE(keys_that_were_replaced_and_delivered_leave_nothing_behind) {
  push("old");
  std::vector<ended> done;
  const auto turn = [&] {
    push(message("value").key("k"));
    push(message("value").key("k"));
    (void)take();
    (void)confirm(box.last_written() - 1);
    gone.clear();
  };
  for (int i = 0; i < 1'000; ++i) turn();
  const std::size_t before = held;
  for (int i = 0; i < 10'000; ++i) turn();
  BOOST_TEST(held - before < 1'000U);
}

BOOST_AUTO_TEST_CASE(deadlines_of_the_delivered_do_not_pile_up) {
  push("old");
  const auto turn = [&] {
    push(message("x").time_to_live(1h));
    (void)take();
    (void)confirm(box.last_written() - 1);
  };
  for (int i = 0; i < 1'000; ++i) turn();
  const std::size_t before = held;
  for (int i = 0; i < 100'000; ++i) turn();
  BOOST_TEST(held - before < 1'000U);
}

BOOST_AUTO_TEST_CASE(unanswered_pings_do_not_pile_up) {
  barrier b(100ms, 1, 1);
  b.reset(1);
  for (std::uint64_t i = 0; i < 100; ++i) (void)b.place(now, i);
  const std::size_t before = held;
  for (std::uint64_t i = 0; i < 10'000; ++i) (void)b.place(now, i);
  BOOST_TEST(held == before);
}

BOOST_AUTO_TEST_SUITE_END()

#endif
