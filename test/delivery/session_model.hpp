// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One client and one server that keep a session of tautline.v1 over connections which break anywhere,
// made of the pure classes alone. A seed is one run; any step may find that something is not true.
#ifndef TAUTLINE_TEST_DELIVERY_SESSION_MODEL_HPP
#define TAUTLINE_TEST_DELIVERY_SESSION_MODEL_HPP

#include "delivery/session_model_client.hpp"

namespace tautline::delivery::model {

/// What has happened in how many runs: a test that meets nothing proves nothing.
struct census {
  std::uint64_t resumes = 0, resets = 0, exact_resets = 0, messages = 0, duplicates = 0;
};

class world {
 public:
  explicit world(std::uint64_t seed) : world(chance(seed)) {}
  explicit world(chance c)
      : chance_(std::move(c)),
        disasters_(chance_.below(4)),
        client_habits_(some_client()),
        server_habits_(some_server()),
        client_(client_habits_, chance_),
        server_(client_.out, server_habits_, chance_) {}

  void run(census& sum) {
    for (auto steps = 40 + chance_.below(160); steps > 0; --steps) step();
    tell("now all is well");
    for (unsigned rounds = 0; !quiet(); ++rounds) {
      require(rounds < 2'000, "what is sent arrives when the network is well again");
      settle();
    }
    check_the_end();
    count(sum);
  }

 private:
  responsibility any_responsibility() { return static_cast<responsibility>(chance_.below(3)); }
  session_window any_window() { return {1 + chance_.below(6), 8 + chance_.below(120)}; }

  client_habits some_client() {
    client_habits h;
    h.window = any_window();
    h.when = any_responsibility();
    h.never_repeats = chance_.one_in(4);
    return h;
  }
  server_habits some_server() {
    server_habits h;
    h.window = any_window();
    h.when = any_responsibility();
    if (chance_.one_in(5)) h.max_ended = 0;
    if (chance_.one_in(3)) h.refuses_one_in = 1 + chance_.below(6);
    return h;
  }

  void step() {
    const auto what = chance_.below(1'000);
    if (what < 160)
      push();
    else if (what < 400)
      write();
    else if (what < 640)
      carry();
    else if (what < 800)
      applications();
    else if (what < 860)
      acknowledge_if_due();
    else if (what < 920)
      now_ += std::chrono::milliseconds(chance_.below(30));
    else if (what < 965)
      connect();
    else if (what < 985)
      break_off();
    else if (disasters_ > 0)
      disaster();
    if (!client_.connected() && chance_.one_in(4)) connect();
  }

  void push() {
    const duration ttl = chance_.one_in(5) ? std::chrono::milliseconds(1 + chance_.below(60)) : duration::zero();
    for (auto n = 1 + chance_.below(4); n > 0; --n) {
      const std::size_t padding = chance_.below(30);
      if (chance_.one_in(2))
        client_.out.push(++content_, padding, ttl, now_);
      else
        server_.push(++content_, padding, ttl, now_);
    }
  }
  void write() {
    const std::size_t messages = 1 + chance_.below(6);
    if (chance_.one_in(2))
      client_.write(messages, now_);
    else
      server_.write(messages, now_);
  }
  void applications() {
    for (auto n = 1 + chance_.below(3); n > 0; --n) {
      if (chance_.one_in(2)) (void)client_.consume(now_);
      if (chance_.one_in(2)) (void)server_.consume(now_);
      if (chance_.one_in(2)) (void)client_.application_acknowledges(now_);
      if (chance_.one_in(2)) (void)server_.application_acknowledges(now_);
    }
  }
  void acknowledge_if_due() {
    client_.acknowledge_if_due(now_);
    server_.acknowledge_if_due(now_);
  }

  // The network.

  void connect() {
    wires_.push_back(std::make_unique<wire>());
    client_.connect(*wires_.back(), now_);
  }
  void carry() {
    if (wires_.empty()) return;
    const std::size_t which = chance_.one_in(2) ? wires_.size() - 1 : chance_.below(wires_.size());
    carry(*wires_[which], chance_.one_in(2) ? SIZE_MAX : chance_.below(400));
    std::erase_if(wires_, [](const auto& w) { return w->left(wire::client) && w->left(wire::server); });
  }
  void carry(wire& w, std::size_t bytes) {
    if (chance_.one_in(2)) {
      w.carry(wire::server, bytes);
      server_.read(w, now_);
    } else {
      w.carry(wire::client, bytes);
      if (client_.connection() == &w) client_.read(server_, now_);
    }
  }
  void break_off() {
    if (chance_.one_in(2)) {
      if (client_.connected()) client_.leave();
    } else if (!wires_.empty()) {
      server_.break_off(*wires_.back());
    }
  }
  void disaster() {
    const auto what = chance_.below(5);
    if (what == 0 && disasters_ > 1)
      server_.restart(wires_);
    else if (what == 1 && disasters_ > 2)
      server_.forget_the_ended(wires_);
    else
      server_.expire(wires_, now_);
  }

  // The end.

  [[nodiscard]] bool quiet() { return client_.idle() && server_.idle(); }

  void settle() {
    now_ += std::chrono::milliseconds(25);
    if (!client_.connected()) connect();
    client_.write(100, now_);
    server_.write(100, now_);
    for (const auto& w : wires_) {
      w->carry(wire::server, SIZE_MAX);
      server_.read(*w, now_);
      w->carry(wire::client, SIZE_MAX);
      if (client_.connection() == w.get()) client_.read(server_, now_);
    }
    std::erase_if(wires_, [](const auto& w) { return w->left(wire::client) && w->left(wire::server); });
    while (client_.consume(now_)) continue;
    while (server_.consume(now_)) continue;
    while (client_.application_acknowledges(now_)) continue;
    while (server_.application_acknowledges(now_)) continue;
    acknowledge_if_due();
  }

  void check_the_end() {
    for (std::uint64_t n = 1; n <= client_.out.written(); ++n) {
      const sender::fate& f = client_.out.at(n);
      require(f.taken <= 1 || (f.may_repeat && !client_habits_.never_repeats),
              "what is taken over twice was uncertain");
      require(f.voided || f.taken > 0, "everything is taken over that did not expire");
      require(f.voided || f.handed > 0 || server_habits_.when == responsibility::received,
              "everything reaches the server's application that did not expire");
    }
    server_link* const last = server_.current();
    for (std::uint64_t n = 1; last && n <= last->out.written(); ++n) {
      const sender::fate& f = last->out.at(n);
      require(f.taken <= 1 && f.handed <= 1, "nothing reaches the client twice in one session");
      require(f.voided || f.handed == 1, "everything of the living session reaches the client's application");
    }
  }

  void count(census& sum) {
    sum.resumes += client_.resumes;
    sum.resets += client_.resets;
    sum.exact_resets += client_.exact_resets;
    sum.messages += client_.out.written();
    sum.duplicates += server_.duplicates();
  }

  chance chance_;
  std::uint64_t disasters_;  // 0: none ... 3: all kinds
  client_habits client_habits_;
  server_habits server_habits_;
  client_end client_;
  server_end server_;
  std::vector<std::unique_ptr<wire>> wires_;
  std::uint32_t content_ = 0;
  time_point now_{std::chrono::hours(1)};
};

}  // namespace tautline::delivery::model

#endif
