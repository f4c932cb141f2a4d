// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A fresh self-signed certificate for "localhost" and 127.0.0.1, as files.
#ifndef TAUTLINE_TEST_SERVER_CERTIFICATE_HPP
#define TAUTLINE_TEST_SERVER_CERTIFICATE_HPP

#include <filesystem>
#include <string>

namespace server_test {

/// The files live as long as this.
class certificate {
 public:
  certificate();
  certificate(const certificate&) = delete;
  certificate& operator=(const certificate&) = delete;
  ~certificate();

  [[nodiscard]] std::string certificate_file() const { return (folder_ / "cert.pem").string(); }
  [[nodiscard]] std::string private_key_file() const { return (folder_ / "key.pem").string(); }

 private:
  std::filesystem::path folder_;
};

}  // namespace server_test

#endif
