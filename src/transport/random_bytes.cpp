// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "transport/random_bytes.hpp"

#include <boost/algorithm/hex.hpp>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <iterator>

namespace tautline::transport {

namespace {

// Looked up once: OpenSSL's search for it costs more than the digest. Never freed, because OpenSSL
// tidies up by itself, perhaps before our own statics go.
const EVP_MD* sha1() noexcept {
  static const EVP_MD* const one = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  return one;
}

}  // namespace

// The system's generator is asked for many at a time: a call for each would cost more than what it
// is for, be that a frame or a key.
std::uint32_t random_word() noexcept {
  thread_local std::array<std::uint32_t, 256> words;
  thread_local std::size_t used = words.size();
  if (used == words.size()) {
    // Without randomness a client may not send a frame: there is nothing to go on with.
    if (RAND_bytes(reinterpret_cast<unsigned char*>(words.data()), sizeof(words)) != 1) std::abort();
    used = 0;
  }
  return words[used++];
}

std::string random_hex(std::size_t bytes) {
  std::array<unsigned char, 32> raw;
  bytes = std::min(bytes, raw.size());
  if (RAND_bytes(raw.data(), static_cast<int>(bytes)) != 1) std::abort();
  std::string text;
  text.reserve(2 * bytes);
  boost::algorithm::hex_lower(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(bytes), std::back_inserter(text));
  return text;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

std::string make_websocket_key() {
  std::array<std::uint32_t, 4> nonce;
  for (auto& word : nonce) word = random_word();
  return base64({reinterpret_cast<const char*>(nonce.data()), sizeof(nonce)});
}

bool is_websocket_key(std::string_view key) noexcept {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  return std::all_of(key.begin(), key.end() - 2, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
}

std::string websocket_accept(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, sha1(), nullptr) != 1) return {};
  return base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace tautline::transport
