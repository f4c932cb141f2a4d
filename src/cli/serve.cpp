// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The course of `tautline serve`: peers come, their messages are handled, they go.
#include "serve.hpp"

#include "commands.hpp"
#include "metrics_sum.hpp"
#include "print_messages.hpp"
#include "rethrow.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

namespace tautline::cli {
namespace {

constexpr std::size_t batch_size = 1024;

// A message that is printed is this program's own only once standard output has it.
server_options with_responsibility(server_options o, serve_mode mode) {
  if (mode == serve_mode::print) o.link.delivery.responsibility = responsibility::manual;
  return o;
}

std::string address(const server_options& o) {
  const bool v6 = o.host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(v6 ? "[{}]:{}" : "{}:{}"), o.host, o.port);
}

}  // namespace

serve_command::serve_command(const serve_settings& settings)
    : settings_(settings),
      io_(1),
      output_(io_.get_executor(), STDOUT_FILENO),
      signals_(io_, SIGINT, SIGTERM),
      changed_(io_.get_executor()),
      server_(io_.get_executor(), with_responsibility(with_pages(settings.server), settings.mode)) {}

int serve_command::run() {
  if (const error_code ec = server_.listen()) {
    const auto& tls = settings_.server.tls;
    const std::string files =
        tls.certificate_file.empty() ? "" : fmt::format(" with {} and {}", tls.certificate_file, tls.private_key_file);
    fmt::print(stderr, "tautline serve: cannot listen on {}{}: {}\n", address(settings_.server), files, ec.message());
    return exit_failure;
  }
  output_.write(fmt::format("listening {}\n", server_.url()));
  asio::co_spawn(io_, accept_peers(), rethrow);
  asio::co_spawn(io_, watch_signals(), rethrow);
  io_.run();
  return exit_code_;
}

asio::awaitable<void> serve_command::accept_peers() {
  for (;;) {
    auto result = co_await server_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(result)) co_return;
    auto p = std::make_shared<link>(std::move(std::get<1>(result)));
    asio::co_spawn(io_, run_peer(std::move(p)), rethrow);
  }
}

asio::awaitable<void> serve_command::run_peer(peer p) {
  const auto place = peers_.insert(peers_.end(), p);
  // What had arrived before the connection ended is still handed out afterwards: both have to end.
  bool run_ended = false;
  p->async_run([this, &run_ended](error_code) {
    run_ended = true;
    changed_.notify();
  });
  co_await handle_messages(p);
  std::function<bool()> over = [&run_ended] { return run_ended; };
  co_await changed_.until(std::move(over));
  static_cast<void>(p->take_undelivered());
  add(of_ended_, p->metrics());
  peers_.erase(place);
  changed_.notify();
}

asio::awaitable<void> serve_command::handle_messages(peer p) {
  for (;;) {
    auto result = co_await p->async_receive_batch(batch_size, asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(result)) co_return;
    co_await handle(p, std::move(std::get<1>(result)));
  }
}

asio::awaitable<void> serve_command::handle(peer p, std::vector<message> batch) {
  switch (settings_.mode) {
    case serve_mode::echo: co_await echo(std::move(p), std::move(batch)); break;
    case serve_mode::print: co_await print(std::move(batch)); break;
    case serve_mode::broadcast: broadcast(p, batch); break;
    case serve_mode::sink: break;
  }
}

asio::awaitable<void> serve_command::echo(peer p, std::vector<message> batch) {
  for (auto& m : batch) {
    const error_code ec = p->try_send(std::move(m));
    if (ec == errc::queue_full)
      // NOLINTNEXTLINE(bugprone-use-after-move): it is moved from only if it was taken.
      co_await p->async_send(std::move(m), asio::as_tuple(asio::use_awaitable));
    else if (ec)
      co_return;
  }
}

asio::awaitable<void> serve_command::print(std::vector<message> batch) {
  const error_code ec = co_await print_messages(output_, batch);
  if (!ec || draining_) co_return;
  if (ec != asio::error::broken_pipe) {
    fmt::print(stderr, "tautline serve: cannot write standard output: {}\n", ec.message());
    exit_code_ = exit_failure;
  }
  asio::co_spawn(io_, drain(), rethrow);
}

// Waiting for one slow peer would stop all others, and leaving messages out of its stream would
// deceive it: a peer whose queue is full is cut off, and sees that it was.
void serve_command::broadcast(const peer& from, const std::vector<message>& batch) {
  for (const auto& to : peers_) {
    if (to == from) continue;
    for (const auto& m : batch) {
      const error_code ec = to->try_send(m);
      if (!ec) continue;
      if (ec == errc::queue_full) {
        ++slow_peers_;
        to->cancel();
      }
      break;
    }
  }
}

asio::awaitable<void> serve_command::watch_signals() {
  for (;;) {
    auto result = co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(result)) co_return;
    if (draining_)
      end_now();
    else
      asio::co_spawn(io_, drain(), rethrow);
  }
}

asio::awaitable<void> serve_command::drain() {
  if (std::exchange(draining_, true)) co_return;
  co_await server_.async_drain(settings_.drain_window, asio::as_tuple(asio::use_awaitable));
  std::function<bool()> all_gone = [this] { return peers_.empty(); };
  co_await changed_.until(std::move(all_gone));
  co_await output_.async_drain(0);
  signals_.cancel();
}

void serve_command::end_now() {
  output_.abandon();
  for (const auto& p : peers_) p->cancel();
}

int run_serve(const serve_settings& settings) {
  serve_command other_end(settings);
  return other_end.run();
}

}  // namespace tautline::cli
