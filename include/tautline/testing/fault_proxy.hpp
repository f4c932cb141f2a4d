// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A TCP proxy that breaks connections on request: real sockets, real faults, no privileges.
#ifndef TAUTLINE_TESTING_FAULT_PROXY_HPP
#define TAUTLINE_TESTING_FAULT_PROXY_HPP

#include <tautline/config.hpp>
#include <tautline/detail/operation.hpp>
#include <tautline/testing/direction.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace tautline::testing {

/// What happens to clients that want to connect.
enum class admission : unsigned char {
  forward,  ///< they are connected to the target
  refuse,   ///< nobody listens: they get ECONNREFUSED
  hang,     ///< they are accepted, and then nothing is read or answered until this ends
};

/// How a connection is cut.
enum class cut : unsigned char {
  reset,  ///< SO_LINGER 0: both sides get a reset, what was under way is lost
  close,  ///< FIN: both sides read an end of file
};

/// Counters since construction.
struct proxy_counters {
  proxy_counters() = default;
  std::uint64_t accepted = 0;    ///< connections taken from clients
  std::uint64_t open = 0;        ///< connections now
  std::uint64_t failed = 0;      ///< the target could not be reached; the client was reset
  std::uint64_t resets = 0;      ///< connections that the proxy reset
  std::uint64_t closes = 0;      ///< connections that the proxy closed with FIN
  std::uint64_t corrupted = 0;   ///< bytes that the proxy inverted
  std::uint64_t bytes_up = 0;    ///< forwarded to the target
  std::uint64_t bytes_down = 0;  ///< forwarded to clients
};

namespace detail {
class proxy_impl;
void start_proxy_close(const std::shared_ptr<proxy_impl>&, tautline::detail::operation_ptr<void()>);
[[nodiscard]] asio::any_io_executor executor_of(const proxy_impl&);
}  // namespace detail

/// Listens on one endpoint and forwards to another, passing everything on until told otherwise. It
/// forwards bytes and looks into none, so TLS passes through it: client and server hold their own
/// handshake, and a byte that is corrupted ends their TLS connection.
///
/// Thread safety: every member function may be called from any thread; a command takes effect on
/// the proxy's strand, in the order of the calls. Faults last for connections that are open and for
/// later ones until `heal()`.
/// Lifetime: destroying it resets what is open. Destroy it before its io_context.
class fault_proxy {
 public:
  /// Binds and listens at once; throws `boost::system::system_error` if that fails. Port 0: the
  /// system chooses, see `local_endpoint()`. The target need not listen yet.
  fault_proxy(asio::any_io_executor executor, const asio::ip::tcp::endpoint& listen,
              const asio::ip::tcp::endpoint& target);
  /// The same with all addresses of a target: a connection goes to the first that takes it.
  fault_proxy(asio::any_io_executor executor, const asio::ip::tcp::endpoint& listen,
              std::vector<asio::ip::tcp::endpoint> targets);
  fault_proxy(const fault_proxy&) = delete;
  fault_proxy& operator=(const fault_proxy&) = delete;
  ~fault_proxy();

  [[nodiscard]] asio::any_io_executor get_executor() const noexcept;
  /// Where clients connect to. Stays the same for the proxy's life.
  [[nodiscard]] asio::ip::tcp::endpoint local_endpoint() const;

  /// Where later connections are forwarded to (a target that came back on another port).
  void retarget(const asio::ip::tcp::endpoint& target);
  void retarget(std::vector<asio::ip::tcp::endpoint> targets);

  /// Cuts all open connections. What the proxy holds of them is lost with `reset_all`;
  /// `close_all` passes it on first, unless a black hole holds it.
  void reset_all();
  void close_all();
  /// Cuts one: `number` counts from 1 in the order of acceptance. Nothing if it is not open.
  void cut_one(std::uint64_t number, cut how);
  /// Every open and later connection is cut after that many bytes more have been forwarded on it,
  /// both directions together. The byte after which it is cut is forwarded; where both directions are
  /// being written at that moment, the other's last write is, too. Zero: at its next byte.
  void cut_after(std::uint64_t bytes, cut how = cut::reset);

  /// Reads and forwards nothing in that direction: TCP's windows fill, nobody is told.
  /// A connection's FIN is not passed on either.
  void black_hole(direction d);
  /// The same, and goes on by itself after `how_long`. Nothing is lost.
  void stall(direction d, duration how_long);
  /// Holds every chunk back for that long. Order and bandwidth are kept.
  void latency(direction d, duration one_way);
  /// At most that many bytes a second and connection; zero: no limit.
  void throttle(direction d, std::uint64_t bytes_per_second);
  /// Of every open and later connection the byte that is forwarded in that direction behind `offset`
  /// others, counted from now, is inverted. Once: its successors are not. With `direction::both`
  /// one in each. What is under TLS notices it; a WebSocket message in clear is delivered with the
  /// wrong byte, unless it makes text invalid or hits a frame's header.
  void corrupt_at(direction d, std::uint64_t offset);
  /// Each byte is inverted with this probability, from 0 (none) to 1, drawn from `seed`. On several
  /// connections which bytes these are also depends on the order in which they are forwarded.
  /// Takes the place of a `corrupt_at` that has not struck yet, and the other way round.
  void corrupt_rate(direction d, double probability, std::uint64_t seed = 1);
  void admit(admission how);
  /// Ends black holes, stalls, latency, throttling, corruption and `cut_after`; admits connections again.
  void heal();

  [[nodiscard]] proxy_counters counters() const;

  /// Stops listening, resets what is open, and completes when all sockets are closed.
  /// Signature `void()`. Not cancellable: it ends soon by itself.
  template <class Token>
  auto async_close(Token&& token) {
    return asio::async_initiate<Token, void()>(
        [](auto handler, std::shared_ptr<detail::proxy_impl> p) {
          auto op = tautline::detail::make_operation<void()>(std::move(handler), detail::executor_of(*p));
          detail::start_proxy_close(p, std::move(op));
        },
        token, impl_);
  }

 private:
  std::shared_ptr<detail::proxy_impl> impl_;
};

}  // namespace tautline::testing

#endif
