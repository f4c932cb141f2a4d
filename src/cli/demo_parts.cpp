// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What happens side by side in the demo: receiving, sending, breaking.
#include "demo.hpp"
#include "rethrow.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tautline::cli {
namespace {

using std::chrono::milliseconds;
using testing::direction;

constexpr std::size_t most_at_once = 1024;
constexpr auto pace = milliseconds(5);

}  // namespace

asio::awaitable<void> demo_command::accept_peers() {
  for (;;) {
    auto result = co_await server_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(result)) co_return;
    auto p = std::make_shared<link>(std::move(std::get<1>(result)));
    p->async_run(asio::detached);
    asio::co_spawn(io_, count_messages(std::move(p)), rethrow);
  }
}

asio::awaitable<void> demo_command::count_messages(std::shared_ptr<link> p) {
  ++peers_;
  for (;;) {
    auto result = co_await p->async_receive_batch(most_at_once, asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(result)) break;
    for (const auto& m : std::get<1>(result)) tally_.take(m.payload());
  }
  --peers_;
  changed_.notify();
}

asio::awaitable<void> demo_command::send_messages() {
  while (next_ <= settings_.messages && !client_ended_) {
    co_await send_up_to(due_by_now());
    co_await sleep(pace);
  }
}

asio::awaitable<void> demo_command::send_up_to(std::uint64_t number) {
  for (; next_ <= number && !client_ended_; ++next_) {
    message m(fmt::format("{} of {}", next_, settings_.messages));
    if (!client_->try_send(std::move(m))) continue;
    // NOLINTNEXTLINE(bugprone-use-after-move): it is moved from only if it was taken.
    co_await client_->async_send(std::move(m), asio::as_tuple(asio::use_awaitable));
  }
}

// Sending goes on until the last fault: the plan is stretched a little, and when the faults are
// over the rest goes out at once.
std::uint64_t demo_command::due_by_now() const {
  if (faults_ended_) return settings_.messages;
  const double planned = std::chrono::duration<double>(planned_time(schedule_)).count() * 1.2;
  const double passed = std::chrono::duration<double>(clock::now() - started_).count();
  const double share = std::min(1.0, passed / planned);
  return static_cast<std::uint64_t>(static_cast<double>(settings_.messages) * share);
}

asio::awaitable<void> demo_command::break_things() {
  for (const auto& f : schedule_) {
    std::function<bool()> up = [this] { return client_ended_ || client_->status().state == link_state::connected; };
    co_await changed_.until(std::move(up));
    co_await sleep(f.after);
    if (client_ended_) break;
    const auto before = ups_;
    inflicted_.push_back(f);
    printer_.say_without_row(progress());
    co_await inflict(f);
    std::function<bool()> up_again = [this, before] { return client_ended_ || ups_ > before; };
    co_await changed_.until(std::move(up_again));
  }
  faults_ended_ = true;
  changed_.notify();
}

asio::awaitable<void> demo_command::inflict(fault f) {
  switch (f.kind) {
    case fault_kind::reset: proxy_->reset_all(); break;
    case fault_kind::close: proxy_->close_all(); break;
    case fault_kind::stall:
      proxy_->stall(direction::up, 2 * f.length);
      co_await sleep(f.length);
      proxy_->reset_all();
      break;
    case fault_kind::black_hole:
      proxy_->black_hole(direction::both);
      co_await sleep(f.length);
      proxy_->reset_all();
      break;
    case fault_kind::refusal:
      proxy_->admit(testing::admission::refuse);
      proxy_->reset_all();
      co_await sleep(f.length);
      break;
  }
  proxy_->heal();
}

}  // namespace tautline::cli
