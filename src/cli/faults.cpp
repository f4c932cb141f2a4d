// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The course of `tautline faults`: listens, plays the script, counts.
#include "faults.hpp"

#include "address.hpp"
#include "commands.hpp"
#include "quantities.hpp"
#include "rethrow.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace tautline::cli {
namespace {

using asio::ip::tcp;

constexpr std::size_t output_backlog = 64 * 1024;

std::string text_of(const tcp::endpoint& e) {
  const auto address = e.address().to_string();
  return e.address().is_v6() ? fmt::format("[{}]:{}", address, e.port()) : fmt::format("{}:{}", address, e.port());
}

// "localhost" may have an address of each kind, and a server behind one of them.
std::vector<tcp::endpoint> all_of(const tcp::resolver::results_type& found) { return {found.begin(), found.end()}; }

std::vector<tcp::endpoint> resolved(asio::io_context& io, const std::string& text) {
  const auto where = split_address(text);
  tcp::resolver names(io);
  return all_of(names.resolve(where.host, std::to_string(where.port), tcp::resolver::numeric_service));
}

std::optional<fault_script> read_script(const std::string& file, std::string& error) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in && text.empty()) {
    error = "cannot be read";
    return std::nullopt;
  }
  return parse_fault_script(text, error);
}

}  // namespace

faults_command::faults_command(const faults_settings& settings, fault_script script)
    : settings_(settings),
      script_(std::move(script)),
      io_(1),
      output_(io_.get_executor(), STDOUT_FILENO),
      signals_(io_, SIGINT, SIGTERM),
      pause_(io_),
      end_(io_) {}

int faults_command::run() {
  try {
    const auto targets = resolved(io_, settings_.target);
    proxy_.emplace(io_.get_executor(), resolved(io_, settings_.listen).front(), targets);
    output_.write(fmt::format("listening {} -> {}\n", text_of(proxy_->local_endpoint()), settings_.target));
  } catch (const boost::system::system_error& problem) {
    fmt::print(stderr, "tautline faults: cannot forward {} to {}: {}\n", settings_.listen, settings_.target,
               problem.code().message());
    return exit_failure;
  }
  started_ = due_ = clock::now();
  asio::co_spawn(io_, direct(), rethrow);
  asio::co_spawn(io_, end_at_a_signal(), rethrow);
  io_.run();
  return exit_code_;
}

// When the script has ended the proxy goes on forwarding, as the last step left it.
asio::awaitable<void> faults_command::direct() {
  end_.expires_at(settings_.length > duration::zero() ? started_ + settings_.length : time_point::max());
  if (settings_.length > duration::zero())
    end_.async_wait([this](error_code ec) {
      if (!ec) stop();
    });
  co_await play(script_);
}

asio::awaitable<void> faults_command::play(const fault_script& steps) {
  for (const auto& s : steps) {
    co_await wait(s.after);
    if (stopped_) co_return;
    if (s.what == fault_action::repeat) {
      co_await repeat(s);
      continue;
    }
    if (s.what == fault_action::retarget)
      co_await retarget(s);
    else
      inflict(s);
    // The line follows what it says.
    co_await asio::post(proxy_->get_executor(), asio::use_awaitable);
    if (stopped_) co_return;  // nothing stands behind the counters
    const auto at = clock::now() - started_;
    auto line = settings_.log == fault_log::json
                    ? fault_json(s, at)
                    : fmt::format("{:9.3f} s  {}", in_milliseconds(at) / 1000, fault_text(s));
    co_await say(std::move(line));
  }
}

asio::awaitable<void> faults_command::repeat(const fault_step& s) {
  for (std::uint64_t i = 0; !stopped_ && (!s.times || i < *s.times); ++i) co_await play(s.steps);
}

