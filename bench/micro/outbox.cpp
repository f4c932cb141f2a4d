// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The queue of a link: a message's whole way through it, with so many others in it.
#include "delivery/outbox.hpp"

#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

using namespace tautline;

delivery::outbox with_room_for(std::size_t messages) {
  queue_options q;
  q.max_messages = messages + 1;
  q.max_bytes = (messages + 1) * 64;
  return delivery::outbox(q);
}

// Each turn pushes one message behind those that are there, and takes and confirms the oldest.
void one_in_and_one_out(benchmark::State& state) {
  const auto depth = static_cast<std::size_t>(state.range(0));
  auto box = with_room_for(depth);
  const std::string text(64, 'x');
  std::vector<delivery::ended> gone;
  std::uint64_t id = 0;
  delivery::take_limit one;
  one.messages = 1;
  one.bytes = 64;
  const auto push = [&] {
    message m(text);
    benchmark::DoNotOptimize(box.push(m, nullptr, time_point(), id, gone));
  };
  for (std::size_t i = 1; i < depth; ++i) push();
  for (auto _ : state) {
    push();
    const auto range = box.take(one, time_point(), gone);
    benchmark::DoNotOptimize(box.in_flight(range.first));
    benchmark::DoNotOptimize(box.confirm_quietly(range.first, gone));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(one_in_and_one_out)->Name("outbox, one in and one out")->Arg(1)->Arg(1'000)->Arg(1'000'000);

// As the flush loop takes them: up to 64 KiB at once.
void batches(benchmark::State& state) {
  constexpr std::size_t batch = 1'000;
  auto box = with_room_for(batch);
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  std::vector<delivery::ended> gone;
  std::uint64_t id = 0;
  delivery::take_limit all;
  all.messages = batch;
  all.bytes = SIZE_MAX;
  for (auto _ : state) {
    for (std::size_t i = 0; i < batch; ++i) {
      message m(text);
      benchmark::DoNotOptimize(box.push(m, nullptr, time_point(), id, gone));
    }
    const auto range = box.take(all, time_point(), gone);
    benchmark::DoNotOptimize(box.confirm_quietly(range.last - 1, gone));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(batches)->Name("outbox, batches of 1,000")->Arg(16)->Arg(64);

}  // namespace
