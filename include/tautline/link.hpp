// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One end of a reliable WebSocket conversation.
#ifndef TAUTLINE_LINK_HPP
#define TAUTLINE_LINK_HPP

#include <tautline/config.hpp>
#include <tautline/detail/operation.hpp>
#include <tautline/error.hpp>
#include <tautline/message.hpp>
#include <tautline/options.hpp>
#include <tautline/receipt.hpp>
#include <tautline/status.hpp>
#include <tautline/time.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace tautline {

namespace detail {
class engine;
using engine_ptr = std::shared_ptr<engine>;
[[nodiscard]] asio::any_io_executor executor_of(const engine&);
void start_run(const engine_ptr&, operation_ptr<void(error_code)>);
void start_send(const engine_ptr&, message, stage, operation_ptr<void(error_code, receipt)>);
void start_receive(const engine_ptr&, operation_ptr<void(error_code, message)>);
void start_receive_batch(const engine_ptr&, std::size_t, operation_ptr<void(error_code, std::vector<message>)>);
void start_close(const engine_ptr&, operation_ptr<void(error_code)>);
void start_wait(const engine_ptr&, link_state, operation_ptr<void(error_code)>);
void start_next_event(const engine_ptr&, operation_ptr<void(error_code, event)>);
}  // namespace detail

/// One end of a conversation that survives its connections.
///
/// A client constructs it from options; a server gets one per peer from `server::async_accept`.
/// Nothing happens until `async_run` is started; messages may be queued before.
///
/// Thread safety: every member function except the destructor, move and assignment may be called
/// from any thread at any time. Handlers run on their associated executor, by default the link's.
/// Lifetime: destroying a link with operations pending is safe; they end with
/// `operation_aborted`. Unless said otherwise operations support all cancellation types.
class link {
 public:
  using executor_type = asio::any_io_executor;

  /// Throws `boost::system::system_error(errc::invalid_options)`, naming the field, if
  /// `options.validate()` finds fault.
  link(executor_type executor, options opts, environment env = environment());
  /// The same for many links that share one set of options: none of them keeps a copy. A null
  /// pointer is refused like options that are out of range.
  link(executor_type executor, std::shared_ptr<const options> opts, environment env = environment());
  /// One that is not valid, as it comes with an error: assign to it, ask `valid()`, or destroy it.
  link() noexcept = default;
  explicit link(detail::engine_ptr engine) noexcept;
  link(link&&) noexcept;
  link& operator=(link&&) noexcept;
  ~link();

  [[nodiscard]] bool valid() const noexcept { return engine_ != nullptr; }
  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Connects, and keeps connected, until the link is closed, cancelled, or gives up.
  ///
  /// Signature `void(error_code)`. Completes with: no error after `async_close` (or, at a server's
  /// end, when the peer closed properly); `errc::attempts_exhausted`; the code of a fatal cause
  /// (`status().why` has all of it); `errc::callback_failed` or its own code if a function that the
  /// options hold threw; `errc::already_running`; `operation_aborted` when cancelled.
  /// Cancellation (all types) ends the connection at once and keeps what was queued: a later
  /// `async_run` goes on from there. On a client it may be run again after any end but a close.
  template <class Token>
  auto async_run(Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(
        [](auto handler, detail::engine_ptr e) {
          detail::start_run(e, detail::make_operation<void(error_code)>(std::move(handler), detail::executor_of(*e)));
        },
        token, engine_);
  }

  /// Queues a message, waiting for room if the policy says so, and completes with its receipt
  /// when it is queued.
  template <class Token>
  auto async_send(message m, Token&& token) {
    return async_send(std::move(m), stage::queued, std::forward<Token>(token));
  }

  /// The same, and completes when the message has reached `until` or has ended.
  ///
  /// Signature `void(error_code, receipt)`. Errors: those of `receipt::error()`;
  /// `errc::queue_full` (policy `reject`), `errc::dropped` (policy `drop_newest`),
  /// `errc::message_too_large`, `errc::invalid_utf8`, `errc::closing` (the message was not
  /// taken); how the run ended, if it ended while this waited; `operation_aborted`.
  /// Cancellation: total withdraws the message if it is not yet written (`errc::withdrawn` on
  /// its receipt); the others only stop the waiting. While waiting for room every type withdraws.
  template <class Token>
  auto async_send(message m, stage until, Token&& token) {
    return asio::async_initiate<Token, void(error_code, receipt)>(
        [](auto handler, detail::engine_ptr e, message queued, stage s) {
          auto op = detail::make_operation<void(error_code, receipt)>(std::move(handler), detail::executor_of(*e));
          detail::start_send(e, std::move(queued), s, std::move(op));
        },
        token, engine_, std::move(m), until);
  }

