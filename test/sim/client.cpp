// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tautline::sim {

using namespace std::chrono_literals;
using testing::oracle;

std::string payload_of(std::string_view name, std::size_t size) {
  std::string p(name);
  p += ' ';
  if (p.size() < size) p.resize(size, 'x');
  return p;
}

std::string_view name_in(std::string_view payload) { return payload.substr(0, payload.find(' ')); }

client::client(surroundings& s, const link_plan& plan, std::size_t number, std::uint64_t seed)
    : s_(s),
      plan_(plan),
      number_(number),
      name_(fmt::format("c{}", number)),
      dice_(seed),
      ops_(name_, s.told, *s.time),
      oracle_(plan.promise) {
  make();
}

void client::make() {
  watch_.emplace(name_, plan_.options, plan_.window, s_.told, *s_.time);
  link_.emplace(s_.io.get_executor(), plan_.options, s_.net.make_environment(name_));
}

void client::begin() {
  run();
  schedule();
}

void client::run() {
  if (!link_ || closing_ || watch_->running()) return;
  s_.told.note(name_, "runs");
  watch_->run_began();
  link_->async_run(ops_.watch(
      "run",
      [this](error_code ec) {
        s_.told.note(name_, "run ended", static_cast<std::uint64_t>(ec.value()));
        ended_ = ec.message();
        watch_->run_ended(ec);
        if (!link_ || closing_) return;
        const auto rest = s_.calm ? duration(1ms) : dice_.between(1ms, 20s);
        s_.time->call_at(s_.time->now() + rest, [this] { run(); });
      },
      1s));
  receive();
  next_event();
}

void client::schedule() {
  const auto mean = plan_.action_interval;
  const auto next = s_.time->now() + dice_.between(mean / 10, mean * 2);
  s_.time->call_at(next, [this] {
    if (s_.calm || !link_) return;
    ++s_.actions;
    act();
    if (link_) schedule();
  });
}

void client::act() {
  const auto what = dice_.below(1000);
  if (what < 700) return send_some();
  if (what < 800) {
    const auto how = dice_.one_of<asio::cancellation_type>(
        {asio::cancellation_type::total, asio::cancellation_type::partial, asio::cancellation_type::terminal});
    return (void)ops_.cancel(static_cast<std::size_t>(dice_.next()), how);
  }
  if (what < 850) {
    paused_ = !paused_;
    return receive();
  }
  if (what < 920) return wait_for_something();
  act_on_run();
}

void client::act_on_run() {
  const auto what = dice_.below(100);
  if (what < 30) {
    s_.told.note(name_, "cancel");
    return link_->cancel();
  }
  if (what < 55) {
    s_.told.note(name_, "retry_now");
    if (link_->status().next_attempt_in) watch_->asked_to_retry();
    return link_->retry_now();
  }
  if (what < 80 && !watch_->running()) {
    s_.told.note(name_, "take_undelivered");
    return (void)link_->take_undelivered();
  }
  if (what < 92) return;
  if (what < 96) return close();
  destroy();
}

void client::destroy() {
  if (!link_) return;
  s_.told.note(name_, "destroyed");
  s_.forfeited_down += link_->metrics().received - watch_->handed();
  link_.reset();
}

void client::close() {
  if (!link_ || closing_) return;
  s_.told.note(name_, "closes");
  closing_ = true;
  watch_->closes();
  paused_ = false;
  receive();
  link_->async_close(ops_.watch("close", [this, in_calm = s_.calm](error_code ec) {
    s_.told.note(name_, "closed", static_cast<std::uint64_t>(ec.value()));
    closed_ = ec;
    if (in_calm && ec) s_.told.violated(name_, "a close in calm ended with " + ec.message());
  }));
}

message client::make_message(std::string& name, int& lane) {
  name = fmt::format("{}-{}", name_, ++sent_);
  const auto kind = dice_.below(100);
  const auto size = kind < 75   ? dice_.between(8, 100)
                    : kind < 96 ? dice_.between(100, 2000)
                                : dice_.between(2000, 20000);
  message m(dice_.chance(300) ? payload_kind::binary : payload_kind::text,
            payload_of(name, static_cast<std::size_t>(size)));
  lane = plan_.ordered ? oracle::normal_lane : oracle::no_lane;
  if (s_.calm) return m;
  if (dice_.chance(80)) {
    m.urgency(priority::urgent);
    if (lane == oracle::normal_lane) lane = oracle::urgent_lane;
  }
  if (dice_.chance(50)) {
    m.key(fmt::format("key{}", dice_.below(3)));
    lane = oracle::no_lane;
  }
  if (dice_.chance(50)) m.time_to_live(dice_.between(100ms, 30s));
  return m;
}

void client::send_some() {
  const auto burst = dice_.chance(50) ? dice_.between(20, 80) : dice_.between(1, 4);
  for (std::uint64_t i = 0; i < burst; ++i) send_one(dice_.chance(300));
}

