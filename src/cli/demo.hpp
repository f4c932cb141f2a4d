// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// `tautline demo`: a server, a client, and a proxy between them that breaks the connection.
#ifndef TAUTLINE_CLI_DEMO_HPP
#define TAUTLINE_CLI_DEMO_HPP

#include <tautline/link.hpp>
#include <tautline/server.hpp>
#include <tautline/testing/fault_proxy.hpp>

#include "cli_options.hpp"
#include "demo_schedule.hpp"
#include "demo_tally.hpp"
#include "status_printer.hpp"
#include "wakeup.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tautline::cli {

/// One run of the command, on one thread.
class demo_command {
 public:
  explicit demo_command(const demo_settings& settings);
  [[nodiscard]] int run();

 private:
  // The receiver: counts.
  asio::awaitable<void> accept_peers();
  asio::awaitable<void> count_messages(std::shared_ptr<link> p);

  // The sender: numbered messages, spread over the planned time.
  asio::awaitable<void> send_messages();
  asio::awaitable<void> send_up_to(std::uint64_t number);
  [[nodiscard]] std::uint64_t due_by_now() const;

  // The faults.
  asio::awaitable<void> break_things();
  asio::awaitable<void> inflict(fault f);
  asio::awaitable<void> sleep(duration d);

  asio::awaitable<void> run_client();
  asio::awaitable<void> watch_events();
  asio::awaitable<void> keep_row_fresh();
  asio::awaitable<void> direct();
  [[nodiscard]] std::string progress() const;
  [[nodiscard]] int verdict();

  const demo_settings& settings_;
  asio::io_context io_;
  std::vector<fault> schedule_;
  tally tally_;
  status_printer printer_;
  asio::signal_set signals_;
  asio::steady_timer row_timer_;
  wakeup changed_;
  server server_;
  std::optional<testing::fault_proxy> proxy_;
  std::optional<link> client_;
  time_point started_;

  std::vector<fault> inflicted_;
  std::uint64_t next_ = 1;  ///< number of the next message
  std::uint64_t ups_ = 0;
  std::size_t peers_ = 0;
  bool faults_ended_ = false, client_ended_ = false, events_ended_ = false, over_ = false;
};

}  // namespace tautline::cli

#endif