  /// Queues a message without waiting. `errc::queue_full` if there is no room and the policy is
  /// `wait` or `reject`; otherwise as above. The message is moved from only on success.
  [[nodiscard]] error_code try_send(message&& m);
  [[nodiscard]] error_code try_send(const message& m);
  /// The same, with a receipt.
  [[nodiscard]] error_code try_send(message&& m, receipt& r);

  /// The next message. Messages that had arrived before the link ended are still handed out.
  ///
  /// Signature `void(error_code, message)`. Errors: how the run ended, once nothing is left
  /// (`errc::closed` after a proper close); `operation_aborted`. A cancelled receive loses nothing.
  template <class Token>
  auto async_receive(Token&& token) {
    return asio::async_initiate<Token, void(error_code, message)>(
        [](auto handler, detail::engine_ptr e) {
          auto op = detail::make_operation<void(error_code, message)>(std::move(handler), detail::executor_of(*e));
          detail::start_receive(e, std::move(op));
        },
        token, engine_);
  }

  /// All messages that are there, at least one and at most `max` (>= 1).
  /// Signature `void(error_code, std::vector<message>)`; otherwise as `async_receive`.
  template <class Token>
  auto async_receive_batch(std::size_t max, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::vector<message>)>(
        [](auto handler, detail::engine_ptr e, std::size_t n) {
          auto op = detail::make_operation<void(error_code, std::vector<message>)>(std::move(handler),
                                                                                   detail::executor_of(*e));
          detail::start_receive_batch(e, n, std::move(op));
        },
        token, engine_, max);
  }

  /// Takes no more messages, waits until all are delivered (at most `drain_timeout`), closes the
  /// WebSocket properly (at most `close_timeout`) and ends the run.
  ///
  /// Signature `void(error_code)`. Errors: `errc::drain_timeout` if something stayed undelivered
  /// (it can be had from `take_undelivered`); `errc::close_timeout`; how the run ended, if it
  /// ended by itself meanwhile. Without a run it only marks the link closed.
  /// Cancellation: stops the waiting; the close goes on.
  template <class Token>
  auto async_close(Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(
        [](auto handler, detail::engine_ptr e) {
          detail::start_close(e, detail::make_operation<void(error_code)>(std::move(handler), detail::executor_of(*e)));
        },
        token, engine_);
  }

  /// Ends the run, the connection and all pending operations at once, with `operation_aborted`.
  /// What was queued stays.
  void cancel();

  /// If the link waits for its next attempt: make it now.
  void retry_now();

  [[nodiscard]] tautline::status status() const;
  [[nodiscard]] tautline::metrics metrics() const;

  /// Completes when the link is in `state`; at once if it is.
  /// Signature `void(error_code)`. Errors: how the run ended, if it ended in another state;
  /// `operation_aborted`.
  template <class Token>
  auto async_wait(link_state state, Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(
        [](auto handler, detail::engine_ptr e, link_state s) {
          auto op = detail::make_operation<void(error_code)>(std::move(handler), detail::executor_of(*e));
          detail::start_wait(e, s, std::move(op));
        },
        token, engine_, state);
  }

  /// The next event, in order; those that nobody reads are kept up to `max_queued_events`.
  /// Signature `void(error_code, event)`. Errors: how the run ended, after the last event;
  /// `operation_aborted`.
  template <class Token>
  auto async_next_event(Token&& token) {
    return asio::async_initiate<Token, void(error_code, event)>(
        [](auto handler, detail::engine_ptr e) {
          auto op = detail::make_operation<void(error_code, event)>(std::move(handler), detail::executor_of(*e));
          detail::start_next_event(e, std::move(op));
        },
        token, engine_);
  }

  /// Takes every message that is not delivered out of the outbox, oldest first. Their receipts
  /// end: `errc::withdrawn` for those never written, `errc::outcome_unknown` for the others.
  /// While a run is under way it takes nothing: close or cancel first.
  [[nodiscard]] std::vector<message> take_undelivered();

 private:
  detail::engine_ptr engine_;
};

}  // namespace tautline

#endif
