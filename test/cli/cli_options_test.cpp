// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The command line: every option of the contract, its default, and what wrong usage says.
#define BOOST_TEST_DYN_LINK
#include "cli/cli_options.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

using namespace tautline;
using namespace tautline::cli;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

command read(std::vector<const char*> args) {
  args.insert(args.begin(), "tautline");
  return read_command_line(static_cast<int>(args.size()), args.data());
}

connect_settings connect(std::vector<const char*> args) {
  args.insert(args.begin(), {"connect", "ws://127.0.0.1:9001/"});
  auto c = read(std::move(args));
  if (const auto* f = std::get_if<finished>(&c)) BOOST_FAIL(f->text);
  return std::get<connect_settings>(c);
}

serve_settings serve(std::vector<const char*> args) {
  args.insert(args.begin(), "serve");
  auto c = read(std::move(args));
  if (const auto* f = std::get_if<finished>(&c)) BOOST_FAIL(f->text);
  return std::get<serve_settings>(c);
}

// What wrong usage prints: one line, exit code 2.
std::string wrong(std::vector<const char*> args) {
  const auto c = read(std::move(args));
  const auto* f = std::get_if<finished>(&c);
  if (f == nullptr) return "accepted";
  BOOST_TEST(f->exit_code == 2);
  BOOST_TEST(std::count(f->text.begin(), f->text.end(), '\n') == 1);
  BOOST_TEST(f->text.find(" --help')") != std::string::npos, f->text);
  return f->text;
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(command_line)

BOOST_AUTO_TEST_CASE(connect_has_the_defaults_of_the_contract) {
  const auto c = connect({});
  BOOST_TEST((c.link.backoff.initial == seconds(1) && c.link.backoff.max == seconds(30)));
  BOOST_TEST(c.link.backoff.multiplier == 2.0);
  BOOST_TEST((c.link.backoff.jitter == jitter::full));
  BOOST_TEST(c.link.backoff.max_attempts == 10U);
  BOOST_TEST((c.link.backoff.stable_after == seconds(5) && c.link.connect_timeout == seconds(10)));
  BOOST_TEST((c.link.heartbeat.kind == heartbeat_kind::websocket));
  BOOST_TEST((c.link.heartbeat.interval == seconds(30) && c.link.heartbeat.timeout == seconds(10)));
  BOOST_TEST((c.link.delivery.mode == delivery_mode::at_least_once));
  BOOST_TEST(c.link.queue.max_messages == 100'000U);
  BOOST_TEST(c.link.queue.max_bytes == 64U * 1024 * 1024);
  BOOST_TEST((c.link.queue.overflow == overflow::wait && c.link.queue.time_to_live == duration::zero()));
  BOOST_TEST((c.link.session == session_use::automatic));
  BOOST_TEST(c.link.max_message_bytes == 16U * 1024 * 1024);
  BOOST_TEST((!c.link.compress && c.link.tls.verify && !c.binary && !c.keep_open));
  BOOST_TEST((c.link.drain_timeout == seconds(30) && c.linger == duration::zero()));
  BOOST_TEST(c.spill.empty());
}

BOOST_AUTO_TEST_CASE(connect_reads_the_backoff_and_the_heartbeat) {
  const auto c = connect({"--backoff-initial", "250ms", "--backoff-max", "2m", "--backoff-multiplier", "1.5",
                          "--jitter", "equal", "--max-attempts", "0", "--stable-after", "2s", "--heartbeat", "json",
                          "--heartbeat-interval", "5s", "--heartbeat-timeout", "700ms"});
  BOOST_TEST((c.link.backoff.initial == milliseconds(250) && c.link.backoff.max == minutes(2)));
  BOOST_TEST(c.link.backoff.multiplier == 1.5);
  BOOST_TEST((c.link.backoff.jitter == jitter::equal));
  BOOST_TEST(c.link.backoff.max_attempts == unlimited);
  BOOST_TEST((c.link.backoff.stable_after == seconds(2)));
  BOOST_TEST((c.link.heartbeat.kind == heartbeat_kind::json));
  BOOST_TEST((c.link.heartbeat.interval == seconds(5) && c.link.heartbeat.timeout == milliseconds(700)));
}

BOOST_AUTO_TEST_CASE(connect_reads_delivery_and_the_queue) {
  const auto c =
      connect({"--delivery", "at-most-once", "--queue-messages", "10", "--queue-bytes", "64KiB", "--overflow",
               "drop-oldest", "--ttl", "30s", "--session", "off", "--drain-timeout", "1s", "--linger", "2s"});
  BOOST_TEST((c.link.delivery.mode == delivery_mode::at_most_once));
  BOOST_TEST(c.link.queue.max_messages == 10U);
  BOOST_TEST(c.link.queue.max_bytes == 65'536U);
  BOOST_TEST((c.link.queue.overflow == overflow::drop_oldest && c.link.queue.time_to_live == seconds(30)));
  BOOST_TEST((c.link.session == session_use::off));
  BOOST_TEST((c.link.drain_timeout == seconds(1) && c.linger == seconds(2)));
  BOOST_TEST((connect({"--ttl", "none"}).link.queue.time_to_live == duration::zero()));
}

BOOST_AUTO_TEST_CASE(connect_reads_the_upgrade_and_the_pipe) {
  const auto c = connect({"--header",
                          "X-One: 1",
                          "--header",
                          "X-Two:  a: b",
                          "ws://127.0.0.1:9002/",
                          "--subprotocol",
                          "a",
                          "--subprotocol",
                          "b",
                          "--max-message-bytes",
                          "1MiB",
                          "--compress",
                          "--binary",
                          "--keep-open",
                          "--status",
                          "json",
                          "--spill",
                          "left.txt",
                          "--insecure",
                          "--connect-timeout",
                          "3s"});
  BOOST_TEST(c.link.endpoints.size() == 2U);
  BOOST_TEST(c.link.headers.size() == 2U);
  BOOST_TEST((c.link.headers[1].name == "X-Two" && c.link.headers[1].value == "a: b"));
  BOOST_TEST(c.link.subprotocols == std::vector<std::string>({"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(c.link.max_message_bytes == 1024U * 1024);
  BOOST_TEST((c.link.compress && c.binary && c.keep_open && !c.link.tls.verify));
  BOOST_TEST((c.status == status_mode::json && c.spill == "left.txt" && c.link.connect_timeout == seconds(3)));
}

BOOST_AUTO_TEST_CASE(serve_has_the_defaults_of_the_contract) {
  const auto s = serve({});
  BOOST_TEST(s.server.host == "127.0.0.1");
  BOOST_TEST(s.server.port == 9001);
  BOOST_TEST((s.mode == serve_mode::echo && s.drain_window == seconds(5) && s.server.retain == minutes(2)));
  BOOST_TEST(s.server.max_connections == 10'000U);
  BOOST_TEST((s.server.link.heartbeat.interval == seconds(30) && s.server.link.heartbeat.timeout == seconds(10)));
}

BOOST_AUTO_TEST_CASE(serve_reads_its_options) {
  const auto s = serve({"--listen", "[::1]:0", "--mode", "broadcast", "--session", "off", "--retain", "10s",
                        "--heartbeat-interval", "1s", "--heartbeat-timeout", "2s", "--max-connections", "5",
                        "--max-message-bytes", "64KiB", "--drain-window", "0s"});
  BOOST_TEST(s.server.host == "::1");
  BOOST_TEST(s.server.port == 0);
  BOOST_TEST((s.mode == serve_mode::broadcast && s.drain_window == duration::zero() && s.server.retain == seconds(10)));
  BOOST_TEST(s.server.max_connections == 5U);
  BOOST_TEST(s.server.link.max_message_bytes == 65'536U);
  BOOST_TEST((s.server.link.heartbeat.interval == seconds(1) && s.server.link.heartbeat.timeout == seconds(2)));
}

BOOST_AUTO_TEST_CASE(demo_reads_its_options) {
  const auto c = read({"demo", "--messages", "500", "--cuts", "3", "--seed", "42", "--mode", "plain"});
  const auto& d = std::get<demo_settings>(c);
  BOOST_TEST((d.messages == 500U && d.cuts == 3U && d.seed == 42U && d.mode == demo_mode::plain));
  const auto defaults = std::get<demo_settings>(read({"demo"}));
  BOOST_TEST((defaults.messages == 10'000U && defaults.cuts == 25U && defaults.mode == demo_mode::session));
}

BOOST_AUTO_TEST_CASE(wrong_usage_is_one_line_that_names_the_option) {
  const char* url = "ws://127.0.0.1:9001/";
  BOOST_TEST(has(wrong({}), "subcommand"));
  BOOST_TEST(has(wrong({"conect"}), "unknown command conect"));
  BOOST_TEST(has(wrong({"connect"}), "url"));
  BOOST_TEST(has(wrong({"connect", url, "--linger", "5"}), "--linger: '5' is not a duration: write"));
  BOOST_TEST(has(wrong({"connect", url, "--queue-bytes", "many"}), "--queue-bytes: 'many' is not a size: write"));
  BOOST_TEST(has(wrong({"connect", url, "--jitter", "some"}), "--jitter: 'some' is not one of full|equal|none"));
  BOOST_TEST(has(wrong({"connect", url, "--max-attempts", "-1"}), "--max-attempts"));
  BOOST_TEST(has(wrong({"connect", url, "--backoff-multiplier", "0.5"}), "--backoff-multiplier"));
  BOOST_TEST(has(wrong({"connect", url, "--header", "nonsense"}), "--header: not a header: write 'Name: value'"));
  BOOST_TEST(has(wrong({"connect", url, "--ca", "/no/such/file"}), "/no/such/file"));
  BOOST_TEST(has(wrong({"connect", url, "--cert", "/dev/null"}), "--key"));
  BOOST_TEST(has(wrong({"connect", url, "--spill"}), "--spill"));
  BOOST_TEST(has(wrong({"connect", url, "--nonsense"}), "--nonsense"));
  BOOST_TEST(has(wrong({"serve", "--listen", "9001"}), "--listen: '9001' is not an address: write HOST:PORT"));
  BOOST_TEST(has(wrong({"serve", "--listen", "127.0.0.1:99999"}), "--listen"));
  BOOST_TEST(has(wrong({"serve", "--max-connections", "0"}), "--max-connections"));
  BOOST_TEST(has(wrong({"demo", "--messages", "0"}), "--messages"));
  BOOST_TEST(has(wrong({"demo", "--seed", "-1"}), "--seed"));
}

BOOST_AUTO_TEST_CASE(what_the_library_finds_wrong_is_said_in_options) {
  const char* url = "ws://127.0.0.1:9001/";
  BOOST_TEST(has(wrong({"connect", "http://127.0.0.1/"}), "url[0]"));
  BOOST_TEST(has(wrong({"connect", url, "--backoff-initial", "0s"}), "--backoff-initial must be greater than zero"));
  BOOST_TEST(
      has(wrong({"connect", url, "--backoff-max", "1ms"}), "--backoff-max must not be less than --backoff-initial"));
  BOOST_TEST(has(wrong({"connect", url, "--queue-bytes", "0"}), "--queue-bytes must be at least 1"));
  BOOST_TEST(has(wrong({"serve", "--heartbeat-timeout", "0s"}), "--heartbeat-timeout must be greater than zero"));
}

BOOST_AUTO_TEST_CASE(a_password_in_a_url_is_not_repeated) {
  BOOST_TEST(!has(wrong({"connect", "http://me:secret@127.0.0.1/"}), "secret"));
}

BOOST_AUTO_TEST_CASE(help_and_version_succeed) {
  for (const auto& args : std::vector<std::vector<const char*>>{
           {"--help"}, {"--version"}, {"connect", "--help"}, {"serve", "--help"}, {"demo", "--help"}}) {
    const auto c = read(args);
    const auto& f = std::get<finished>(c);
    BOOST_TEST(f.exit_code == 0);
    BOOST_TEST(f.text.back() == '\n');
  }
  BOOST_TEST(std::get<finished>(read({"--version"})).text == "tautline 0.1.0\n");
}

BOOST_AUTO_TEST_CASE(help_names_every_option_of_the_contract_and_its_default) {
  const auto text = std::get<finished>(read({"connect", "--help"})).text;
  for (const char* option : {"--backoff-initial D",
                             "--backoff-max D",
                             "--backoff-multiplier X",
                             "--jitter full|equal|none",
                             "--max-attempts N",
                             "--stable-after D",
                             "--connect-timeout D",
                             "--heartbeat ws|json|none",
                             "--heartbeat-interval D",
                             "--heartbeat-timeout D",
                             "--delivery at-least-once|at-most-once",
                             "--queue-messages N",
                             "--queue-bytes N",
                             "--overflow wait|reject|drop-oldest|drop-newest",
                             "--ttl D",
                             "--session auto|require|off",
                             "--header 'K: V'",
                             "--subprotocol NAME",
                             "--max-message-bytes N",
                             "--compress",
                             "--ca FILE",
                             "--cert FILE",
                             "--key FILE",
                             "--insecure",
                             "--drain-timeout D",
                             "--linger D",
                             "--keep-open",
                             "--spill FILE",
                             "--binary",
                             "--status line|plain|json|none"})
    BOOST_TEST(has(text, option), option);
  for (const char* value : {"[1s]", "[30s]", "[full]", "[100000]", "[64MiB]", "[16MiB]", "[none]", "[auto]"})
    BOOST_TEST(has(text, value), value);
}

BOOST_AUTO_TEST_CASE(faults_reads_its_addresses_and_options) {
  auto c = read({"faults", "[::1]:0", "localhost:9001", "--seed", "18446744073709551615", "--every", "500ms",
                 "--duration", "1m", "--log", "json"});
  const auto& f = std::get<faults_settings>(c);
  BOOST_TEST(f.listen == "[::1]:0");
  BOOST_TEST(f.target == "localhost:9001");
  BOOST_TEST((f.seed == 18446744073709551615U && f.script.empty()));
  BOOST_TEST((f.every == milliseconds(500) && f.length == minutes(1) && f.log == fault_log::json));
  c = read({"faults", "127.0.0.1:0", "127.0.0.1:1", "--seed", "0"});
  const auto& d = std::get<faults_settings>(c);
  BOOST_TEST((d.every == seconds(2) && d.length == duration::zero() && d.log == fault_log::text));
}

BOOST_AUTO_TEST_CASE(faults_needs_either_a_script_or_a_seed) {
  const char* const either = "say which faults: either --script FILE or --seed N";
  BOOST_TEST(has(wrong({"faults", "127.0.0.1:0", "127.0.0.1:1"}), either));
  BOOST_TEST(has(wrong({"faults", "127.0.0.1:0", "127.0.0.1:1", "--seed", "1", "--script", "/dev/null"}), either));
  BOOST_TEST(has(wrong({"faults", "127.0.0.1:0", "127.0.0.1:1", "--seed", "x"}), "'x' is not a number from 0 to"));
}

BOOST_AUTO_TEST_SUITE_END()
