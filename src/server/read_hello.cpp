// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "server/read_hello.hpp"

#include "link/last_words.hpp"

#include <utility>
#include <variant>
#include <vector>

namespace tautline::detail {
namespace {

// Shared with the timer.
struct waiting {
  waiting(std::shared_ptr<transport::connection> c, std::unique_ptr<sleeper> s)
      : conn(std::move(c)), patience(std::move(s)) {}
  std::shared_ptr<transport::connection> conn;
  std::unique_ptr<sleeper> patience;
  bool too_late = false;
};

void tell_too_late(const asio::any_io_executor& strand, time_service& time, waiting& w) {
  w.too_late = true;
  const auto fault = delivery::session_fault::hello_timeout;
  say_last_words(strand, time, w.conn, fault,
                 delivery::session_error(std::string(delivery::name_of(fault)), "no hello came in time"),
                 reads::pending);
}

void understand(hello_result& r, const message& first) {
  delivery::control c;
  if (!first.is_text()) {
    r.detail = "data before the hello";
    return;
  }
  r.detail = delivery::decode_control(first.payload(), c);
  if (!r.detail.empty()) return;
  if (auto* h = std::get_if<delivery::hello>(&c)) {
    r.hello = std::move(*h);
    return;
  }
  r.detail = "the first message is not a hello";
}

}  // namespace

asio::awaitable<hello_result> read_hello(asio::any_io_executor strand, std::shared_ptr<time_service> time,
                                         std::shared_ptr<transport::connection> conn, time_point limit) {
  const auto w = std::make_shared<waiting>(std::move(conn), time->make_sleeper(strand));
  w->patience->wait_until(limit, [strand, time, weak = std::weak_ptr<waiting>(w)](bool due) {
    const auto self = weak.lock();
    if (due && self) tell_too_late(strand, *time, *self);
  });
  hello_result r;
  std::vector<message> first;
  error_code ec = co_await w->conn->async_read(first, 1);
  w->patience->cancel();
  if (w->too_late || first.empty()) {
    r.gone = true;
    r.detail = w->too_late ? "no hello came in time" : "the peer left before its hello: " + ec.message();
    co_return r;
  }
  understand(r, first.front());
  if (!r.hello) co_return r;
  // What was answered on the way, a ping's pong, is out before another strand takes over.
  ec = co_await w->conn->async_flush(0);
  r.gone = static_cast<bool>(ec);
  co_return r;
}

}  // namespace tautline::detail
