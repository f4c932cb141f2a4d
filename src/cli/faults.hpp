// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// `tautline faults`: the test kit's fault proxy on its own, for whatever speaks TCP.
#ifndef TAUTLINE_CLI_FAULTS_HPP
#define TAUTLINE_CLI_FAULTS_HPP

#include <tautline/testing/fault_proxy.hpp>

#include "cli_options.hpp"
#include "fault_script.hpp"
#include "standard_stream.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <string>

namespace tautline::cli {

/// One run of the command, on one thread.
class faults_command {
 public:
  faults_command(const faults_settings& settings, fault_script script);
  [[nodiscard]] int run();

 private:
  asio::awaitable<void> direct();
  asio::awaitable<void> play(const fault_script& steps);
  asio::awaitable<void> repeat(const fault_step& s);
  asio::awaitable<void> wait(duration d);
  asio::awaitable<void> retarget(const fault_step& s);
  void inflict(const fault_step& s);
  asio::awaitable<void> say(std::string line);
  asio::awaitable<void> end_at_a_signal();
  asio::awaitable<void> finish();
  void stop();
  [[nodiscard]] std::string counters() const;

  const faults_settings& settings_;
  const fault_script script_;
  asio::io_context io_;
  output_stream output_;
  asio::signal_set signals_;
  asio::steady_timer pause_, end_;
  std::optional<testing::fault_proxy> proxy_;
  time_point started_{}, due_{};
  int exit_code_ = exit_success;
  bool stopped_ = false;
};

}  // namespace tautline::cli

#endif
