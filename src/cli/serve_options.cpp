// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The options of `tautline serve` and `tautline demo`.
#include "address.hpp"
#include "command_options.hpp"
#include "option_kit.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace tautline::cli {
namespace {

void set_address(const std::string& text, server_options& server) {
  auto where = split_address(text);
  server.host = std::move(where.host);
  server.port = where.port;
}

void add_session(CLI::App& app, serve_settings& into) {
  const auto accept_word = [&into](const std::string& word) { into.server.session = word == "on"; };
  const auto known = [](const std::string& word) {
    return word == "on" || word == "off" ? std::string() : "'" + word + "' is not one of on|off";
  };
  app.add_option_function<std::string>("--session", accept_word, "Accept tautline.v1 sessions")
      ->check(checked_by(known))
      ->type_name("on|off")
      ->default_str("on");
  duration_option(app, "--retain", into.server.retain, "How long a session outlives its connection");
}

void add_tls(CLI::App& app, tls_options& tls) {
  auto* cert = file_option(app, "--cert", tls.certificate_file, "Certificate chain; makes it wss://")->group("TLS");
  auto* key = file_option(app, "--key", tls.private_key_file, "Its private key")->group("TLS");
  cert->needs(key);
  key->needs(cert);
}

}  // namespace

serve_settings::serve_settings() { server.port = 9001; }

CLI::App* add_serve(CLI::App& program, serve_settings& into) {
  auto* app = program.add_subcommand("serve", "The other end");
  app->add_option_function<std::string>(
         "--listen", [&into](const std::string& text) { set_address(text, into.server); },
         "Address; port 0: the system chooses")
      ->check(checked_by(check_address))
      ->type_name("HOST:PORT")
      ->default_str("127.0.0.1:9001");
  choice_option<serve_mode>(*app, "--mode", into.mode,
                            {{"echo", serve_mode::echo},
                             {"print", serve_mode::print},
                             {"sink", serve_mode::sink},
                             {"broadcast", serve_mode::broadcast}},
                            "What becomes of a message");
  add_session(*app, into);
  heartbeat_options_of(*app, into.server.link.heartbeat);
  add_tls(*app, into.server.tls);
  number_option<std::size_t>(*app, "--max-connections", into.server.max_connections, 1,
                             std::numeric_limits<std::size_t>::max(), "Beyond it a client gets 503")
      ->group("Limits");
  size_option(*app, "--max-message-bytes", into.server.link.max_message_bytes, "Largest message, both ways")
      ->group("Limits");
  duration_option(*app, "--drain-window", into.drain_window, "At SIGTERM: clients leave spread over this time")
      ->group("Limits");
  app->footer("GET /healthz answers 'ok', GET /metrics the counters as Prometheus text.");
  return app;
}

CLI::App* add_demo(CLI::App& program, demo_settings& into) {
  auto* app = program.add_subcommand("demo", "Both ends with faults between them, and a counted verdict");
  number_option<std::uint64_t>(*app, "--messages", into.messages, 1, 100'000'000, "How many are sent");
  number_option<std::size_t>(*app, "--cuts", into.cuts, 0, 100'000, "How often the connection is broken");
  number_option<std::uint64_t>(*app, "--seed", into.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                               "The same seed draws the same faults");
  choice_option<demo_mode>(*app, "--mode", into.mode, {{"session", demo_mode::session}, {"plain", demo_mode::plain}},
                           "How delivery is ensured");
  return app;
}

}  // namespace tautline::cli
