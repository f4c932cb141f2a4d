// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A client that is nobody's link: Beast by hand.
#ifndef TAUTLINE_TEST_SERVER_RAW_CLIENT_HPP
#define TAUTLINE_TEST_SERVER_RAW_CLIENT_HPP

#include <tautline/options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace server_test {

namespace asio = boost::asio;

struct upgrade_answer {
  upgrade_answer() = default;
  unsigned status = 0;
  std::vector<tautline::header> headers;
  std::string body;
  [[nodiscard]] std::string find(std::string_view name) const;
};

class raw_client {
 public:
  explicit raw_client(const asio::any_io_executor& executor);
  raw_client(raw_client&&) noexcept;
  raw_client& operator=(raw_client&&) noexcept;
  ~raw_client();

  /// Connects and asks for an upgrade; the answer's status is 101 if it was granted.
  asio::awaitable<upgrade_answer> upgrade(asio::ip::tcp::endpoint to, std::vector<tautline::header> headers = {});
  asio::awaitable<void> send(std::string text);
  /// Throws how the connection ended.
  asio::awaitable<std::string> receive();
  /// Reads to the end, answering a close frame: its code, or 1006 if there was none.
  asio::awaitable<std::uint16_t> wait_for_close();
  asio::awaitable<void> close();
  void reset();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace server_test

#endif
