// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "transport/wire.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace tautline::transport {
namespace {

// A read of this size fetches what the peer sent in one of its own collected writes; a larger one
// was not measured to be faster.
constexpr std::size_t largest_read = std::size_t{64} * 1024;
constexpr std::size_t smallest_read = std::size_t{2} * 1024;
constexpr std::size_t smallest_output = 256;

}  // namespace

// A write under way, and who waits for it to get on. The system's operation owns it, and with it
// the coroutines that wait: when the io_context is destroyed under them, they go too. The wire,
// which such a coroutine keeps alive, must not own them.
struct wire::flight final : write_listener, std::enable_shared_from_this<flight> {
  struct waiting {
    waiting(waiter w, std::size_t most) : op(std::move(w)), leave(most) {}
    waiter op;
    std::size_t leave;
  };

  explicit flight(std::shared_ptr<wire> w) : owner(std::move(w)) {}
  void on_written(error_code ec, std::size_t bytes) override { owner->on_written(shared_from_this(), ec, bytes); }

  void cancel(std::uint64_t id) {
    const auto at = std::find_if(flushers.begin(), flushers.end(), [id](const waiting& f) { return f.op->id == id; });
    if (at == flushers.end()) return;
    auto op = std::move(at->op);
    flushers.erase(at);
    wake(std::move(op), asio::error::operation_aborted);
  }

  std::shared_ptr<wire> owner;
  std::vector<waiting> flushers;
};

wire::wire(asio::any_io_executor strand, std::unique_ptr<byte_stream> bytes)
    : strand_(std::move(strand)), bytes_(std::move(bytes)), input_hint_(smallest_read) {}

void wire::put(const char* data, std::size_t size) {
  char* const to = reserve(size);
  if (to != nullptr && size != 0) std::memcpy(to, data, size);
}

void wire::make_room(std::size_t size) {
  const bool first = filling_.capacity() == 0;
  (void)filling_.prepare(first ? std::max({size, output_hint_, smallest_output}) : size);
}

void wire::kick() {
  if (!output_error_ && flight_.expired()) write_more(nullptr);
}

// Mostly the socket has room, and nobody has to wait to hear of it.
void wire::write_at_once() {
  if (output_error_ || !flight_.expired()) return;
  collect();
  if (writing_.empty()) return;
  const std::size_t n = bytes_->write_now(writing_.bytes());
  writing_.consume(n);
  flushed_ += n;
  if (writing_.empty()) writing_.release();
}

void wire::collect() {
  if (!writing_.empty()) return;
  // A ping between two large writes is no reason to begin the next one small.
  output_hint_ = std::min(std::max(filling_.size(), output_hint_ / 4 * 3), spare_blocks::block);
  writing_.swap(filling_);
}

void wire::write_more(std::shared_ptr<flight> under_way) {
  collect();
  if (writing_.empty()) return flight_.reset();
  if (!under_way) {
    under_way = std::make_shared<flight>(shared_from_this());
    flight_ = under_way;
  }
  const auto out = writing_.bytes();
  bytes_->start_write({out.data(), out.size()}, std::move(under_way));
}

void wire::on_written(const std::shared_ptr<flight>& under_way, error_code ec, std::size_t bytes) {
  writing_.consume(bytes);
  flushed_ += bytes;
  if (output_error_) return;
  if (ec) return fail_output(ec);

  write_more(under_way);
  if (flight_.expired()) {
    writing_.release();
    filling_.release();
  }
  go_on(*under_way);
}

// The last step of a write's completion: whoever waits for it, mostly one, goes on at once.
void wire::go_on(flight& under_way) {
  auto& flushers = under_way.flushers;
  if (flushers.size() != 1 || unflushed() > flushers.front().leave) return wake_flushers(under_way);
  auto op = std::move(flushers.front().op);
  flushers.clear();
  wake_now(std::move(op));
}

void wire::fail_output(error_code ec) {
  output_error_ = ec;
  // A write under way still reads from `writing_`; it is freed with the wire.
  filling_.release();
  if (const auto under_way = flight_.lock()) wake_flushers(*under_way);
}

void wire::wake_flushers(flight& under_way) {
  const std::size_t left = unflushed();
  auto& flushers = under_way.flushers;
  for (std::size_t i = 0; i < flushers.size();) {
    if (!output_error_ && left > flushers[i].leave) {
      ++i;
      continue;
    }
    auto op = std::move(flushers[i].op);
    flushers.erase(flushers.begin() + static_cast<std::ptrdiff_t>(i));
    wake(std::move(op), output_error_);
  }
}

// Only called while more than `leave` is unflushed, so a write is under way.
void wire::wait_for_flush(waiter op, std::size_t leave) {
  const auto under_way = flight_.lock();
  op->id = next_waiter_++;
  op->on_cancel([weak = flight_, id = op->id](asio::cancellation_type) {
    if (const auto waited_for = weak.lock()) waited_for->cancel(id);
  });
  under_way->flushers.emplace_back(std::move(op), leave);
}

asio::awaitable<error_code> wire::async_flush(std::shared_ptr<wire> self, std::size_t leave) {
  self->kick();
  if (self->output_error_) co_return self->output_error_;
  if (self->unflushed() <= leave) co_return error_code();

  wire* const w = self.get();
  auto start = [w, leave](waiter op) { w->wait_for_flush(std::move(op), leave); };
  const error_code ec = co_await await_operation(self->strand_, std::move(start));
  co_return ec;
}

std::span<char> wire::room(std::size_t least) {
  const std::size_t limit = std::max(largest_read, whole_);
  const std::size_t held = input_.size();
  const std::size_t wanted = held >= limit ? smallest_read : std::min(input_hint_, limit - held);
  char* const to = input_.prepare(std::max(wanted, least));
  return {to, input_.spare()};
}

asio::awaitable<read_outcome> wire::async_fill(std::size_t whole) {
  whole_ = whole;
  if (input_.empty()) input_.release();
  return bytes_->async_read_some(*this);  // of a stream that was closed it fails
}

read_outcome wire::took(read_outcome got) {
  if (aborted_) return {asio::error::operation_aborted, 0};
  input_.commit(got.bytes);
  read_ += got.bytes;
  // Grows while reads fill what they are given, and shrinks at once when they do not: memory
  // follows the traffic of the moment.
  const bool filled = input_.spare() == 0;
  input_hint_ =
      filled ? std::min(2 * input_.capacity(), largest_read) : std::clamp(2 * got.bytes, smallest_read, largest_read);
  return got;
}

void wire::move_to(const asio::any_io_executor& strand) {
  strand_ = strand;
  bytes_->move_to(strand);
}

asio::awaitable<void> wire::async_shutdown(std::shared_ptr<wire> self) { co_await self->bytes_->async_shutdown(); }

void wire::abort() noexcept {
  if (aborted_) return;
  aborted_ = true;
  output_shut_ = true;
  bytes_->close();
  fail_output(asio::error::operation_aborted);
}

}  // namespace tautline::transport
