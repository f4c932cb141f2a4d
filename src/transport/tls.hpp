// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// TLS for both ends; the rest of the room knows no OpenSSL type.
#ifndef TAUTLINE_SRC_TRANSPORT_TLS_HPP
#define TAUTLINE_SRC_TRANSPORT_TLS_HPP

#include <tautline/error.hpp>
#include <tautline/options.hpp>

#include "transport/byte_stream.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace tautline::transport {

class tls_acceptor;

/// A byte stream that has to shake hands before anything else.
class tls_stream : public byte_stream {
 public:
  /// On failure `detail` says why, with the reason of a refused certificate.
  virtual asio::awaitable<error_code> async_handshake(std::string& detail) = 0;
  /// The last handshake failed because the peer's certificate was refused: trying again is no use.
  [[nodiscard]] virtual bool certificate_refused() const noexcept = 0;
  [[nodiscard]] virtual bool resumed() const noexcept = 0;
};

/// A client's context and the sessions that servers let it resume.
class tls_client {
 public:
  tls_client() = default;
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;
  virtual ~tls_client() = default;

  /// `host`: the URL's; the options' `server_name` goes before it.
  [[nodiscard]] virtual std::unique_ptr<tls_stream> wrap(asio::ip::tcp::socket socket, const std::string& host,
                                                         std::uint16_t port, error_code& ec) = 0;
};

/// Null with `ec` and `detail` if a file cannot be read or does not fit.
[[nodiscard]] std::shared_ptr<tls_client> make_tls_client(const tls_options& o, error_code& ec, std::string& detail);

[[nodiscard]] std::unique_ptr<tls_stream> wrap_server(tls_acceptor& acceptor, asio::ip::tcp::socket socket);

}  // namespace tautline::transport

#endif