// From step to step, so that lateness does not add up.
asio::awaitable<void> faults_command::wait(duration d) {
  if (d == duration::zero() || stopped_) co_return;
  due_ += d;
  pause_.expires_at(due_);
  co_await pause_.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> faults_command::retarget(const fault_step& s) {
  const auto where = split_address(s.target);
  const auto port = std::to_string(where.port);
  tcp::resolver names(io_);
  const auto found = co_await names.async_resolve(where.host, port, tcp::resolver::numeric_service,
                                                  asio::as_tuple(asio::use_awaitable));
  if (const auto ec = std::get<0>(found)) {
    fmt::print(stderr, "tautline faults: cannot forward to {}: {}\n", s.target, ec.message());
    exit_code_ = exit_failure;
    stop();
    co_return;
  }
  proxy_->retarget(all_of(std::get<1>(found)));
}

void faults_command::inflict(const fault_step& s) {
  switch (s.what) {
    case fault_action::reset:
      if (s.connection)
        proxy_->cut_one(*s.connection, testing::cut::reset);
      else
        proxy_->reset_all();
      break;
    case fault_action::close:
      if (s.connection)
        proxy_->cut_one(*s.connection, testing::cut::close);
      else
        proxy_->close_all();
      break;
    case fault_action::cut: proxy_->cut_after(s.bytes, s.how); break;
    case fault_action::latency: proxy_->latency(s.way, s.length); break;
    case fault_action::throttle: proxy_->throttle(s.way, s.bytes); break;
    case fault_action::stall: proxy_->stall(s.way, s.length); break;
    case fault_action::black_hole: proxy_->black_hole(s.way); break;
    case fault_action::corrupt:
      if (s.rate > 0)
        proxy_->corrupt_rate(s.way, s.rate, s.seed);
      else
        proxy_->corrupt_at(s.way, s.bytes);
      break;
    case fault_action::refuse: proxy_->admit(testing::admission::refuse); break;
    case fault_action::hang: proxy_->admit(testing::admission::hang); break;
    case fault_action::heal: proxy_->heal(); break;
    case fault_action::retarget:
    case fault_action::repeat: break;
  }
}

asio::awaitable<void> faults_command::say(std::string line) {
  output_.write(line + "\n");
  const error_code ec = co_await output_.async_drain(output_backlog);
  if (!ec || stopped_) co_return;
  if (ec != asio::error::broken_pipe) {
    fmt::print(stderr, "tautline faults: cannot write standard output: {}\n", ec.message());
    exit_code_ = exit_failure;
  }
  stop();
}

asio::awaitable<void> faults_command::end_at_a_signal() {
  (void)co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
  stop();
}

void faults_command::stop() {
  if (std::exchange(stopped_, true)) return;
  signals_.cancel();
  end_.cancel();
  pause_.cancel();
  asio::co_spawn(io_, finish(), rethrow);
}

asio::awaitable<void> faults_command::finish() {
  output_.write(counters() + "\n");
  co_await proxy_->async_close(asio::use_awaitable);
  co_await output_.async_drain(0);
}

std::string faults_command::counters() const {
  const auto c = proxy_->counters();
  if (settings_.log == fault_log::json)
    return fmt::format(R"({{"event":"counters","accepted":{},"open":{},"failed":{},"resets":{},"closes":{},)"
                       R"("corrupted":{},"bytes_up":{},"bytes_down":{}}})",
                       c.accepted, c.open, c.failed, c.resets, c.closes, c.corrupted, c.bytes_up, c.bytes_down);
  return fmt::format(
      "counters: accepted {}, open {}, failed {}, resets {}, closes {}, corrupted {}, bytes up {}, "
      "bytes down {}",
      c.accepted, c.open, c.failed, c.resets, c.closes, c.corrupted, c.bytes_up, c.bytes_down);
}

int run_faults(const faults_settings& settings) {
  std::string error;
  auto script = settings.script.empty() ? std::optional(draw_fault_script(*settings.seed, settings.every))
                                        : read_script(settings.script, error);
  if (!script) {
    fmt::print(stderr, "tautline faults: {}: {} (see 'tautline faults --help')\n", settings.script, error);
    return exit_usage;
  }
  faults_command proxy(settings, std::move(*script));
  return proxy.run();
}

}  // namespace tautline::cli
