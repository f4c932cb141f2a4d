// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The options of `tautline connect`.
#include "command_options.hpp"
#include "option_kit.hpp"

#include <unistd.h>

#include <limits>
#include <string>
#include <vector>

namespace tautline::cli {
namespace {

std::string check_header(const std::string& text) {
  const auto colon = text.find(':');
  const bool good = colon != std::string::npos && colon != 0 && text.find_first_of("\r\n") == std::string::npos &&
                    text.find_first_of(" \t") > colon;
  return good ? "" : "not a header: write 'Name: value'";
}

header read_header(const std::string& text) {
  const auto colon = text.find(':');
  const auto value = text.find_first_not_of(" \t", colon + 1);
  return {text.substr(0, colon), value == std::string::npos ? std::string() : text.substr(value)};
}

std::string none_to_zero(std::string& text) {
  if (text == "none") text = "0";
  return {};
}

void add_urls(CLI::App& app, options& link) {
  app.add_option("url", link.endpoints, "ws:// or wss:// URLs of one peer, to fail over between")
      ->required()
      ->type_name("URL");
}

void add_pipe(CLI::App& app, connect_settings& into) {
  const std::string group = "The pipe";
  app.add_flag("--binary", into.binary, "Send binary messages instead of text")->group(group);
  choice_option<status_mode>(app, "--status", into.status,
                             {{"line", status_mode::line},
                              {"plain", status_mode::plain},
                              {"json", status_mode::json},
                              {"none", status_mode::none}},
                             "What standard error shows")
      ->group(group);
  duration_option(app, "--drain-timeout", into.link.drain_timeout, "At the end: time for all to be delivered")
      ->group(group);
  duration_option(app, "--linger", into.linger, "After that: keep receiving this long")->group(group);
  app.add_flag("--keep-open", into.keep_open, "Do not end at the end of input")->group(group);
  app.add_option("--spill", into.spill, "At exit: write what was not delivered to this file")
      ->type_name("FILE")
      ->group(group);
}

void add_backoff(CLI::App& app, backoff_options& b) {
  const std::string group = "Backoff";
  duration_option(app, "--backoff-initial", b.initial, "Delay before the second attempt")->group(group);
  duration_option(app, "--backoff-max", b.max, "No delay is longer")->group(group);
  number_option(app, "--backoff-multiplier", b.multiplier, 1.0, 1e6, "Each delay is this many times the last")
      ->type_name("X")
      ->group(group);
  choice_option<jitter>(app, "--jitter", b.jitter,
                        {{"full", jitter::full}, {"equal", jitter::equal}, {"none", jitter::none}},
                        "How delays are spread")
      ->group(group);
  number_option(app, "--max-attempts", b.max_attempts, 0U, std::numeric_limits<unsigned>::max(),
                "Failed attempts in a row before giving up; 0: never")
      ->group(group);
  duration_option(app, "--stable-after", b.stable_after, "Uptime after which the count starts anew")->group(group);
}

void add_heartbeat(CLI::App& app, heartbeat_options& h) {
  choice_option<heartbeat_kind>(
      app, "--heartbeat", h.kind,
      {{"ws", heartbeat_kind::websocket}, {"json", heartbeat_kind::json}, {"none", heartbeat_kind::none}},
      "How the peer is asked")
      ->group("Heartbeat");
  heartbeat_options_of(app, h);
}

void add_delivery(CLI::App& app, options& link) {
  const std::string group = "Delivery";
  choice_option<delivery_mode>(
      app, "--delivery", link.delivery.mode,
      {{"at-least-once", delivery_mode::at_least_once}, {"at-most-once", delivery_mode::at_most_once}},
      "What is unconfirmed when the link breaks: send again, or report")
      ->group(group);
  number_option<std::size_t>(app, "--queue-messages", link.queue.max_messages, 1,
                             std::numeric_limits<std::size_t>::max(), "Bound of the queue")
      ->group(group);
  size_option(app, "--queue-bytes", link.queue.max_bytes, "Bound of the queue")->group(group);
  choice_option<overflow>(app, "--overflow", link.queue.overflow,
                          {{"wait", overflow::wait},
                           {"reject", overflow::reject},
                           {"drop-oldest", overflow::drop_oldest},
                           {"drop-newest", overflow::drop_newest}},
                          "What happens when it is full")
      ->group(group);
  duration_option(app, "--ttl", link.queue.time_to_live, "A message not delivered by then expires")
      ->transform(checked_by(none_to_zero))
      ->default_str("none")
      ->group(group);
  choice_option<session_use>(
      app, "--session", link.session,
      {{"auto", session_use::automatic}, {"require", session_use::require}, {"off", session_use::off}},
      "Offer tautline.v1 sessions")
      ->group(group);
}

void add_upgrade(CLI::App& app, options& link) {
  const std::string group = "The upgrade";
  duration_option(app, "--connect-timeout", link.connect_timeout, "A whole attempt, from resolving to the upgrade")
      ->group(group);
  const auto set_headers = [&link](const std::vector<std::string>& texts) {
    for (const auto& text : texts) link.headers.push_back(read_header(text));
  };
  app.add_option_function<std::vector<std::string>>("--header", set_headers, "HTTP header, as 'Name: value'")
      ->allow_extra_args(false)
      ->check(checked_by(check_header))
      ->type_name("'K: V'")
      ->group(group);
  app.add_option("--subprotocol", link.subprotocols, "Offered subprotocol")
      ->allow_extra_args(false)
      ->type_name("NAME")
      ->group(group);
  size_option(app, "--max-message-bytes", link.max_message_bytes, "Largest message, both ways")->group(group);
  app.add_flag("--compress", link.compress, "Offer permessage-deflate")->group(group);
}

void add_tls(CLI::App& app, tls_options& tls) {
  const std::string group = "TLS";
  file_option(app, "--ca", tls.ca_file, "Trusted roots, in place of the system's")->group(group);
  auto* cert = file_option(app, "--cert", tls.certificate_file, "Certificate chain of this side")->group(group);
  auto* key = file_option(app, "--key", tls.private_key_file, "Its private key")->group(group);
  cert->needs(key);
  key->needs(cert);
  app.add_flag_callback(
         "--insecure", [&tls] { tls.verify = false; }, "Do not verify the peer; for tests only")
      ->group(group);
}

}  // namespace

connect_settings::connect_settings() : status(::isatty(STDERR_FILENO) == 1 ? status_mode::line : status_mode::plain) {}

CLI::App* add_connect(CLI::App& program, connect_settings& into) {
  auto* app =
      program.add_subcommand("connect", "A reliable pipe: standard input to the peer, the peer to standard output");
  add_urls(*app, into.link);
  add_pipe(*app, into);
  add_backoff(*app, into.link.backoff);
  add_heartbeat(*app, into.link.heartbeat);
  add_delivery(*app, into.link);
  add_upgrade(*app, into.link);
  add_tls(*app, into.link.tls);
  app->footer(
      "SIGHUP: retry now. SIGINT, SIGTERM: deliver what was read, then end; a second SIGINT: end at once.\n"
      "Exit: 0 all delivered, 2 wrong usage, 3 the link gave up or something was not delivered.");
  return app;
}

}  // namespace tautline::cli
