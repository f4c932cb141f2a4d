// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The channel in which the loops meet: one value at a time, and many at once.
#include "link/channel.hpp"

#include <tautline/message.hpp>

#include <boost/asio/io_context.hpp>

#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

using namespace tautline;
using detail::channel;
using detail::make_operation;

std::size_t length(const message& m) { return m.size(); }

channel<message> roomy() { return channel<message>(detail::channel_limit(10'000, 10'000'000), &length); }

// A value that somebody waits for: the pop, the push, and the handler's way through the executor.
void handed_over(benchmark::State& state) {
  boost::asio::io_context io(1);
  auto c = roomy();
  const std::string text(64, 'x');
  for (auto _ : state) {
    auto taken = [](error_code, message m) { benchmark::DoNotOptimize(m); };
    c.pop(make_operation<void(error_code, message)>(taken, io.get_executor()));
    message m(text);
    benchmark::DoNotOptimize(c.try_push(m));
    io.restart();
    io.poll();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(handed_over)->Name("channel, one that is waited for");

void in_batches(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  boost::asio::io_context io(1);
  auto c = roomy();
  const std::string text(64, 'x');
  for (auto _ : state) {
    for (std::size_t i = 0; i < batch; ++i) {
      message m(text);
      benchmark::DoNotOptimize(c.try_push(m));
    }
    auto taken = [](error_code, std::vector<message> all) { benchmark::DoNotOptimize(all); };
    c.pop_batch(batch, make_operation<void(error_code, std::vector<message>)>(taken, io.get_executor()));
    io.restart();
    io.poll();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(in_batches)->Name("channel, batches")->Arg(10)->Arg(1'000);

}  // namespace
