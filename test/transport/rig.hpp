// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the transport's tests share: a loop with a watchdog, a clock that stands still, both ends
// of a connection, and peers that speak raw bytes.
#ifndef TAUTLINE_TEST_TRANSPORT_RIG_HPP
#define TAUTLINE_TEST_TRANSPORT_RIG_HPP

#include <tautline/options.hpp>
#include <tautline/server.hpp>
#include <tautline/time.hpp>

#include "transport/connection.hpp"
#include "transport/handshake.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace tautline {

/// So that Boost.Test can print them.
inline std::ostream& boost_test_print_type(std::ostream& out, errc e) { return out << make_error_code(e); }
inline std::ostream& boost_test_print_type(std::ostream& out, phase p) { return out << to_string(p); }
inline std::ostream& boost_test_print_type(std::ostream& out, verdict v) { return out << to_string(v); }

}  // namespace tautline

namespace transport_test {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace tautline;             // NOLINT(google-build-using-namespace)
using namespace tautline::transport;  // NOLINT(google-build-using-namespace)

/// Time passes only by `advance`.
class standing_clock final : public time_service, public std::enable_shared_from_this<standing_clock> {
 public:
  struct entry;

  time_point now() const noexcept override { return now_; }
  std::chrono::system_clock::time_point utc_now() const noexcept override { return {}; }
  std::unique_ptr<sleeper> make_sleeper(const asio::any_io_executor& executor) override;
  void advance(duration d);
  [[nodiscard]] std::size_t waiting() const;

 private:
  std::vector<std::weak_ptr<entry>> entries_;
  time_point now_{std::chrono::hours(1)};
};

class rig {
 public:
  rig();

  /// Runs the coroutine to its end and rethrows what it throws. A watchdog ends what hangs.
  void run(const std::function<asio::awaitable<void>()>& body);
  /// Starts another one beside it.
  void start(asio::awaitable<void> other);

  asio::io_context io;
  asio::any_io_executor strand;
  std::shared_ptr<standing_clock> time = std::make_shared<standing_clock>();
  tcp::acceptor acceptor;
  options client;
  server_options server;
  std::shared_ptr<tls_acceptor> tls;
  connect_request request;
  std::shared_ptr<connector> connects = make_connector();

  [[nodiscard]] tcp::endpoint endpoint() const { return acceptor.local_endpoint(); }
  [[nodiscard]] std::string url(std::string_view scheme = "ws", std::string_view host = "127.0.0.1") const;
  /// Fills `server.tls` from these files and makes the acceptor's side of TLS.
  void serve_tls(const std::string& certificate_file, const std::string& key_file);
};

/// Lets the loop turn until the condition holds.
asio::awaitable<void> eventually(std::function<bool()> condition);

struct both_ends {
  both_ends() = default;
  connect_result client;
  handshake_result server;
};

asio::awaitable<connect_result> connect(rig& r);
/// The same beside a test, which looks at `done`.
asio::awaitable<void> attempt(rig& r, connect_result& out, bool& done);
/// Takes the next peer through the server's handshake.
asio::awaitable<handshake_result> accept(rig& r);
/// Both at once; the URL defaults to the rig's own.
asio::awaitable<both_ends> connect_both(rig& r);

/// A client of ours at a server that is a bare socket.
struct half_raw {
  explicit half_raw(tcp::socket s) : peer(std::move(s)) {}
  std::shared_ptr<connection> ours;
  tcp::socket peer;
};

/// Accepts, reads a request and returns the socket; nothing is answered.
asio::awaitable<tcp::socket> accept_raw(rig& r, std::string* request = nullptr);
/// The answer 101 to this request, with these further lines.
std::string answer_to(const std::string& request, std::string_view more = {});
asio::awaitable<half_raw> client_at_raw_server(rig& r, std::string_view more = {});
/// A server's connection whose client is a bare socket.
asio::awaitable<half_raw> server_at_raw_client(rig& r, std::string_view more = {});

/// Connects to a peer that says `answer` whatever it is asked, then closes.
asio::awaitable<connect_result> connect_to_answer(rig& r, std::string answer);

asio::awaitable<void> send(tcp::socket& socket, std::string bytes);
/// Reads until the other side closes or resets.
asio::awaitable<std::string> read_all(tcp::socket& socket);
/// Exactly this many bytes.
asio::awaitable<std::string> read_exactly(tcp::socket& socket, std::size_t n);

/// One message, or how the connection ended.
struct received {
  received() = default;
  error_code ec;
  message body;
};
asio::awaitable<received> receive(connection& c);

/// A frame with any first byte; masked (with a key of zeros, which masks nothing) if `masked`.
enum class masking { off, zero_key };
std::string frame(unsigned first_byte, std::string_view payload, masking m);

}  // namespace transport_test

#endif
