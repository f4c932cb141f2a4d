// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// `tautline serve`: the other end.
#ifndef TAUTLINE_CLI_SERVE_HPP
#define TAUTLINE_CLI_SERVE_HPP

#include <tautline/link.hpp>
#include <tautline/server.hpp>

#include "cli_options.hpp"
#include "standard_stream.hpp"
#include "wakeup.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <vector>

namespace tautline::cli {

/// One run of the command, on one thread.
class serve_command {
 public:
  explicit serve_command(const serve_settings& settings);
  [[nodiscard]] int run();

 private:
  using peer = std::shared_ptr<link>;

  asio::awaitable<void> accept_peers();
  asio::awaitable<void> run_peer(peer p);
  asio::awaitable<void> handle_messages(peer p);
  asio::awaitable<void> handle(peer p, std::vector<message> batch);
  asio::awaitable<void> echo(peer p, std::vector<message> batch);
  asio::awaitable<void> print(std::vector<message> batch);
  void broadcast(const peer& from, const std::vector<message>& batch);

  asio::awaitable<void> watch_signals();
  asio::awaitable<void> drain();
  void end_now();

  [[nodiscard]] server_options with_pages(server_options options);
  [[nodiscard]] server_options::page page_for(std::string_view target) const;
  [[nodiscard]] metrics sum_of_links() const;

  const serve_settings& settings_;
  asio::io_context io_;
  output_stream output_;
  asio::signal_set signals_;
  wakeup changed_;
  std::list<peer> peers_;
  metrics of_ended_;              ///< of the links that have ended
  std::uint64_t slow_peers_ = 0;  ///< mode broadcast: cut because they took too little
  bool draining_ = false;
  int exit_code_ = exit_success;
  server server_;
};

}  // namespace tautline::cli

#endif
