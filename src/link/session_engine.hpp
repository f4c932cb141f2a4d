// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// How the server's end of a session makes a link, and gives it connections.
#ifndef TAUTLINE_SRC_LINK_SESSION_ENGINE_HPP
#define TAUTLINE_SRC_LINK_SESSION_ENGINE_HPP

#include "link/make_engine.hpp"
#include "link/server_conversation.hpp"
#include "link/wakeup.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tautline::detail {

/// Waits for the connections that a session's client makes, each for at most `retain`.
class session_connector final : public transport::connector {
 public:
  session_connector(std::shared_ptr<time_service> time, duration retain);

  /// For the attempt that waits, or the next. Returns the one that it replaces, if any.
  [[nodiscard]] std::shared_ptr<transport::connection> give(std::shared_ptr<transport::connection> conn);

  asio::awaitable<transport::connect_result> async_connect(const asio::any_io_executor& strand,
                                                           const transport::connect_request& request) override;
  void cancel() noexcept override;
  [[nodiscard]] bool passive() const noexcept override { return true; }

 private:
  const std::shared_ptr<time_service> time_;
  const duration retain_;
  wakeup came_;
  std::shared_ptr<transport::connection> waiting_;
  bool cancelled_ = false;
};

/// Throws as `make_engine` does.
[[nodiscard]] engine_ptr make_session_engine(asio::any_io_executor executor, asio::any_io_executor strand, options opts,
                                             environment env, session_setup setup);

/// A client came back on another connection: the session goes on with it at once, and the older
/// connection is closed. If it cannot, `refused` gets the connection back, on the link's strand.
/// `conn`: with nothing pending. Any thread.
void offer_connection(const engine_ptr& e, std::shared_ptr<transport::connection> conn, session_arrival arrival,
                      std::function<void(std::shared_ptr<transport::connection>)> refused);

/// What its queue and its inbox hold. Any thread.
[[nodiscard]] std::size_t held_bytes_of(const engine& e);

/// Ends the session if its client is not connected. Any thread.
void end_if_absent(const engine_ptr& e);

/// The server goes down: see `engine::start_leaving`. Any thread.
void begin_leaving(const engine_ptr& e, std::uint16_t code, std::string reason, duration to_drain, duration to_move);

[[nodiscard]] session_conversation::acknowledger acknowledger_of(const std::weak_ptr<engine>& weak);

}  // namespace tautline::detail

#endif
