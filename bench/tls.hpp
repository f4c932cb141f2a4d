// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A certificate of one's own for 127.0.0.1, and both ends' contexts for it.
#ifndef TAUTLINE_BENCH_TLS_HPP
#define TAUTLINE_BENCH_TLS_HPP

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace bench {

struct free_openssl {
  void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
  void operator()(X509* p) const noexcept { X509_free(p); }
  void operator()(SSL_CTX* p) const noexcept { SSL_CTX_free(p); }
  void operator()(SSL_SESSION* p) const noexcept { SSL_SESSION_free(p); }
};
using context_ptr = std::unique_ptr<SSL_CTX, free_openssl>;

/// Signed by itself, P-256, good for a day.
class certificate {
 public:
  certificate() : key_(EVP_EC_gen("P-256")), x_(X509_new()) {
    X509_set_version(x_.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x_.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(x_.get()), 24L * 60 * 60);
    X509_set_pubkey(x_.get(), key_.get());
    const auto* name = reinterpret_cast<const unsigned char*>("127.0.0.1");
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x_.get()), "CN", MBSTRING_ASC, name, -1, -1, 0);
    X509_set_issuer_name(x_.get(), X509_get_subject_name(x_.get()));
    extend(NID_basic_constraints, "critical,CA:TRUE");
    extend(NID_subject_alt_name, "IP:127.0.0.1");
    if (X509_sign(x_.get(), key_.get(), EVP_sha256()) == 0) std::abort();
  }

  [[nodiscard]] context_ptr server_context() const {
    context_ptr c(SSL_CTX_new(TLS_server_method()));
    constexpr unsigned char name[] = "bench";
    SSL_CTX_set_session_id_context(c.get(), name, sizeof(name));
    if (SSL_CTX_use_certificate(c.get(), x_.get()) != 1 || SSL_CTX_use_PrivateKey(c.get(), key_.get()) != 1)
      std::abort();
    return c;
  }
  /// Trusts this certificate, and nothing else.
  [[nodiscard]] context_ptr client_context() const {
    context_ptr c(SSL_CTX_new(TLS_client_method()));
    trust(c.get());
    return c;
  }
  void trust(SSL_CTX* c) const {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(c), x_.get());
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  }
  void save(const std::string& path) const {
    std::FILE* f = std::fopen(path.c_str(), "w");
    if (f == nullptr || PEM_write_X509(f, x_.get()) != 1 || std::fclose(f) != 0) std::abort();
  }

 private:
  void extend(int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, x_.get(), x_.get(), nullptr, nullptr, 0);
    X509_EXTENSION* const e = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    X509_add_ext(x_.get(), e, -1);
    X509_EXTENSION_free(e);
  }

  std::unique_ptr<EVP_PKEY, free_openssl> key_;
  std::unique_ptr<X509, free_openssl> x_;
};

/// Keeps the newest ticket that the server of a context has given, for the next connection.
class ticket_pocket {
 public:
  explicit ticket_pocket(SSL_CTX* c) {
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_set_ex_data(c, place(), this);
    SSL_CTX_sess_set_new_cb(c, [](SSL* s, SSL_SESSION* given) {
      // A copy: OpenSSL takes a session for spoilt whose connection ends without a farewell.
      static_cast<ticket_pocket*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(s), place()))
          ->ticket_.reset(SSL_SESSION_dup(given));
      return 0;
    });
  }
  ticket_pocket(const ticket_pocket&) = delete;
  ticket_pocket& operator=(const ticket_pocket&) = delete;
  void use(SSL* s) const {
    if (ticket_) SSL_set_session(s, ticket_.get());
  }

 private:
  // Asio keeps something of its own at the first place.
  [[nodiscard]] static int place() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
  }

  std::unique_ptr<SSL_SESSION, free_openssl> ticket_;
};

}  // namespace bench

#endif
