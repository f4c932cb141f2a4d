// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The payloads of permessage-deflate, made and read with zlib as Beast has it.
#ifndef TAUTLINE_TEST_CONFORMANCE_DEFLATE_HPP
#define TAUTLINE_TEST_CONFORMANCE_DEFLATE_HPP

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace conformance {

/// The payloads of these messages, one after the other in one context (RFC 7692, 7.2.1).
[[nodiscard]] std::vector<std::string> deflate(const std::vector<std::string>& messages);
/// Of one message.
[[nodiscard]] std::string deflate(const std::string& message);

/// Reads one message after the other in one context.
class inflater {
 public:
  inflater();
  ~inflater();
  [[nodiscard]] std::string read(std::string payload);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace conformance

#endif
