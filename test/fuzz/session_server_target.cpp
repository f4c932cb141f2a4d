// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A server whose clients are hostile: several connections at once, hellos of few origins, data, and time.
// Whatever comes, nothing of an origin is delivered twice, and the server stays within its bounds.
#include <tautline/server.hpp>
#include <tautline/testing/simulated_network.hpp>
#include <tautline/testing/virtual_time.hpp>

#include "delivery/session_codec.hpp"
#include "server/server_impl.hpp"
#include "session_words.hpp"
#include "target.hpp"
#include "transport/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace {

using namespace tautline;
using namespace std::chrono_literals;
using fuzz::decisions;
using tautline::link;
namespace asio = boost::asio;

asio::awaitable<void> hand_over(std::shared_ptr<tautline::detail::server_impl> to, asio::any_io_executor strand,
                                environment env) {
  const transport::connect_request unused;
  transport::connect_result made = co_await env.connector->async_connect(strand, unused);
  if (made.conn) to->adopt(strand, std::move(made.conn));
}

// A client's bare connection, and what it was welcomed with.
struct client {
  std::shared_ptr<transport::connection> conn;
  delivery::welcome welcomed;
  bool over = false;
};

asio::awaitable<void> read_on(std::shared_ptr<client> c) {
  while (!c->over) {
    std::vector<message> came;
    const error_code ec = co_await c->conn->async_read(came, 10);
    for (const auto& m : came) {
      delivery::control what;
      if (m.kind() == payload_kind::text && delivery::decode_control(m.payload(), what).empty())
        if (const auto* w = std::get_if<delivery::welcome>(&what)) c->welcomed = *w;
    }
    if (ec) c->over = true;
  }
}

class world {
 public:
  explicit world(decisions& d)
      : d_(d), time_(std::make_shared<testing::virtual_time>(io_)), net_(time_, 1), host_(net_.host("server")) {
    server_options o;
    const unsigned choice = d_.byte();
    o.retain = std::chrono::seconds(1 + choice % 8);
    o.max_sessions = 2 + choice / 8 % 4;
    o.link.delivery.responsibility = static_cast<responsibility>(choice / 32 % 3);
    o.link.inbox.max_messages = 4;
    o.link.queue.max_messages = 20;
    o.link.max_message_bytes = 4'096;
    environment env;
    env.time = time_;
    env.random = std::make_shared<testing::seeded_random>(7);
    server_ = std::make_shared<tautline::detail::server_impl>(io_.get_executor(), std::move(o), std::move(env));
    host_.speaks("tautline.v1");
    host_.on_link([this](environment of_peer) {
      asio::any_io_executor strand = asio::make_strand(io_.get_executor());
      asio::co_spawn(strand, hand_over(server_, strand, std::move(of_peer)), asio::detached);
    });
    accept();
  }

  void run() {
    for (int steps = 0; !d_.over() && steps < 80; ++steps) {
      step();
      time_->run_for(2ms);
      check();
    }
    for (auto& c : clients_) c->conn->abort();
    time_->run_for(60s);
    check();
    server_->stop(asio::error::operation_aborted);
    for (auto& l : links_) l.cancel();
    time_->run_for(1s);
  }

 private:
  void accept() {
    auto handler = [this](error_code ec, link l) {
      if (ec) return;
      links_.push_back(std::move(l));
      links_.back().async_run([](error_code) {});
      receive(links_.back());
      accept();
    };
    server_->accept(tautline::detail::make_operation<void(error_code, link)>(std::move(handler), io_.get_executor()));
  }

  void receive(link& l) {
    l.async_receive([this, &l](error_code ec, message m) {
      if (ec) return;
      const auto id = m.id();
      if (id.seq != 0) {
        const bool is_new = seen_.emplace(&l, id.seq).second;
        fuzz::expect(is_new, "nothing of a session is delivered twice");
      }
      if (kept_.size() < 20) kept_.push_back(std::move(m));
      receive(l);
    });
  }

