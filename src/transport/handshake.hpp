// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The server's half of an upgrade: TLS, the HTTP request, the decision, the answer.
#ifndef TAUTLINE_SRC_TRANSPORT_HANDSHAKE_HPP
#define TAUTLINE_SRC_TRANSPORT_HANDSHAKE_HPP

#include <tautline/server.hpp>

#include "transport/connection.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace tautline::transport {

/// The TLS side of a listener; opaque here.
class tls_acceptor;
/// Reads certificate and key. Null and no error if `o` names none. `detail` says which file is
/// at fault and why.
[[nodiscard]] std::shared_ptr<tls_acceptor> make_tls_acceptor(const tls_options& o, error_code& ec,
                                                              std::string& detail);

struct handshake_request {
  handshake_request() = default;
  const server_options* opts = nullptr;         ///< outlives the handshake
  std::shared_ptr<tls_acceptor> tls;            ///< null: plain
  std::optional<upgrade_request> already_read;  ///< by another HTTP server
  bool overloaded = false;                      ///< answer 503 with Retry-After and end
  time_point deadline;
  std::shared_ptr<time_service> time;
  /// Set by the handshake once it runs. Called on the strand it ends the handshake at once, with
  /// `operation_aborted`; afterwards it does nothing.
  std::function<void()> call_off;
};

struct handshake_result {
  handshake_result() = default;
  std::shared_ptr<connection> conn;  ///< null: no link came of it
  upgrade_request request;           ///< as far as it was read
  error_code why;                    ///< no error: a plain request, answered
  std::string detail;
};

/// TLS (if any), then one HTTP request: an upgrade is checked (RFC 6455, 4.2.1), the Origin
/// compared, `opts->authorize` asked, and answered with 101; everything else gets its HTTP answer
/// (`opts->serve_page` for GET, 400, 403, 404, 405, 426 with Sec-WebSocket-Version: 13, 431, 500,
/// 503 with Retry-After) and the socket is closed properly. Ends by the deadline. Runs on `strand`,
/// the executor of the socket.
[[nodiscard]] asio::awaitable<handshake_result> async_handshake(asio::any_io_executor strand,
                                                                asio::ip::tcp::socket socket,
                                                                std::shared_ptr<handshake_request> request);

}  // namespace tautline::transport

#endif
