// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "print_messages.hpp"

#include <string>

namespace tautline::cli {

asio::awaitable<error_code> print_messages(output_stream& to, const std::vector<message>& batch) {
  std::string text;
  for (const auto& m : batch) {
    text += m.payload();
    text += '\n';
  }
  to.write(text);
  const error_code ec = co_await to.async_drain(0);
  if (!ec)
    for (const auto& m : batch) m.acknowledge();
  co_return ec;
}

}  // namespace tautline::cli
