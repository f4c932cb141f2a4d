// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The client's side of TLS: whom to trust, which name to ask for, which session to resume.
#include "transport/tls_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

namespace tautline::transport {
namespace {

error_code last_error() { return {static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()}; }

class openssl_client final : public tls_client {
 public:
  explicit openssl_client(const tls_options& o)
      : server_name_(o.server_name), verify_(o.verify), resume_(o.session_tickets) {}

  error_code prepare(const tls_options& o, std::string& detail) {
    if (const auto ec = restrict_context(context_)) return ec;
    if (const auto ec = use_own_certificate(context_, o, detail)) return ec;
    if (resume_) collect_sessions(context_);
    error_code ec;
    if (!o.verify) {
      context_.set_verify_mode(asio::ssl::verify_none, ec);
      return ec;
    }
    context_.set_verify_mode(asio::ssl::verify_peer, ec);
    if (ec) return ec;
    if (!o.ca_file.empty() || !o.ca_pem.empty()) return use_authorities(context_, o, detail);
    context_.set_default_verify_paths(ec);
    return ec;
  }

  std::unique_ptr<tls_stream> wrap(asio::ip::tcp::socket socket, const std::string& host, std::uint16_t port,
                                   error_code& ec) override {
    std::string name = server_name_.empty() ? host : server_name_;
    if (name.ends_with('.')) name.pop_back();
    const std::string server = name + ":" + std::to_string(port);
    session_sink sink(resume_ ? sessions_ : nullptr, server);
    auto stream =
        std::make_unique<openssl_stream>(std::move(socket), context_, asio::ssl::stream_base::client, std::move(sink));
    if (!set_name(stream->native(), name)) {
      ec = last_error();
      return nullptr;
    }
    // A session that OpenSSL will not take is just not resumed.
    if (auto* const session = sessions_->find(server)) SSL_set_session(stream->native(), session);
    ERR_clear_error();
    return stream;
  }

 private:
  [[nodiscard]] bool set_name(SSL* ssl, const std::string& name) const {
    error_code not_literal;
    (void)asio::ip::make_address(name, not_literal);
    if (!not_literal) { return !verify_ || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1; }
    if (SSL_set_tlsext_host_name(ssl, name.c_str()) != 1) return false;
    if (!verify_) return true;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name.c_str()) == 1;
  }

  asio::ssl::context context_{asio::ssl::context::tls_client};
  std::shared_ptr<session_store> sessions_ = std::make_shared<session_store>();
  std::string server_name_;
  bool verify_;
  bool resume_;
};

}  // namespace

std::shared_ptr<tls_client> make_tls_client(const tls_options& o, error_code& ec, std::string& detail) {
  auto client = std::make_shared<openssl_client>(o);
  ec = client->prepare(o, detail);
  if (ec) return nullptr;
  return client;
}

}  // namespace tautline::transport
