// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The listener's side of TLS.
#include "transport/handshake.hpp"
#include "transport/tls_stream.hpp"

#include <boost/asio/error.hpp>

#include <openssl/ssl.h>

#include <string_view>
#include <utility>

namespace tautline::transport {

class tls_acceptor {
 public:
  error_code prepare(const tls_options& o, std::string& detail) {
    if (const auto ec = restrict_context(context_)) return ec;
    if (const auto ec = use_own_certificate(context_, o, detail)) return ec;
    // Sessions are resumed only where they were made.
    constexpr std::string_view id = "tautline";
    SSL_CTX_set_session_id_context(context_.native_handle(), reinterpret_cast<const unsigned char*>(id.data()),
                                   static_cast<unsigned>(id.size()));
    if (!o.verify || (o.ca_file.empty() && o.ca_pem.empty())) return {};
    error_code ec;
    context_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, ec);
    if (ec) return ec;
    return use_authorities(context_, o, detail);
  }

  [[nodiscard]] asio::ssl::context& context() noexcept { return context_; }

 private:
  asio::ssl::context context_{asio::ssl::context::tls_server};
};

std::shared_ptr<tls_acceptor> make_tls_acceptor(const tls_options& o, error_code& ec, std::string& detail) {
  ec = {};
  if (o.certificate_file.empty()) return nullptr;
  auto acceptor = std::make_shared<tls_acceptor>();
  ec = acceptor->prepare(o, detail);
  if (ec) return nullptr;
  return acceptor;
}

std::unique_ptr<tls_stream> wrap_server(tls_acceptor& acceptor, asio::ip::tcp::socket socket) {
  return std::make_unique<openssl_stream>(std::move(socket), acceptor.context(), asio::ssl::stream_base::server,
                                          session_sink());
}

}  // namespace tautline::transport
