// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/last_words.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace tautline::detail {
namespace {

constexpr auto limit = std::chrono::seconds(1);
// Behind other words: what has only just been framed is out at once, what is stuck stays so.
constexpr auto limit_behind_others = std::chrono::milliseconds(50);

struct parting {
  std::shared_ptr<transport::connection> conn;
  std::unique_ptr<sleeper> patience;
};

// The patience ends it, if the peer does not.
asio::awaitable<void> hear_out(transport::connection& conn) {
  error_code ec;
  while (!ec) {
    std::vector<message> dropped;
    ec = co_await conn.async_read(dropped, 64);
  }
}

asio::awaitable<void> close_with(std::shared_ptr<parting> p, std::uint16_t code, std::string reason, reads r) {
  const error_code ec = co_await p->conn->async_send_close(code, reason);
  if (!ec && r == reads::over) co_await hear_out(*p->conn);
  p->patience->cancel();
  p->conn->abort();
}

}  // namespace

void say_last_words(const asio::any_io_executor& strand, time_service& time,
                    const std::shared_ptr<transport::connection>& conn, delivery::session_fault fault,
                    const delivery::session_error& words, reads r) {
  const duration patience = conn->unflushed() > 0 ? duration(limit_behind_others) : duration(limit);
  (void)conn->write(delivery::encode(words), payload_kind::text);
  const auto p = std::make_shared<parting>();
  p->conn = conn;
  p->patience = time.make_sleeper(strand);
  p->patience->wait_until(time.now() + patience, [conn](bool due) {
    if (due) conn->abort();
  });
  asio::co_spawn(strand, close_with(p, delivery::close_code_of(fault), std::string(delivery::name_of(fault)), r),
                 asio::detached);
}

}  // namespace tautline::detail
