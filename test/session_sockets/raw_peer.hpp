// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A client that is nobody's link, and speaks tautline.v1 from its page alone: Beast by hand.
#ifndef TAUTLINE_TEST_SESSION_SOCKETS_RAW_PEER_HPP
#define TAUTLINE_TEST_SESSION_SOCKETS_RAW_PEER_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace session_sockets {

namespace asio = boost::asio;

/// LEB128.
[[nodiscard]] std::string varint(std::uint64_t n);
/// A data message with these flags.
[[nodiscard]] std::string data(std::uint64_t seq, std::string_view payload, unsigned flags = 1);

/// Of which a hello is made; `json` may be changed by who needs a strange one.
struct hello_words {
  explicit hello_words(char origin_digit, std::uint64_t attach);
  [[nodiscard]] std::string text() const;
  boost::json::object json;
};

class raw_peer {
 public:
  explicit raw_peer(const asio::any_io_executor& executor);
  raw_peer(raw_peer&&) noexcept;
  raw_peer& operator=(raw_peer&&) noexcept;
  ~raw_peer();

  /// Upgrades with tautline.v1; throws unless it is chosen.
  asio::awaitable<void> connect(asio::ip::tcp::endpoint to);
  /// The same, says hello, and returns the welcome. Throws if another message comes first.
  asio::awaitable<boost::json::object> attach(asio::ip::tcp::endpoint to, hello_words h);
  /// A text message. A connection that is gone swallows it: reading says how it went.
  asio::awaitable<void> say(std::string text);
  /// A binary message, the same way.
  asio::awaitable<void> send(std::string bytes);
  /// The next message as it came. Throws how the connection ended.
  asio::awaitable<std::string> next();
  [[nodiscard]] bool last_was_text() const;
  /// The next control message of that type; others, and data, are passed over.
  asio::awaitable<boost::json::object> next_control(std::string type);
  /// The next data message.
  struct data_message {
    data_message() = default;
    std::uint64_t seq = 0;
    std::string payload;
  };
  asio::awaitable<data_message> next_data();

  /// How the peer ended it: the code of its last error message, and of its close frame.
  struct ending {
    ending() = default;
    std::string error;  ///< empty: none came
    boost::json::object words;
    std::uint16_t close = 0;  ///< 1006: there was no close frame
  };
  asio::awaitable<ending> until_closed();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace session_sockets

#endif
