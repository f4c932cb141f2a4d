// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The other end: accepts peers and yields one link for each.
#ifndef TAUTLINE_SERVER_HPP
#define TAUTLINE_SERVER_HPP

#include <tautline/config.hpp>
#include <tautline/detail/operation.hpp>
#include <tautline/link.hpp>
#include <tautline/options.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tautline {

/// The HTTP request that asks for an upgrade, free of any HTTP library's types.
class upgrade_request {
 public:
  upgrade_request() = default;

  /// From any request object with the shape of Beast's: `method_string()`, `target()`,
  /// `version()` (11 for HTTP/1.1) and a range of fields with `name_string()` and `value()`.
  template <class Request>
  [[nodiscard]] static upgrade_request from(const Request& r) {
    upgrade_request u;
    u.method.assign(r.method_string().data(), r.method_string().size());
    u.target.assign(r.target().data(), r.target().size());
    u.version = r.version();
    for (const auto& f : r) {
      const auto n = f.name_string();
      const auto v = f.value();
      u.headers.emplace_back(std::string(n.data(), n.size()), std::string(v.data(), v.size()));
    }
    return u;
  }

  /// The first header of that name (case-insensitive), or an empty view.
  [[nodiscard]] std::string_view find(std::string_view name) const noexcept;

  std::string method;
  std::string target;
  unsigned version = 11;
  std::vector<header> headers;
  std::string leftover;  ///< bytes that were read behind the request; they belong to the WebSocket
};

/// What `authorize` decides.
class authorization {
 public:
  /// Let the peer in.
  [[nodiscard]] static authorization accept() { return authorization(); }
  /// Let it in with this subprotocol (one that it offered) and these response headers.
  [[nodiscard]] static authorization accept(std::string subprotocol, std::vector<header> response_headers = {});
  /// Answer with this HTTP status (400-599) and text.
  [[nodiscard]] static authorization refuse(unsigned http_status, std::string text = {});

  unsigned http_status = 101;
  std::string text;
  std::string subprotocol;
  std::vector<header> response_headers;

 private:
  authorization() = default;
};

struct server_options {
  server_options();

  std::string host = "127.0.0.1";                         ///< address to listen on, or "localhost"; "::" takes IPv4 too
  std::uint16_t port = 0;                                 ///< 0: the system chooses, see `server::local_endpoint`
  tls_options tls;                                        ///< with `certificate_file`: wss
  std::size_t max_connections = 10'000;                   ///< handshakes, links, and those not yet accepted, together
  duration handshake_timeout = std::chrono::seconds(10);  ///< TLS and upgrade together
  std::size_t max_header_bytes = 16 * 1024;
  duration retry_after = std::chrono::seconds(5);  ///< said with 503 when the limit is reached
  std::vector<std::string> subprotocols;           ///< in order of preference; the first that the peer offers is chosen
  /// Browsers' Origin headers that are let in, compared as text; empty: all. Requests without
  /// an Origin (other programs) are always let in.
  std::vector<std::string> origins;
  /// Asked for every upgrade request, under `handshake_timeout`. What it throws is answered with
  /// 500. Runs on the strand of that peer: if several threads run the context, calls for
  /// different peers overlap.
  std::function<asio::awaitable<authorization>(const upgrade_request&)> authorize;
  /// The answer to a plain GET request.
  struct page {
    page() = default;
    page(unsigned s, std::string t, std::string b) : status(s), content_type(std::move(t)), body(std::move(b)) {}
    unsigned status = 404;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body = "not found\n";
  };
  /// Answers plain GET requests; none: 404 for all. Runs where `authorize` runs.
  std::function<page(std::string_view target)> serve_page;
  /// For the links; `endpoints`, `provider`, `backoff`, `tls` and the upgrade's fields are not
  /// used, `compress`, `max_message_bytes`, `heartbeat`, `queue`, `inbox`, `delivery`, `log` are.
  /// `log` gets the server's own lines too, from every strand.
  options link;
  /// Whether tautline.v1 is accepted (docs/protocol.md). It is chosen before `subprotocols`. A link
  /// of such a peer outlives its connections: it ends when its session does.
  bool session = true;
  /// How long a session outlives its connection.
  duration retain = std::chrono::minutes(2);
  std::size_t max_sessions = 100'000;  ///< beyond it a new one is refused as `overloaded`, with `retry_after`
  /// The same, of what all sessions hold in queues and inboxes together; looked at every 100 ms.
  std::size_t max_session_bytes = std::size_t{1024} * 1024 * 1024;

