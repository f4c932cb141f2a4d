// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Reconnect latency: the server ends the connection; the clock runs there until the first message of the
// application arrives on the next one. A floor, Beast by hand, tautline in plain mode and with a session
// that is resumed take turns, and so do the programs named by --peer.
//   bench_reconnect [--drop=reset|close|silence] [--tls=no|fresh|tickets] [--queued=1] [--rounds=300]
//                   [--peer=NAME=COMMAND ...] [--json]
// A peer is called as COMMAND reconnect URL MESSAGES CA_FILE HEARTBEAT_MS.
#include "phases.hpp"
#include "reconnect_clients.hpp"
#include "report.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <list>
#include <map>
#include <thread>

namespace {

using namespace bench::reconnect;

struct peer {
  std::string name, command;
};

std::vector<peer> peers_of(const bench::arguments& args) {
  std::vector<peer> out;
  for (const auto& text : args.values("--peer")) {
    const auto at = text.find('=');
    out.push_back({text.substr(0, at), text.substr(at + 1)});
  }
  return out;
}

client_plan plan_of(const bench::arguments& args, const bench::certificate& own) {
  client_plan p;
  const auto how = args.value("--drop", "reset");
  p.s.how = how == "silence" ? drop::silence : how == "close" ? drop::close : drop::reset;
  p.s.tls = args.value("--tls", "no") != "no";
  p.tickets = args.value("--tls") == "tickets";
  p.s.queued = args.number("--queued", 1);
  p.s.rounds = args.number("--rounds", 300);
  p.s.warm_up = std::max(3L, p.s.rounds / 6);
  p.trusted = &own;
  if (p.s.queued > 1) {
    p.s.hold = std::chrono::milliseconds(30);
    p.s.rest = std::chrono::milliseconds(150);  // longer than the interval of the barriers: all is confirmed
  }
  if (p.s.how == drop::silence) {
    p.s.warm_up = 1;
    p.s.rest = std::chrono::milliseconds(20);  // the connection is at rest by then
  }
  return p;
}

std::string measure_of(const bench::arguments& args, const client_plan& p) {
  const auto how = args.value("--drop", "reset");
  std::string name = how == "reset" ? "reconnect" : "reconnect after " + how;
  if (p.s.tls) name += p.tickets ? ", wss with tickets" : ", wss";
  if (p.s.queued > 1) name += fmt::format(", {} queued", p.s.queued);
  return name;
}

/// A temporary file with the certificate.
class saved {
 public:
  explicit saved(const bench::certificate& c) {
    if (const int fd = ::mkstemp(path_.data()); fd >= 0) ::close(fd);
    c.save(path_);
  }
  saved(const saved&) = delete;
  saved& operator=(const saved&) = delete;
  ~saved() { ::unlink(path_.c_str()); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_ = "/tmp/tautline-bench-XXXXXX";
};

/// The compiled-in clients that are wanted, and the peers, each with a name and a port.
class contest {
 public:
  contest(const client_plan& p, const std::vector<std::string>& own, const std::vector<peer>& peers,
          const std::string& ca_file)
      : plan_(p), names_(own), ca_file_(ca_file) {
    for (const auto& other : peers) names_.push_back(other.name);
    std::vector<bool> sessions;
    for (const auto& n : names_) sessions.push_back(n == "tautline session" || n == noted_session);
    server_.emplace([&](int fd) { serve(plan_.s, sessions, *plan_.trusted, fd); });
    for (std::size_t i = 0; i < names_.size(); ++i) ports_.push_back(server_->read<std::uint16_t>());
    for (std::size_t i = 0; i < own.size(); ++i) start(own[i], ports_[i]);
    for (std::size_t i = 0; i < peers.size(); ++i) start_peer(peers[i].command, ports_[own.size() + i]);
    worker_ = std::thread([this] { io_.run(); });
  }
  contest(const contest&) = delete;
  contest& operator=(const contest&) = delete;
  ~contest() { stop(); }

  // Two more that take turns with the others, for the phases: what notes them has its own cost.
  static constexpr const char* noted_session = "tautline session, noted";
  static constexpr const char* noted_plain = "tautline, noted";
  [[nodiscard]] static bool is_noted(const std::string& name) { return name == noted_session || name == noted_plain; }

  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  [[nodiscard]] const bench::step_log& steps(const std::string& name) const { return steps_.at(name); }
  /// By client.
  std::vector<std::vector<sample>> run() {
    std::vector<std::vector<sample>> out(names_.size());
    for (long i = 0; i < plan_.s.rounds; ++i)
      for (auto& of : out) of.push_back(server_->read<sample>());
    stop();
    return out;
  }

