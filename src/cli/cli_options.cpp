// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The command line as a whole: which command, what is wrong with it, and --help.
#include "cli_options.hpp"

#include <tautline/version.hpp>

#include "command_options.hpp"
#include "option_kit.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tautline::cli {
namespace {

// CLI11 ends some of its messages with a full stop or a newline.
std::string one_line(std::string text) {
  for (auto& c : text)
    if (c == '\n') c = ' ';
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text;
}

// The library names its fields; here they are options.
std::string in_options(std::string text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> names = {{
      {"backoff.initial", "--backoff-initial"},
      {"backoff.max", "--backoff-max"},
      {"backoff.multiplier", "--backoff-multiplier"},
      {"backoff.stable_after", "--stable-after"},
      {"connect_timeout", "--connect-timeout"},
      {"drain_timeout", "--drain-timeout"},
      {"link.heartbeat.", "heartbeat."},
      {"heartbeat.interval", "--heartbeat-interval"},
      {"heartbeat.timeout", "--heartbeat-timeout"},
      {"queue.max_messages", "--queue-messages"},
      {"queue.max_bytes", "--queue-bytes"},
      {"queue.time_to_live", "--ttl"},
      {"link.max_message_bytes", "max_message_bytes"},
      {"max_message_bytes", "--max-message-bytes"},
      {"max_connections", "--max-connections"},
      {"endpoints[", "url["},
  }};
  for (const auto& [field, option] : names)
    for (auto at = text.find(field); at != std::string::npos; at = text.find(field, at + option.size()))
      text.replace(at, field.size(), option);
  return text;
}

finished wrong_usage(const std::string& command_name, const std::string& what) {
  return {exit_usage, fmt::format("{}: {} (see '{} --help')\n", command_name, one_line(what), command_name)};
}

class reader {
 public:
  reader() : program_("WebSocket conversations that stay alive.", "tautline") {
    program_.formatter(std::make_shared<help_format>());
    program_.set_version_flag("--version", fmt::format("tautline {}", version()), "Show the version");
    program_.set_help_flag("--help", "Show this help");
    program_.require_subcommand(1);
    program_.footer("Options of a command: tautline COMMAND --help");
    connect_app_ = add_connect(program_, connect_);
    serve_app_ = add_serve(program_, serve_);
    demo_app_ = add_demo(program_, demo_);
    faults_app_ = add_faults(program_, faults_);
  }

  command read(int argc, const char* const* argv) {
    try {
      program_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return finished(exit_success, program_.help());
    } catch (const CLI::CallForVersion& version_text) {
      return finished(exit_success, fmt::format("{}\n", version_text.what()));
    } catch (const CLI::RequiredError& error) {
      const auto unknown = program_.remaining();
      if (!unknown.empty() && name() == "tautline") return wrong_usage(name(), "unknown command " + unknown.front());
      return wrong_usage(name(), error.what());
    } catch (const CLI::Error& error) { return wrong_usage(name(), error.what()); }
    return checked();
  }

 private:
  command checked() {
    if (*connect_app_) {
      if (const auto wrong = connect_.link.validate()) return wrong_usage(name(), in_options(*wrong));
      return std::move(connect_);
    }
    if (*serve_app_) {
      if (const auto wrong = serve_.server.validate()) return wrong_usage(name(), in_options(*wrong));
      return std::move(serve_);
    }
    if (*faults_app_) {
      if (faults_.script.empty() == !faults_.seed)
        return wrong_usage(name(), "say which faults: either --script FILE or --seed N");
      return std::move(faults_);
    }
    return demo_;
  }

  std::string name() const {
    for (const auto* app : {connect_app_, serve_app_, demo_app_, faults_app_})
      if (*app) return "tautline " + app->get_name();
    return "tautline";
  }

  connect_settings connect_;
  serve_settings serve_;
  demo_settings demo_;
  faults_settings faults_;
  CLI::App program_;
  CLI::App* connect_app_ = nullptr;
  CLI::App* serve_app_ = nullptr;
  CLI::App* demo_app_ = nullptr;
  CLI::App* faults_app_ = nullptr;
};

}  // namespace

command read_command_line(int argc, const char* const* argv) {
  reader all;
  return all.read(argc, argv);
}

}  // namespace tautline::cli