  /// The first field that is out of range, by name, with what is allowed; nullopt if all is well.
  [[nodiscard]] std::optional<std::string> validate() const;
};

/// Counters since construction.
struct server_metrics {
  server_metrics() = default;
  std::uint64_t accepted = 0;  ///< TCP connections
  std::uint64_t upgraded = 0;  ///< became a link, or took up a session
  std::uint64_t refused = 0;   ///< over a limit, by origin or by `authorize`
  std::uint64_t failed = 0;    ///< handshakes that broke or timed out
  std::uint64_t open = 0;      ///< connections now
  // Of tautline.v1.
  std::uint64_t sessions = 0;          ///< now, with or without a connection
  std::uint64_t sessions_opened = 0;   ///< new ones
  std::uint64_t sessions_resumed = 0;  ///< connections that took up one that was there
  std::uint64_t sessions_lost = 0;     ///< that ended without a bye from both: expired, let go of, or not resumable
};

/// In the Prometheus text exposition format 0.0.4, names `tautline_server_...`.
[[nodiscard]] std::string prometheus_text(const server_metrics&);

namespace detail {
class server_impl;
using server_ptr = std::shared_ptr<server_impl>;
[[nodiscard]] asio::any_io_executor executor_of(const server_impl&);
void start_accept(const server_ptr&, operation_ptr<void(error_code, link)>);
void start_drain(const server_ptr&, duration, operation_ptr<void(error_code)>);
}  // namespace detail

/// Accepts WebSocket peers and yields a `link` for each; its `async_run` is the caller's to start.
///
/// Thread safety and lifetime: as `link`. Links live on without their server; peers that nobody
/// has accepted yet go with it.
class server {
 public:
  using executor_type = asio::any_io_executor;

  /// Throws `system_error(errc::invalid_options)`, naming the field.
  server(executor_type executor, server_options opts, environment env = environment());
  server(server&&) noexcept;
  server& operator=(server&&) noexcept;
  ~server();

  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Binds and listens, once. The error is that of the system, or of TLS (a bad certificate file;
  /// the log says which). A server that only adopts need not listen.
  [[nodiscard]] error_code listen();
  [[nodiscard]] asio::ip::tcp::endpoint local_endpoint() const;
  /// "ws://127.0.0.1:9001", with the real port; empty if it does not listen.
  [[nodiscard]] std::string url() const;

  /// The next peer that finished its upgrade.
  /// Signature `void(error_code, link)`; the link of an error is not valid. Errors:
  /// `errc::closed` after `async_drain` or `cancel`; `operation_aborted`. Handshakes that fail
  /// do not end it; they are counted and logged. Cancellation: all types; a peer that has come
  /// by then is kept for the next accept.
  template <class Token>
  auto async_accept(Token&& token) {
    return asio::async_initiate<Token, void(error_code, link)>(
        [](auto handler, detail::server_ptr s) {
          auto op = detail::make_operation<void(error_code, link)>(std::move(handler), detail::executor_of(*s));
          detail::start_accept(s, std::move(op));
        },
        token, impl_);
  }

  /// Takes over a socket on which nothing has been read yet, from a listener of the caller's.
  /// It goes through the same handshake and limits and comes out of `async_accept`.
  void adopt(asio::ip::tcp::socket socket);
  /// Takes over a socket whose upgrade request has been read by another HTTP server, and in clear:
  /// `tls` is not used for it. After `cancel`, `async_drain` or for a socket that is not open: closes it.
  void adopt(asio::ip::tcp::socket socket, upgrade_request request);

  /// Stops listening, ends the handshakes under way, asks all peers to leave (close 1001, spread
  /// evenly over `window`), waits until their links have ended, at most `window` plus their close
  /// timeout. Called again, it waits for the drain that is under way.
  /// Signature `void(error_code)`. Errors: `errc::close_timeout` if links are still open;
  /// `operation_aborted`. Cancellation: stops the waiting, the drain goes on.
  template <class Token>
  auto async_drain(duration window, Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(
        [](auto handler, detail::server_ptr s, duration w) {
          auto op = detail::make_operation<void(error_code)>(std::move(handler), detail::executor_of(*s));
          detail::start_drain(s, w, std::move(op));
        },
        token, impl_, window);
  }

  /// Stops listening, and the port is free when this returns; handshakes under way and peers that nobody has accepted
  /// are dropped; pending accepts end with `errc::closed`. Links live on.
  void cancel();

  [[nodiscard]] server_metrics metrics() const;

 private:
  detail::server_ptr impl_;
};

}  // namespace tautline

#endif
