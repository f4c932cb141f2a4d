// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Confirmation in plain mode: a ping that is placed and answered, and the question whether one is due.
#include "delivery/barrier.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace tautline;

void placed_and_answered(benchmark::State& state) {
  delivery::barrier b(std::chrono::milliseconds(100), 25'000, std::size_t{16} << 20U);
  b.reset(42);
  time_point now;
  std::uint64_t written = 0;
  for (auto _ : state) {
    const auto ping = b.place(now, ++written);
    benchmark::DoNotOptimize(b.on_pong(ping, now));
    now += std::chrono::microseconds(10);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(placed_and_answered)->Name("barrier, placed and answered");

void asked_whether_one_is_due(benchmark::State& state) {
  delivery::barrier b(std::chrono::milliseconds(100), 25'000, std::size_t{16} << 20U);
  b.reset(42);
  const time_point now;
  (void)b.place(now, 1);
  delivery::outbox_size size;
  size.unconfirmed_messages = 100;
  std::uint64_t written = 1;
  for (auto _ : state) benchmark::DoNotOptimize(b.due(now, ++written, size, false));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(asked_whether_one_is_due)->Name("barrier, is one due");

}  // namespace
