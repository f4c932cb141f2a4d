// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Made with OpenSSL, valid for an hour.
#include "certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdlib.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace server_test {
namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

// As a type of its own: the system's declaration of fclose may have attributes, which a template argument cannot.
struct closing {
  void operator()(std::FILE* f) const noexcept { static_cast<void>(std::fclose(f)); }
};
using file_ptr = std::unique_ptr<std::FILE, closing>;

x509_ptr self_signed(EVP_PKEY* key) {
  x509_ptr x(X509_new(), &X509_free);
  X509_set_version(x.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(x.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(x.get()), 3600);
  X509_set_pubkey(x.get(), key);
  auto* name = X509_get_subject_name(x.get());
  const auto* common_name = reinterpret_cast<const unsigned char*>("localhost");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
  X509_set_issuer_name(x.get(), name);
  auto* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  X509_add_ext(x.get(), names, -1);
  X509_EXTENSION_free(names);
  if (X509_sign(x.get(), key, EVP_sha256()) == 0) throw std::runtime_error("no certificate");
  return x;
}

file_ptr created(const std::string& path) {
  file_ptr f(std::fopen(path.c_str(), "w"));
  if (!f) throw std::runtime_error("cannot write " + path);
  return f;
}

}  // namespace

certificate::certificate() {
  auto pattern = (std::filesystem::temp_directory_path() / "tautline-server-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  const key_ptr key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const auto x = self_signed(key.get());
  PEM_write_X509(created(certificate_file()).get(), x.get());
  PEM_write_PrivateKey(created(private_key_file()).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

certificate::~certificate() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace server_test
