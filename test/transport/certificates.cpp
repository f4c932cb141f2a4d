// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdlib.h>

#include <cstdio>
#include <stdexcept>

namespace transport_test {
namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

// As a type of its own: the system's declaration of fclose may have attributes, which a template argument cannot.
struct closing {
  void operator()(std::FILE* f) const noexcept { static_cast<void>(std::fclose(f)); }
};
using file_ptr = std::unique_ptr<std::FILE, closing>;

key_ptr new_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

file_ptr create(const std::string& path) {
  file_ptr f(std::fopen(path.c_str(), "w"));
  if (!f) throw std::runtime_error("cannot write " + path);
  return f;
}

void extend(X509* x, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x, nullptr, nullptr, 0);
  X509_EXTENSION* const e = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  X509_add_ext(x, e, -1);
  X509_EXTENSION_free(e);
}

}  // namespace

struct certificate_office::impl {
  x509_ptr make(EVP_PKEY* own, const certificate_request& what, X509* issuer, EVP_PKEY* signer) {
    x509_ptr x(X509_new(), &X509_free);
    X509_set_version(x.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x.get()), what.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(x.get()), what.valid_until);
    X509_set_pubkey(x.get(), own);
    const auto* text = reinterpret_cast<const unsigned char*>(what.name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x.get()), "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509* const by = issuer != nullptr ? issuer : x.get();
    X509_set_issuer_name(x.get(), X509_get_subject_name(by));
    if (!what.alternatives.empty()) extend(x.get(), by, NID_subject_alt_name, what.alternatives);
    if (issuer == nullptr) extend(x.get(), by, NID_basic_constraints, "critical,CA:TRUE");
    if (X509_sign(x.get(), signer, EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
    return x;
  }

  certificate_files save(X509* x, EVP_PKEY* own) {
    certificate_files saved;
    saved.certificate = (folder / (std::to_string(serial) + ".crt")).string();
    saved.key = (folder / (std::to_string(serial) + ".key")).string();
    PEM_write_X509(create(saved.certificate).get(), x);
    PEM_write_PrivateKey(create(saved.key).get(), own, nullptr, nullptr, 0, nullptr, nullptr);
    return saved;
  }

  std::filesystem::path folder;
  long serial = 0;
  key_ptr key = new_key();
  x509_ptr root{nullptr, &X509_free};
  certificate_files files;
};

certificate_office::certificate_office() : impl_(std::make_unique<impl>()) {
  auto pattern = (std::filesystem::temp_directory_path() / "tautline-transport-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  impl_->folder = pattern;
  certificate_request own;
  own.name = "tautline test authority";
  own.alternatives.clear();
  impl_->root = impl_->make(impl_->key.get(), own, nullptr, impl_->key.get());
  impl_->files = impl_->save(impl_->root.get(), impl_->key.get());
}

certificate_office::~certificate_office() {
  std::error_code ignored;
  std::filesystem::remove_all(impl_->folder, ignored);
}

std::string certificate_office::authority() const { return impl_->files.certificate; }

certificate_files certificate_office::issue(const certificate_request& what) {
  const key_ptr own = new_key();
  const x509_ptr x = impl_->make(own.get(), what, impl_->root.get(), impl_->key.get());
  return impl_->save(x.get(), own.get());
}

certificate_files certificate_office::self_signed() {
  const key_ptr own = new_key();
  const x509_ptr x = impl_->make(own.get(), certificate_request(), nullptr, own.get());
  return impl_->save(x.get(), own.get());
}

}  // namespace transport_test
