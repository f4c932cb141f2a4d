// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Certificates made for one test, as files in a folder that goes with them.
#ifndef TAUTLINE_TEST_TRANSPORT_CERTIFICATES_HPP
#define TAUTLINE_TEST_TRANSPORT_CERTIFICATES_HPP

#include <filesystem>
#include <memory>
#include <string>

namespace transport_test {

struct certificate_request {
  certificate_request() = default;
  std::string name = "localhost";
  std::string alternatives = "DNS:localhost,IP:127.0.0.1";
  long valid_from = -3600;  ///< seconds from now
  long valid_until = 3600;
};

struct certificate_files {
  certificate_files() = default;
  std::string certificate, key;
};

/// An authority that issues. Its own certificate is `authority()`.
class certificate_office {
 public:
  certificate_office();
  certificate_office(const certificate_office&) = delete;
  certificate_office& operator=(const certificate_office&) = delete;
  ~certificate_office();

  [[nodiscard]] std::string authority() const;
  [[nodiscard]] certificate_files issue(const certificate_request& what = certificate_request());
  [[nodiscard]] certificate_files self_signed();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace transport_test

#endif
