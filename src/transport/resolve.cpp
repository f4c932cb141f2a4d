// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "transport/resolve.hpp"

#include "transport/await_operation.hpp"
#include "transport/happy_eyeballs.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <limits>
#include <optional>
#include <utility>

namespace tautline::transport {
namespace {

using asio::ip::tcp;

struct candidates {
  candidates(const asio::any_io_executor& strand, endpoints list) : addresses(std::move(list)) {
    for (std::size_t i = 0; i < addresses.size(); ++i) sockets.emplace_back(strand);
  }

  endpoints addresses;
  std::deque<tcp::socket> sockets;
  std::optional<std::size_t> winner;
};

using candidates_ptr = std::shared_ptr<candidates>;

// The race belongs to the connects and the timer under way, and keeps the waiting coroutine.
std::shared_ptr<address_race> make_race(const asio::any_io_executor& strand, const candidates_ptr& all,
                                        std::shared_ptr<time_service> time, waiter done) {
  address_race::track t;
  t.begin = [all](std::size_t i, const std::shared_ptr<address_race>& race) {
    all->sockets[i].async_connect(all->addresses[i], [all, race, i](error_code ec) { race->on_attempt(i, ec); });
  };
  t.drop = [all](std::size_t i) {
    error_code ignored;
    all->sockets[i].close(ignored);
  };
  auto waiting = std::make_shared<waiter>(std::move(done));
  t.finish = [all, waiting](std::optional<std::size_t> winner, error_code ec) {
    all->winner = winner;
    // A winner comes from the handler of its connect; all else may come while the race is set up.
    if (winner) return wake_now(std::move(*waiting));
    wake(std::move(*waiting), ec);
  };
  auto timer = time->make_sleeper(strand);
  return std::make_shared<address_race>(all->addresses.size(), std::move(t), std::move(time), std::move(timer));
}

error_code connect_outcome(tcp::socket& socket) {
  int failure = 0;
  socklen_t size = sizeof(failure);
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &failure, &size) != 0) failure = errno;
  return error_code(failure, boost::system::system_category());
}

// True: it has ended. A near peer has answered when the call returns; to hear of it from the event
// loop takes as long as the answer did, and the peer would fall asleep meanwhile.
bool connect_at_once(tcp::socket& socket, const tcp::endpoint& to, error_code& ec) {
  socket.open(to.protocol(), ec);
  if (!ec) socket.non_blocking(true, ec);
  if (ec || ::connect(socket.native_handle(), to.data(), static_cast<socklen_t>(to.size())) == 0) return true;
  if (errno != EINPROGRESS) {
    ec = error_code(errno, boost::system::system_category());
    return true;
  }
  pollfd state{};
  state.fd = socket.native_handle();
  state.events = POLLOUT;
  if (::poll(&state, 1, 0) == 0) return false;
  ec = connect_outcome(socket);
  return true;
}

}  // namespace

asio::awaitable<error_code> async_connect_any(asio::any_io_executor strand, endpoints addresses,
                                              std::shared_ptr<time_service> time,
                                              std::shared_ptr<attempt_limits> limits, tcp::socket& out,
                                              tcp::endpoint& peer) {
  if (addresses.size() == 1) {  // nothing to race
    peer = addresses.front();
    error_code at_once;
    if (connect_at_once(out, peer, at_once)) {
      // Who tries again and again without a pause still lets the others in between.
      if (at_once) co_await asio::post(strand, asio::use_awaitable);
      co_return at_once;
    }
    limits->stop_with([&out] {
      error_code ignored;
      out.close(ignored);
    });
    auto waited = co_await out.async_wait(tcp::socket::wait_write, asio::as_tuple(asio::use_awaitable));
    limits->stop_with(nullptr);
    co_return std::get<0>(waited) ? std::get<0>(waited) : connect_outcome(out);
  }
  auto all = std::make_shared<candidates>(strand, interleave(addresses));
  auto start = [all, &strand, &time, &limits](waiter w) {
    const auto race = make_race(strand, all, time, std::move(w));
    race->start();
    limits->stop_with([weak = std::weak_ptr<address_race>(race)] {
      if (const auto running = weak.lock()) running->stop(asio::error::operation_aborted);
    });
  };
  const error_code ec = co_await await_operation(strand, std::move(start));
  limits->stop_with(nullptr);
  if (all->winner) {
    out = std::move(all->sockets[*all->winner]);
    peer = all->addresses[*all->winner];
  }
  co_return ec;
}

void set_tcp_options(tcp::socket& socket, const options& o) {
  error_code ignored;
  socket.set_option(tcp::no_delay(o.no_delay), ignored);
#if defined(__linux__)
  if (!o.tcp_user_timeout) return;
  // The heartbeat should notice a dead path first; this bounds how long the system keeps
  // sending what was written.
  const auto limit =
      std::chrono::duration_cast<std::chrono::milliseconds>(o.heartbeat.interval + 2 * o.heartbeat.timeout);
  const auto capped = std::min<std::chrono::milliseconds::rep>(limit.count(), std::numeric_limits<int>::max());
  const auto value = static_cast<unsigned>(capped);
  (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof(value));
#endif
}

std::string to_text(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace tautline::transport
