// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A peer that is nobody's link: it speaks tautline.v1 by hand, well or badly, in either role.
#ifndef TAUTLINE_TEST_SESSION_SOCKETS_RAW_PEER_HPP
#define TAUTLINE_TEST_SESSION_SOCKETS_RAW_PEER_HPP

#include "delivery/session_codec.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace session_test {

namespace asio = boost::asio;
namespace delivery = tautline::delivery;

/// A message, or the end.
struct heard {
  heard() = default;
  bool over = false;
  bool text = false;
  std::string payload;
};

/// How a connection ended.
struct ending {
  ending() = default;
  std::string error;          ///< the code of the last error message; empty: none came
  std::uint16_t close = 0;    ///< 1006 without a close frame
  bool retry_after = false;   ///< the error had one
  std::string last_received;  ///< other than the error
};

class raw_peer {
 public:
  explicit raw_peer(const asio::any_io_executor& executor);
  raw_peer(raw_peer&&) noexcept;
  raw_peer& operator=(raw_peer&&) noexcept;
  ~raw_peer();

  /// From the next connection on its socket buffers next to nothing that comes.
  void receive_little() noexcept { little_ = true; }
  /// As a client that offers tautline.v1.
  asio::awaitable<void> connect(asio::ip::tcp::endpoint to);
  /// As a server that chooses `subprotocol`; empty: none.
  asio::awaitable<void> accept(asio::ip::tcp::acceptor& from, std::string subprotocol = "tautline.v1");

  asio::awaitable<void> say(std::string text);
  asio::awaitable<void> send(std::string binary);
  /// The same without a care whether it works.
  asio::awaitable<void> try_say(std::string text);
  asio::awaitable<void> try_send(std::string binary);
  asio::awaitable<heard> hear();
  /// The next control message; data before it is dropped.
  asio::awaitable<delivery::control> hear_control();
  /// The next data message as "seq:payload"; control messages before it are dropped. Empty at the end.
  asio::awaitable<std::string> hear_data();
  /// Reads on until it is over.
  asio::awaitable<ending> hear_end();
  asio::awaitable<void> close(std::uint16_t code, std::string reason = {});
  void reset();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
  bool little_ = false;
};

/// A hello of that origin, spelled out from one digit, with the token likewise.
delivery::hello hello_of(char origin, std::uint64_t attach, char token = 'a');
std::string data(std::uint64_t seq, std::string_view payload, std::optional<std::uint64_t> ack = std::nullopt);
std::string void_data(std::uint64_t seq, std::uint64_t count);

asio::awaitable<void> say_hello(raw_peer& p, asio::ip::tcp::endpoint to, delivery::hello h);
/// Throws if it does not come.
asio::awaitable<delivery::welcome> hear_welcome(raw_peer& p);
/// Both, of a session whose link runs already, or is run by someone else.
asio::awaitable<delivery::welcome> open_session(raw_peer& p, asio::ip::tcp::endpoint to, delivery::hello h);
/// As a server: hears the hello.
asio::awaitable<delivery::hello> hear_hello(raw_peer& p);
/// Answers with a new session of that name.
asio::awaitable<void> welcome_new(raw_peer& p, std::string id, delivery::session_window w = delivery::session_window());

}  // namespace session_test

#endif
