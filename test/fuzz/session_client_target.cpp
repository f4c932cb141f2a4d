// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A client's link whose server is hostile: the bytes are what that server says, what the application
// does, and when time passes. Whatever comes, every message of the application has one outcome,
// and nothing of a session is delivered twice.
#include <tautline/link.hpp>
#include <tautline/testing/simulated_network.hpp>
#include <tautline/testing/virtual_time.hpp>

#include "delivery/session_codec.hpp"
#include "session_words.hpp"
#include "target.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace {

using namespace tautline;
using namespace std::chrono_literals;
using delivery::hello;
using fuzz::decisions;
using tautline::link;

options client_options(decisions& d) {
  options o("ws://server/");
  const unsigned choice = d.byte();
  o.session = (choice & 1U) != 0 ? session_use::automatic : session_use::require;
  o.delivery.mode = (choice & 2U) != 0 ? delivery_mode::at_most_once : delivery_mode::at_least_once;
  o.delivery.resume = (choice & 4U) != 0 ? resume_use::required : resume_use::allowed;
  o.delivery.responsibility = static_cast<responsibility>(choice / 8 % 3);
  o.backoff.max_attempts = unlimited;
  o.backoff.initial = 10ms;
  o.backoff.max = 50ms;
  o.queue.max_messages = 50;
  o.inbox.max_messages = 4 + choice / 32;
  o.max_message_bytes = 4'096;
  return o;
}

class world {
 public:
  explicit world(decisions& d)
      : d_(d), time_(std::make_shared<testing::virtual_time>(io_)), net_(time_, 1), host_(net_.host("server")) {
    host_.speaks("tautline.v1");
    host_.on_open([this](testing::simulated_peer p) { peer_ = p; });
    host_.on_message([this](testing::simulated_peer, const testing::arrival& a) { remember(a); });
    link_.emplace(io_.get_executor(), client_options(d), net_.make_environment());
    start();
  }

  void run() {
    for (int steps = 0; !d_.over() && steps < 80; ++steps) {
      step();
      check();
    }
    time_->run_for(1s);
    check();
    link_->cancel();
    time_->run_for(1s);
    (void)link_->take_undelivered();
    time_->run_for(1s);
    const auto m = link_->metrics();
    fuzz::expect(m.pending == 0, "what was taken out is not pending");
    check();
  }

 private:
  void start() {
    running_ = true;
    link_->async_run([this](error_code) { running_ = false; });
    receive();
  }

  void receive() {
    link_->async_receive([this](error_code ec, message m) {
      if (ec) return;
      const auto id = m.id();
      if (id.seq != 0) {
        const bool is_new = seen_.emplace(std::string(id.origin), id.seq).second;
        fuzz::expect(is_new, "nothing of a session is delivered twice");
      }
      if (kept_.size() < 20) kept_.push_back(std::move(m));
      receive();
    });
  }

  void remember(const testing::arrival& a) {
    delivery::control c;
    if (a.kind != payload_kind::text || !delivery::decode_control(a.payload, c).empty()) return;
    if (const auto* h = std::get_if<hello>(&c)) hello_ = *h;
  }

  void say(payload_kind kind, std::string text) {
    if (peer_) peer_->send(message(kind, std::move(text)));
  }

  // One that fits the hello, but for what the bytes change.
  std::string welcome() {
    delivery::welcome w;
    const unsigned lie = d_.byte();
    w.resumed = !hello_.session.empty() && (lie & 1U) == 0;
    w.session = w.resumed ? hello_.session : "session " + std::to_string(++sessions_);
    if (!w.resumed) w.reason = hello_.session.empty() ? "new" : "expired";
    w.from = w.resumed ? hello_.recv + 1 : 1;
    w.recv = hello_.from - 1;
    w.window = delivery::session_window(1 + d_.byte() % 32, 1 + d_.number());
    if ((lie & 2U) != 0) w.recv = d_.number();
    if ((lie & 4U) != 0) w.from = 1 + d_.number();
    if ((lie & 8U) != 0) w.previous = delivery::session_counters(d_.number(), d_.number());
    if ((lie & 16U) != 0) w.session = "session " + std::to_string(d_.byte() % 4);
    if ((lie & 32U) != 0) w.heartbeat_ms = 1 + d_.number();
    if ((lie & 64U) != 0) w.max_message_bytes = 1 + d_.number();
    return delivery::encode(w);
  }

  void step() {
    switch (d_.below(16)) {
      case 0:
      case 1: say(payload_kind::text, welcome()); break;
      case 2:
      case 3:
      case 4: say(payload_kind::binary, fuzz::data_message(d_)); break;
      case 5:
      case 6: say(payload_kind::text, fuzz::control_message(d_)); break;
      case 7: say(payload_kind::binary, std::string(d_.bytes(d_.byte()))); break;
      case 8: end_connection(); break;
      case 9: (void)link_->try_send(message("m" + std::to_string(++sent_))); break;
      case 10:
      case 11: time_->run_for(std::chrono::milliseconds(d_.byte())); break;
      case 12: time_->run_for(std::chrono::seconds(d_.byte())); break;
      case 13:
        if (!kept_.empty()) kept_[d_.below(static_cast<unsigned>(kept_.size()))].acknowledge();
        break;
      case 14: application(); break;
      default: network(); break;
    }
    time_->run_for(2ms);
  }

  void end_connection() {
    if (!peer_) return;
    switch (d_.below(4)) {
      case 0:
        peer_->close(static_cast<std::uint16_t>(d_.byte() % 2 == 0 ? 1000 + d_.byte() % 14 : 4400 + d_.byte() % 30));
        break;
      case 1: peer_->reset(); break;
      case 2: peer_->drop(); break;
      default: peer_->misbehave(errc::protocol_error); break;
    }
  }

  void network() {
    switch (d_.below(5)) {
      case 0: host_.answers_next(testing::answer::refuse()); break;
      case 1: host_.answers_next(testing::answer::http(503, std::chrono::seconds(d_.byte() % 4))); break;
      case 2: host_.answers_next(testing::answer::accept_and_reset()); break;
      case 3: host_.black_hole(testing::direction::both); break;
      default: host_.heal(); break;
    }
  }

  void application() {
    switch (d_.below(4)) {
      case 0: link_->retry_now(); break;
      case 1: link_->cancel(); break;
      case 2: link_->async_close([](error_code) {}); break;
      default:
        if (!running_) start();
        break;
    }
  }

  void check() {
    const auto m = link_->metrics();
    fuzz::expect(m.sent == m.delivered + m.unknown + m.not_sent + m.pending, "every message has one outcome");
    const auto s = link_->status();
    fuzz::expect(s.queued_messages + s.unconfirmed_messages <= 50, "the queue keeps its bound");
  }

  decisions& d_;
  boost::asio::io_context io_{1};
  std::shared_ptr<testing::virtual_time> time_;
  testing::simulated_network net_;
  testing::simulated_host host_;
  std::optional<testing::simulated_peer> peer_;
  std::optional<link> link_;
  hello hello_;
  std::vector<message> kept_;
  std::set<std::pair<std::string, std::uint64_t>> seen_;
  int sessions_ = 0, sent_ = 0;
  bool running_ = false;
};

void run(std::string_view bytes) {
  decisions d(bytes);
  world w(d);
  w.run();
}

const fuzz::target t("session_client", run);

}  // namespace
