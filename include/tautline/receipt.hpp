// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What became of one message.
#ifndef TAUTLINE_RECEIPT_HPP
#define TAUTLINE_RECEIPT_HPP

#include <tautline/config.hpp>
#include <tautline/detail/operation.hpp>

#include <boost/asio/async_result.hpp>

#include <memory>
#include <string_view>

namespace tautline {

/// How far a message came. Each includes those before it.
enum class stage : unsigned char {
  queued,     ///< in the outbox
  written,    ///< handed to the socket of a connection
  delivered,  ///< confirmed: acknowledged (session) or behind an answered pong barrier (plain)
};
[[nodiscard]] std::string_view to_string(stage) noexcept;

/// How a message ended.
enum class outcome : unsigned char {
  pending,  ///< not yet
  delivered,
  not_sent,  ///< certain: it never left, or no peer can have it
  unknown,   ///< it was written, the link broke, and nobody can say
};
[[nodiscard]] std::string_view to_string(outcome) noexcept;

namespace detail {
class receipt_state;
[[nodiscard]] asio::any_io_executor receipt_executor(const receipt_state&);
void start_receipt_wait(const std::shared_ptr<receipt_state>&, stage, operation_ptr<void(error_code, outcome)>);
}  // namespace detail

/// A handle on the fate of one message; cheap to copy. Thread-safe. Outlives its link.
class receipt {
 public:
  receipt() noexcept;
  explicit receipt(std::shared_ptr<detail::receipt_state> state) noexcept;

  [[nodiscard]] bool valid() const noexcept { return state_ != nullptr; }
  [[nodiscard]] tautline::stage stage() const noexcept;
  [[nodiscard]] tautline::outcome outcome() const noexcept;
  /// Why it ended `not_sent` or `unknown`; empty otherwise.
  [[nodiscard]] error_code error() const noexcept;
  /// How many connections it was written to.
  [[nodiscard]] unsigned attempts() const noexcept;

  /// Completes when the message has reached `until`, or has ended.
  ///
  /// Signature `void(error_code, outcome)`. Errors: none if the stage was reached; `error()` if
  /// the message ended before; `operation_aborted` if this wait was cancelled or the link was
  /// destroyed; how the run ended (`attempts_exhausted`, ...) if it ended first: the message is
  /// still queued then, and can be awaited again.
  /// Cancellation: all types; only the waiting stops, the message stays.
  template <class Token>
  auto async_wait(tautline::stage until, Token&& token) {
    return asio::async_initiate<Token, void(error_code, tautline::outcome)>(
        [](auto handler, std::shared_ptr<detail::receipt_state> state, tautline::stage s) {
          auto executor = detail::receipt_executor(*state);
          detail::start_receipt_wait(
              state, s, detail::make_operation<void(error_code, tautline::outcome)>(std::move(handler), executor));
        },
        token, state_, until);
  }

 private:
  friend class link;
  std::shared_ptr<detail::receipt_state> state_;
};

}  // namespace tautline

#endif
