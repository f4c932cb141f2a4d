// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What both ends of TLS share, with OpenSSL's types; only the tls_*.cpp units include it.
#ifndef TAUTLINE_SRC_TRANSPORT_TLS_STREAM_HPP
#define TAUTLINE_SRC_TRANSPORT_TLS_STREAM_HPP

#include "transport/tls.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <map>
#include <memory>
#include <string>

namespace tautline::transport {

/// TLS 1.2 or later, no compression, idle buffers given back.
[[nodiscard]] error_code restrict_context(asio::ssl::context& context);
/// The certificate of this side, if the options name one.
[[nodiscard]] error_code use_own_certificate(asio::ssl::context& context, const tls_options& o, std::string& detail);
/// The authorities that the options name.
[[nodiscard]] error_code use_authorities(asio::ssl::context& context, const tls_options& o, std::string& detail);

struct session_deleter {
  void operator()(SSL_SESSION* s) const noexcept { SSL_SESSION_free(s); }
};

/// Sessions that can be resumed, the newest of each server.
class session_store {
 public:
  void put(const std::string& server, SSL_SESSION* session) { sessions_[server].reset(session); }
  [[nodiscard]] SSL_SESSION* find(const std::string& server) const {
    const auto at = sessions_.find(server);
    return at == sessions_.end() ? nullptr : at->second.get();
  }

 private:
  std::map<std::string, std::unique_ptr<SSL_SESSION, session_deleter>> sessions_;
};

/// Where the sessions of one stream go; reached from OpenSSL's callback.
struct session_sink {
  session_sink() = default;
  session_sink(std::shared_ptr<session_store> s, std::string name) : store(std::move(s)), server(std::move(name)) {}
  std::shared_ptr<session_store> store;
  std::string server;
};
/// Makes `context` hand new sessions to the sink of their stream.
void collect_sessions(asio::ssl::context& context);

class openssl_stream final : public tls_stream {
 public:
  openssl_stream(asio::ip::tcp::socket socket, asio::ssl::context& context, asio::ssl::stream_base::handshake_type side,
                 session_sink sink);
  ~openssl_stream() override;

  asio::awaitable<error_code> async_handshake(std::string& detail) override;
  bool certificate_refused() const noexcept override { return certificate_refused_; }
  bool resumed() const noexcept override;
  asio::awaitable<read_outcome> async_read_some(read_target& target) override;
  void start_write(std::span<const char> data, std::shared_ptr<write_listener> listener) override;
  void move_to(const asio::any_io_executor& executor) override { elsewhere_ = executor; }
  asio::awaitable<void> async_shutdown() override;
  std::size_t unacknowledged() const noexcept override;
  void reset_on_close() noexcept override;
  void close() noexcept override;

  [[nodiscard]] SSL* native() noexcept { return stream_.native_handle(); }

 private:
  [[nodiscard]] std::string explain(const error_code& ec);

  session_sink sink_;  ///< outlives the stream, whose destruction may still report sessions
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
  asio::ssl::stream_base::handshake_type side_;
  asio::any_io_executor elsewhere_;  ///< empty: the socket's own
  bool certificate_refused_ = false;
};

}  // namespace tautline::transport

#endif
