// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a receipt points to: how far its message came, and who waits for that.
#ifndef TAUTLINE_SRC_LINK_RECEIPT_STATE_HPP
#define TAUTLINE_SRC_LINK_RECEIPT_STATE_HPP

#include <tautline/receipt.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace tautline::detail {

class receipt_state;

/// The receipts that somebody waits for, so that the end of a run can end the waits.
/// Thread-safe.
class receipt_watch {
 public:
  void add(const std::shared_ptr<receipt_state>& state);
  /// Ends all waits with `why`; the messages stay what they are.
  void fail_waits(error_code why);
  /// Destroys all waits.
  void abandon() noexcept;

 private:
  std::vector<std::shared_ptr<receipt_state>> take();

  std::mutex mutex_;
  std::vector<std::weak_ptr<receipt_state>> states_;
  std::size_t sweep_at_ = 64;
};

/// Thread-safe. Advanced by the engine on its strand (or by whoever drops the message).
class receipt_state : public std::enable_shared_from_this<receipt_state> {
 public:
  receipt_state(asio::any_io_executor executor, std::shared_ptr<receipt_watch> watch);

  [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] tautline::stage stage() const;
  [[nodiscard]] tautline::outcome outcome() const;
  [[nodiscard]] error_code error() const;
  [[nodiscard]] unsigned attempts() const;

  void written(unsigned attempts);
  /// `why` empty: delivered. `attempts` 0 tells not sent from unknown.
  void end(error_code why, unsigned attempts);

  void wait(tautline::stage until, operation_ptr<void(error_code, tautline::outcome)> op);
  /// For a send: completes with the receipt.
  void wait(tautline::stage until, operation_ptr<void(error_code, receipt)> op);

  /// Ends one wait with `operation_aborted`.
  void cancel_wait(std::uint64_t id);
  void fail_waits(error_code why);
  void abandon() noexcept;

 private:
  struct waiter {
    tautline::stage until;
    operation_ptr<void(error_code, tautline::outcome)> plain;
    operation_ptr<void(error_code, receipt)> sending;
    [[nodiscard]] std::uint64_t id() const noexcept { return plain ? plain->id : sending->id; }
  };

  void add(waiter w);
  void finish(waiter w, error_code why);
  [[nodiscard]] bool reached(tautline::stage s) const noexcept;
  [[nodiscard]] std::vector<waiter> take_reached();

  const asio::any_io_executor executor_;
  const std::shared_ptr<receipt_watch> watch_;
  mutable std::mutex mutex_;
  std::vector<waiter> waiters_;
  tautline::stage stage_ = tautline::stage::queued;
  tautline::outcome outcome_ = tautline::outcome::pending;
  error_code error_;
  unsigned attempts_ = 0;
};

/// The next name of an operation, unique in the process.
[[nodiscard]] std::uint64_t next_operation_id() noexcept;

}  // namespace tautline::detail

#endif
