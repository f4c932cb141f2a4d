// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Addresses as they are written on a command line: HOST:PORT.
#ifndef TAUTLINE_CLI_ADDRESS_HPP
#define TAUTLINE_CLI_ADDRESS_HPP

#include <cstdint>
#include <string>

namespace tautline::cli {

struct host_and_port {
  host_and_port() = default;
  std::string host;  ///< a name or an address, without brackets
  std::uint16_t port = 0;
};

/// What is wrong with it, or nothing.
[[nodiscard]] std::string check_address(const std::string& text);
/// Of one that was checked.
[[nodiscard]] host_and_port split_address(const std::string& text);

}  // namespace tautline::cli

#endif