void client::send_one(bool wait) {
  std::string name;
  int lane = 0;
  auto m = make_message(name, lane);
  s_.told.note(name_, "sends", m.size(), name);
  if (!wait) {
    receipt r;
    const auto ec = link_->try_send(std::move(m), r);
    oracle_.sent(name, r, lane);
    taken_.sent(name, r);
    if (ec && !r.valid()) oracle_.ended(name, outcome::not_sent);
    if (r.valid()) last_ = r;
    return;
  }
  oracle_.sent(name, lane);
  const auto until = dice_.one_of<stage>({stage::queued, stage::written, stage::delivered});
  auto done = [this, name](error_code ec, receipt r) {
    s_.told.note(name_, "send ended", static_cast<std::uint64_t>(ec.value()), name);
    if (!r.valid()) return s_.told.violated(name_, "a send without a receipt");
    oracle_.has_receipt(name, r);
    taken_.sent(name, r);
    last_ = std::move(r);
  };
  link_->async_send(std::move(m), until, ops_.watch("send", std::move(done)));
}

void client::wait_for_something() {
  if (last_.valid() && dice_.chance(500)) {
    const auto until = dice_.one_of<stage>({stage::written, stage::delivered});
    return last_.async_wait(until, ops_.watch("receipt", [](error_code, outcome) {}));
  }
  const auto state =
      dice_.one_of<link_state>({link_state::connected, link_state::reconnecting, link_state::disconnected});
  link_->async_wait(state, ops_.watch("wait", [](error_code) {}));
}

void client::receive() {
  if (!link_ || paused_ || receiving_) return;
  receiving_ = true;
  if (dice_.chance(200)) return receive_batch();
  link_->async_receive(ops_.watch("receive", [this](error_code ec, message m) {
    std::vector<message> one;
    if (!ec) one.push_back(std::move(m));
    received(ec, one);
  }));
}

void client::receive_batch() {
  const auto most = static_cast<std::size_t>(dice_.between(1, 20));
  link_->async_receive_batch(
      most, ops_.watch("receive", [this](error_code ec, const std::vector<message>& got) { received(ec, got); }));
}

void client::received(error_code ec, const std::vector<message>& got) {
  receiving_ = false;
  watch_->handed_out(got.size());
  for (const auto& m : got) s_.from_server(name_in(m.payload()), number_);
  if (ec && !watch_->running()) return;
  receive();
}

void client::next_event() {
  if (!link_ || listening_) return;
  listening_ = true;
  link_->async_next_event(ops_.watch("event", [this](error_code ec, const event& e) {
    listening_ = false;
    if (!ec) watch_->on_event(e);
    if (ec && !watch_->running()) return;
    next_event();
  }));
}

void client::took(std::string_view name, const taker& by) {
  s_.told.note(name, "arrived");
  (void)oracle_.received(name);
  if (const char* wrong = taken_.took(name, by)) s_.told.violated(name_, fmt::format("{} {}", name, wrong));
}

void client::connects(std::string_view authority) {
  taken_.attempt_begins(s_.time->now());
  watch_->on_attempt(authority, shown());
}

void client::calm_down() {
  if (!link_) return;
  paused_ = false;
  receive();
  next_event();
  run();
}

void client::check() {
  ops_.check();
  if (link_) watch_->check(*link_);
  check_senders();
}

void client::check_senders() {
  // The handler of a send that was let in may still be on its way; it takes no time.
  const bool in_vain = link_ && !closing_ && ops_.under_way("send") > 0 && link_->metrics().pending == 0;
  if (!in_vain) return waits_for_nothing_.reset();
  const auto now = s_.time->now();
  if (!waits_for_nothing_) waits_for_nothing_ = now;
  if (now - *waits_for_nothing_ < 1s) return;
  s_.told.violated(name_, "a send waits for room in a queue that is empty");
  waits_for_nothing_.reset();
}

bool client::drained() const {
  if (!link_ || closing_) return true;
  return link_->status().state == link_state::connected && link_->metrics().pending == 0 && ops_.under_way("send") == 0;
}

duration client::patience(duration most_retry_after) const {
  const auto& o = plan_.options;
  const auto wait = std::max(o.backoff.max, most_retry_after) + o.connect_timeout;
  return 2 * wait + o.heartbeat.interval + o.heartbeat.timeout + 2min;
}

void client::probe() {
  if (link_ && !closing_) send_one(false);
}

bool client::answered() const { return !link_ || closing_ || link_->metrics().pending == 0; }

std::string client::trouble() const {
  const auto s = link_->status();
  return fmt::format("{}, {} queued, {} unconfirmed, {} sends waiting, ended: {}, why: {}", to_string(s.state),
                     s.queued_messages, s.unconfirmed_messages, ops_.under_way("send"), ended_, s.why.describe());
}

}  // namespace tautline::sim
