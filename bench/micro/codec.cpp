// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Frames: writing one, masking, and reading a wire's input; and the session's head and control messages.
#include "transport/codec.hpp"

#include "delivery/session_codec.hpp"
#include "transport/frame.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

using namespace tautline;
using namespace tautline::transport;

void sizes(benchmark::internal::Benchmark* b) { b->Arg(64)->Arg(1'024)->Arg(16'384); }

void count_bytes(benchmark::State& state, std::int64_t messages_a_turn = 1) {
  state.SetItemsProcessed(state.iterations() * messages_a_turn);
  state.SetBytesProcessed(state.iterations() * messages_a_turn * state.range(0));
}

void writes_a_masked_frame(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
  std::string out(frame_size(role::client, payload.size()), '\0');
  for (auto _ : state) {
    write_frame(out.data(), role::client, opcode::text, {}, payload);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  count_bytes(state);
}
BENCHMARK(writes_a_masked_frame)->Name("codec, a masked frame")->Apply(sizes);

void masks(benchmark::State& state) {
  std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    apply_mask(bytes.data(), bytes.data(), bytes.size(), 0x12345678U);
    benchmark::ClobberMemory();
  }
  count_bytes(state);
}
BENCHMARK(masks)->Name("codec, masking in place")->Apply(sizes);

// Neither sends nor receives: what is read was fed before.
class no_stream final : public byte_stream {
 public:
  boost::asio::awaitable<read_outcome> async_read_some(read_target&) override { co_return read_outcome(); }
  void start_write(std::span<const char>, std::shared_ptr<write_listener>) override {}
  void move_to(const boost::asio::any_io_executor&) override {}
  boost::asio::awaitable<void> async_shutdown() override { co_return; }
  std::size_t unacknowledged() const noexcept override { return 0; }
  void reset_on_close() noexcept override {}
  void close() noexcept override {}
};

void reads_whole_frames(benchmark::State& state) {
  constexpr std::int64_t frames = 64;
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
  std::string one(frame_size(role::server, payload.size()), '\0'), all;
  write_frame(one.data(), role::server, opcode::text, {}, payload);
  for (std::int64_t i = 0; i < frames; ++i) all += one;
  boost::asio::io_context io(1);
  const auto w = std::make_shared<wire>(io.get_executor(), std::make_unique<no_stream>());
  codec c(*w, role::client, std::size_t{1} << 20U);
  std::vector<message> out;
  for (auto _ : state) {
    w->feed(all);
    c.take(out, static_cast<std::size_t>(frames), nullptr);
    if (out.size() != static_cast<std::size_t>(frames)) state.SkipWithError("not all frames were read");
    out.clear();
  }
  count_bytes(state, frames);
}
BENCHMARK(reads_whole_frames)->Name("codec, whole text frames")->Apply(sizes);

void session_heads(benchmark::State& state) {
  delivery::data_head h, back;
  h.seq = 1'000'000;
  h.ack = 999'999;
  std::string bytes(delivery::max_head_bytes, '\0');
  for (auto _ : state) {
    const auto n = delivery::encode_head(h, bytes.data());
    benchmark::DoNotOptimize(delivery::decode_head(std::string_view(bytes).substr(0, n), back));
    ++h.seq;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(session_heads)->Name("codec, a session's head there and back");

void hellos(benchmark::State& state) {
  delivery::hello h;
  h.origin.assign(32, 'a');
  h.token.assign(64, 'b');
  h.session = "bench";
  delivery::control back;
  for (auto _ : state) {
    const auto text = delivery::encode(h);
    benchmark::DoNotOptimize(delivery::decode_control(text, back));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hellos)->Name("codec, a hello there and back");

}  // namespace
