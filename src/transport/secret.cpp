// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "policy/secret.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdexcept>

namespace tautline::policy {

secret_digest digest_of(std::string_view secret) {
  secret_digest digest{};
  if (EVP_Digest(secret.data(), secret.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not available");
  return digest;
}

bool same(const secret_digest& a, const secret_digest& b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace tautline::policy
