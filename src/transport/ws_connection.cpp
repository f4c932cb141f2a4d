// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "transport/ws_connection.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace tautline::transport {
namespace {

// Pings are answered ahead of reading on, but not without bound.
constexpr std::size_t most_unwritten_pongs = std::size_t{64} * 1024;

// Outlives the connection object while operations are pending.
struct connection_core {
  connection_core(std::shared_ptr<wire> w, std::unique_ptr<codec> c, connection_info i)
      : bytes(std::move(w)), frames(std::move(c)), info(std::move(i)) {}

  [[nodiscard]] error_code end() const {
    if (bytes->aborted()) return asio::error::operation_aborted;
    return frames->ended() ? frames->ended() : broken;
  }

  std::shared_ptr<wire> bytes;
  std::unique_ptr<codec> frames;
  connection_info info;
  connection_observer* observer = nullptr;
  error_code broken;  ///< how the byte stream ended
};

using core_ptr = std::shared_ptr<connection_core>;

asio::awaitable<error_code> read_messages(core_ptr core, std::vector<message>* out, std::size_t max) {
  const std::size_t before = out->size();
  for (;;) {
    if (core->bytes->aborted()) co_return asio::error::operation_aborted;
    core->frames->take(*out, max, core->observer);
    // Pongs and the answer to a close go out by themselves.
    core->bytes->kick();
    if (out->size() != before) co_return error_code();
    if (const error_code ended = core->end()) {
      // Who reads the end aborts next: our close frame goes first, also when a write is under way.
      if (core->frames->ended()) (void)co_await wire::async_flush(core->bytes, 0);
      co_return ended;
    }

    if (core->frames->unwritten_pongs() > most_unwritten_pongs) {
      const error_code ec = co_await wire::async_flush(core->bytes, 0);
      if (ec) co_return ec;
    }
    const read_outcome got = co_await core->bytes->async_fill(core->frames->input_needed());
    if (got.bytes != 0 && core->observer != nullptr) core->observer->on_bytes();
    if (got.ec && got.ec != asio::error::operation_aborted) core->broken = got.ec;
    if (got.ec) co_return got.ec;
  }
}

asio::awaitable<error_code> flush(core_ptr core, std::size_t leave) {
  const error_code ec = co_await wire::async_flush(core->bytes, leave);
  co_return ec;
}

class ws_connection final : public connection {
 public:
  explicit ws_connection(core_ptr core) : core_(std::move(core)) {}
  ~ws_connection() override { abort_now(); }

  void observe(connection_observer* observer) noexcept override { core_->observer = observer; }

  asio::awaitable<error_code> async_read(std::vector<message>& out, std::size_t max) override {
    return read_messages(core_, &out, max);
  }

  error_code write(std::string_view payload, payload_kind kind) override {
    if (const auto ec = core_->end()) return ec;
    return core_->frames->write(payload, kind);
  }

  error_code write(std::string_view head, std::string_view payload, payload_kind kind) override {
    if (const auto ec = core_->end()) return ec;
    return core_->frames->write(head, payload, kind);
  }

  void move_to(const asio::any_io_executor& strand) override { core_->bytes->move_to(strand); }

  error_code write_ping(std::string_view payload) override {
    if (const auto ec = core_->end()) return ec;
    return core_->frames->write_control(opcode::ping, payload);
  }

  asio::awaitable<error_code> async_flush(std::size_t leave) override {
    core_->bytes->write_at_once();
    return flush(core_, leave);
  }

  std::size_t unflushed() const noexcept override { return core_->bytes->unflushed(); }
  std::uint64_t bytes_flushed() const noexcept override { return core_->bytes->bytes_flushed(); }
  std::uint64_t bytes_read() const noexcept override { return core_->bytes->bytes_read(); }

  asio::awaitable<error_code> async_send_close(std::uint16_t code, std::string_view reason) override {
    if (!core_->end()) core_->frames->write_close(code, reason);
    return flush(core_, 0);
  }

  std::uint16_t close_code() const noexcept override { return core_->frames->close_code(); }
  const std::string& close_reason() const noexcept override { return core_->frames->close_reason(); }
  std::size_t unacknowledged() const noexcept override { return core_->bytes->unacknowledged(); }
  void reset_on_abort() noexcept override { core_->bytes->reset_on_abort(); }
  void abort() noexcept override { abort_now(); }
  const connection_info& info() const noexcept override { return core_->info; }

 private:
  void abort_now() noexcept {
    core_->observer = nullptr;
    core_->bytes->abort();
  }

  core_ptr core_;
};

}  // namespace

std::shared_ptr<connection> make_connection(std::shared_ptr<wire> w, std::unique_ptr<codec> c, connection_info info) {
  return std::make_shared<ws_connection>(
      std::make_shared<connection_core>(std::move(w), std::move(c), std::move(info)));
}

}  // namespace tautline::transport
