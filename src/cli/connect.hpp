// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// `tautline connect`: a reliable pipe between the standard streams and a peer.
#ifndef TAUTLINE_CLI_CONNECT_HPP
#define TAUTLINE_CLI_CONNECT_HPP

#include <tautline/link.hpp>

#include "cli_options.hpp"
#include "line_source.hpp"
#include "spill.hpp"
#include "standard_stream.hpp"
#include "status_printer.hpp"
#include "wakeup.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <string>

namespace tautline::cli {

/// One run of the command. Its coroutines all run on one thread and tell each other through
/// the flags below and `changed_`.
class connect_command {
 public:
  explicit connect_command(const connect_settings& settings);
  [[nodiscard]] int run();

 private:
  // Reads lines and queues them, as fast as the queue takes them.
  asio::awaitable<void> pump_input();
  asio::awaitable<void> submit(piece p);
  asio::awaitable<void> submit_when_there_is_room(message m);
  void take_oversize(const piece& p);
  void report_unsent(std::string_view policy, std::string_view text);

  // Writes what arrives.
  asio::awaitable<void> pump_output();

  asio::awaitable<void> run_link();
  asio::awaitable<void> watch_events();
  asio::awaitable<void> watch_signals();
  asio::awaitable<void> keep_row_fresh();

  // From the first connection to the last word.
  asio::awaitable<void> direct();
  asio::awaitable<void> drain();
  asio::awaitable<void> linger();
  void on_signal(int number);
  void request_stop();
  void give_up_draining();
  void finish();

  [[nodiscard]] bool undelivered() const;
  [[nodiscard]] totals count() const;
  [[nodiscard]] int exit_code(const totals& t) const;
  [[nodiscard]] std::string failure(const totals& t) const;

  const connect_settings& settings_;
  asio::io_context io_;
  link link_;
  line_source input_;
  output_stream output_;
  status_printer printer_;
  spill spill_;
  asio::signal_set signals_;
  asio::steady_timer drain_guard_, row_timer_;
  wakeup changed_;
  time_point started_ = clock::now();

  bool run_ended_ = false, input_ended_ = false, output_ended_ = false, events_ended_ = false;
  bool was_connected_ = false;
  bool stop_asked_ = false;
  error_code run_error_;
  std::string last_cause_, local_failure_;
  std::uint64_t lines_ = 0, received_ = 0;
};

}  // namespace tautline::cli

#endif
