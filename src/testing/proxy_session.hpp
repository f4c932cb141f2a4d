// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One proxied connection: two sockets and a lane for each direction.
#ifndef TAUTLINE_SRC_TESTING_PROXY_SESSION_HPP
#define TAUTLINE_SRC_TESTING_PROXY_SESSION_HPP

#include "testing/proxy_impl.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tautline::testing::detail {

class proxy_session : public std::enable_shared_from_this<proxy_session> {
 public:
  using tcp = asio::ip::tcp;

  proxy_session(std::shared_ptr<proxy_impl> proxy, tcp::socket client, std::uint64_t number);

  std::optional<byte_budget> budget;

  void start();
  void end(cut how);
  /// Faults have changed.
  void wake();
  void corruption_changed(direction d);

 private:
  struct chunk {
    chunk() = default;
    std::vector<char> bytes;
    std::size_t sent = 0;
    time_point due{};
  };

  struct lane {
    lane(const asio::any_io_executor& strand, direction d, tcp::socket& f, tcp::socket& t)
        : way(d), from(f), to(t), reader(strand), writer(strand) {}
    direction way;
    tcp::socket& from;
    tcp::socket& to;
    asio::steady_timer reader, writer;  ///< cancelled to wake the coroutine that waits
    std::deque<chunk> held;
    std::size_t held_bytes = 0;
    bool ended = false;                        ///< a FIN comes behind what is held
    std::optional<std::uint64_t> bad_byte_in;  ///< so many bytes on, counted from what is to be written next
    time_point line_free{};
  };
  using self_ptr = std::shared_ptr<proxy_session>;

  static asio::awaitable<void> run(self_ptr self);
  static asio::awaitable<void> read(self_ptr self, lane& l);
  static asio::awaitable<void> write(self_ptr self, lane& l);
  static asio::awaitable<void> linger(self_ptr self);
  asio::awaitable<bool> connected();
  asio::awaitable<bool> may_read(lane& l);
  asio::awaitable<bool> may_write(lane& l);
  [[nodiscard]] std::optional<time_point> writes_at(lane& l) const;
  void spoil_next_byte(lane& l);
  [[nodiscard]] std::size_t next_piece(const lane& l) const;
  void forwarded(lane& l, std::size_t n);
  void close_sockets(cut how);
  void coroutine_ended();

  std::shared_ptr<proxy_impl> proxy_;
  std::uint64_t number_;
  tcp::socket client_, target_;
  asio::steady_timer gate_;
  lane up_, down_;
  int coroutines_ = 0;
  bool over_ = false;     ///< the sockets are closed
  bool closing_ = false;  ///< FINs are sent, what still comes is thrown away
};

}  // namespace tautline::testing::detail

#endif