 private:
  void stop() {
    io_.stop();
    if (worker_.joinable()) worker_.join();
  }
  void start(const std::string& name, std::uint16_t port) {
    if (name == "floor") {
      std::thread([port, p = plan_] { raw_client(port, p); }).detach();
    } else if (name == "beast") {
      asio::co_spawn(io_, beast_by_hand(port, plan_), asio::detached);
    } else {
      using tautline::session_use;
      const bool plain = name == "tautline" || name == noted_plain;
      auto o = tautline_options(port, plan_, plain ? session_use::off : session_use::require, ca_file_);
      auto env = is_noted(name) ? bench::noting_environment(o, steps_[name]) : tautline::environment();
      auto& l = links_.emplace_back(io_.get_executor(), o, env);
      l.async_run([](tautline::error_code) {});
      asio::co_spawn(io_, bench::talk_when_down(l, words, plan_.s.queued), asio::detached);
    }
  }
  void start_peer(const std::string& command, std::uint16_t port) {
    const auto heartbeat = plan_.s.how == drop::silence ? std::chrono::milliseconds(heartbeat_interval).count() : 0;
    const auto whole = fmt::format("exec {} reconnect {}://127.0.0.1:{}/ {} {} {}", command, plan_.s.tls ? "wss" : "ws",
                                   port, plan_.s.queued, ca_file_, heartbeat);
    processes_.emplace_back([&](int) { ::execl("/bin/sh", "sh", "-c", whole.c_str(), nullptr); });
  }

  client_plan plan_;
  std::vector<std::string> names_;
  std::string ca_file_;
  std::map<std::string, bench::step_log> steps_;  ///< of those that are noted
  std::vector<std::uint16_t> ports_;
  std::optional<bench::child> server_;
  std::list<bench::child> processes_;
  asio::io_context io_{1};
  std::list<tautline::link> links_;
  std::thread worker_;
};

std::vector<double> in_ms(const std::vector<sample>& all, double sample::* what) {
  std::vector<double> out;
  for (const auto& s : all) out.push_back(s.*what * 1e3);
  return out;
}

// The mean of each phase: their sum is the mean of the whole. In plain mode nothing is resumed.
void report_phases(const bench::arguments& args, const client_plan& p, const bench::step_log& steps, bool session,
                   const std::vector<sample>& all) {
  constexpr std::array names = {"detect", "wait",          "resolve",           "TCP", "TLS", "upgrade",
                                "resume", "first message", "all that is queued"};
  std::array<std::vector<double>, names.size()> parts;
  for (const auto& s : all) {
    const auto* const client = bench::after(steps, s.drop);
    if (client == nullptr) continue;
    const double up = client->connected - s.drop - bench::in_seconds(p.s.hold);
    const double resumed = session ? s.hello : up;
    const std::array<double, names.size()> seconds = {
        client->noticed - s.drop,
        client->started - client->noticed,
        client->resolve,
        client->tcp,
        client->tls,
        up - (client->started - s.drop) - client->resolve - client->tcp - client->tls,
        resumed - up,
        s.first - resumed,
        s.last - s.first};
    for (std::size_t i = 0; i < seconds.size(); ++i) parts[i].push_back(seconds[i] * 1e3);
  }
  const auto measure = measure_of(args, p) + (session ? ", phases" : " in plain mode, phases");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = names[i];
    if ((name == "all that is queued" && p.s.queued == 1) || (name == "resume" && !session)) continue;
    bench::report(args, measure, names[i], "ms", parts[i]);
  }
}

void report_contest(const bench::arguments& args, const client_plan& p, contest& c) {
  const auto measure = measure_of(args, p);
  const auto results = c.run();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& name = c.names()[i];
    const auto lost = [](const sample& s) { return s.failed; };
    if (std::any_of(results[i].begin(), results[i].end(), lost)) {
      std::fprintf(stderr, "%s: %s did not come back\n", measure.c_str(), name.c_str());
      continue;
    }
    if (contest::is_noted(name)) {
      report_phases(args, p, c.steps(name), name == contest::noted_session, results[i]);
      continue;
    }
    bench::report(args, measure, name, "ms", in_ms(results[i], &sample::first));
    if (p.s.queued > 1) bench::report(args, measure + ", all", name, "ms", in_ms(results[i], &sample::last));
    const auto used =
        std::count_if(results[i].begin(), results[i].end(), [](const sample& s) { return s.ticket_used; });
    if (p.tickets && used != p.s.rounds)
      std::fprintf(stderr, "%s: %s used a ticket %ld times of %ld\n", measure.c_str(), name.c_str(), used, p.s.rounds);
  }
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  const bench::arguments args(argc, argv);
  const bench::certificate own;
  const saved file(own);
  const auto p = plan_of(args, own);
  std::vector<std::string> clients = {
      "floor", "beast", "tautline", "tautline session", contest::noted_session, contest::noted_plain};
  const auto peers = peers_of(args);
  if (p.s.how != drop::silence) {
    {
      contest c(p, clients, peers, file.path());
      report_contest(args, p, c);
    }
    ::unlink(file.path().c_str());
    ::_exit(0);  // the floor's thread never ends
  }
  // A client that is not being served would take that for silence too, so each has the server to itself.
  clients.erase(clients.begin());  // the floor has no heartbeat
  for (const auto& name : clients) {
    contest c(p, {name}, {}, file.path());
    report_contest(args, p, c);
  }
  for (const auto& other : peers) {
    contest c(p, {}, {other}, file.path());
    report_contest(args, p, c);
  }
}