  void connect() {
    if (clients_.size() >= 8) return;
    auto env = net_.make_environment();
    auto connecting = [](world* w, environment e) -> asio::awaitable<void> {
      options opts("ws://server/");
      transport::connect_request request;
      request.url = "ws://server/";
      request.subprotocols = {"tautline.v1"};
      request.opts = &opts;
      request.time = w->time_;
      request.random = e.random;
      request.deadline = w->time_->now() + 5s;
      transport::connect_result made = co_await e.connector->async_connect(w->io_.get_executor(), request);
      if (!made.conn) co_return;
      auto c = std::make_shared<client>();
      c->conn = std::move(made.conn);
      w->clients_.push_back(c);
      asio::co_spawn(w->io_, read_on(c), asio::detached);
    };
    asio::co_spawn(io_, connecting(this, std::move(env)), asio::detached);
    time_->run_for(10ms);
  }

  std::string hello(const client& c) {
    delivery::hello h;
    const unsigned choice = d_.byte();
    h.origin = std::string(32, static_cast<char>('a' + choice % 3));
    h.token = std::string(64, static_cast<char>((choice & 64U) != 0 ? 'f' : 'a' + choice % 3));
    h.attach = (choice & 4U) != 0 ? d_.number() : ++attach_;
    if ((choice & 8U) != 0) h.session = last_session(c);
    h.recv = h.session.empty() ? 0 : d_.number();
    h.from = 1 + ((choice & 16U) != 0 ? d_.number() : 0);
    h.resume_required = (choice & 32U) != 0;
    h.window = delivery::session_window(1 + d_.byte() % 16, 1 + d_.number());
    return delivery::encode(h);
  }

  std::string last_session(const client& c) const {
    for (auto it = clients_.rbegin(); it != clients_.rend(); ++it)
      if (it->get() != &c && !(*it)->welcomed.session.empty()) return (*it)->welcomed.session;
    return "never heard of";
  }

  void step() {
    const unsigned what = d_.byte();
    if (what % 16 == 0 || clients_.empty()) return connect();
    const auto c = clients_[what / 16 % clients_.size()];
    switch (what % 16) {
      case 1:
      case 2: tell(c, payload_kind::text, hello(*c)); break;
      case 3:
      case 4:
      case 5: tell(c, payload_kind::binary, fuzz::data_message(d_)); break;
      case 6:
      case 7: tell(c, payload_kind::text, fuzz::control_message(d_)); break;
      case 8: tell(c, payload_kind::binary, std::string(d_.bytes(d_.byte()))); break;
      case 9: c->conn->abort(); break;
      case 10:
        if (!links_.empty()) (void)links_[d_.below(static_cast<unsigned>(links_.size()))].try_send(message("down"));
        break;
      case 11:
        if (!kept_.empty()) kept_[d_.below(static_cast<unsigned>(kept_.size()))].acknowledge();
        break;
      case 12: time_->run_for(std::chrono::milliseconds(d_.byte())); break;
      case 13: time_->run_for(std::chrono::seconds(d_.byte() % 20)); break;
      case 14:
        if (!links_.empty()) links_[d_.below(static_cast<unsigned>(links_.size()))].async_close([](error_code) {});
        break;
      default: std::erase_if(clients_, [](const auto& old) { return old->over; }); break;
    }
  }

  void tell(const std::shared_ptr<client>& c, payload_kind kind, const std::string& text) {
    if (c->conn->write(text, kind)) return;
    auto flush = [](std::shared_ptr<client> to) -> asio::awaitable<void> { (void)co_await to->conn->async_flush(0); };
    asio::co_spawn(io_, flush(c), asio::detached);
  }

  void check() {
    for (const auto& l : links_) {
      const auto m = l.metrics();
      fuzz::expect(m.sent == m.delivered + m.unknown + m.not_sent + m.pending, "every message has one outcome");
    }
  }

  decisions& d_;
  asio::io_context io_{1};
  std::shared_ptr<testing::virtual_time> time_;
  testing::simulated_network net_;
  testing::simulated_host host_;
  std::shared_ptr<tautline::detail::server_impl> server_;
  std::deque<link> links_;
  std::vector<std::shared_ptr<client>> clients_;
  std::vector<message> kept_;
  std::set<std::pair<const link*, std::uint64_t>> seen_;
  std::uint64_t attach_ = 0;
};

void run(std::string_view bytes) {
  decisions d(bytes);
  world w(d);
  w.run();
}

const fuzz::target t("session_server", run);

}  // namespace
