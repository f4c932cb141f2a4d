// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One simulated connection, and the handle that a script has on its server's end.
#include "testing/wire.hpp"

#include "testing/network_core.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace tautline::testing {

namespace detail {

namespace {

constexpr duration longest_delay = std::chrono::seconds(10);

step step_of(frame::type what) {
  using type = frame::type;
  switch (what) {
    case type::ping: return step::ping;
    case type::pong: return step::pong;
    case type::close:
    case type::fin: return step::close;
    case type::text:
    case type::binary:
    case type::invalid: break;
  }
  return step::data;
}
}  // namespace

wire::wire(std::shared_ptr<network_core> core, std::shared_ptr<host_state> host, std::string client, unsigned number)
    : core_(std::move(core)),
      host_(std::move(host)),
      client_name_(std::move(client)),
      number_(number),
      up_(*this, direction::up),
      down_(*this, direction::down),
      client_(core_->shared_time(), down_, up_),
      server_(core_->shared_time(), up_, down_) {}

const path_options& wire::path() const noexcept { return host_->path; }

bool wire::silent(direction way) const {
  return silenced_ || host_->silent(way) || core_->parted(client_name_, host_->name, way);
}

void wire::healed() {
  up_.resume();
  down_.resume();
}

void wire::reset() {
  up_.die();
  down_.die();
  client_.fail(asio::error::connection_reset);
  server_.fail(asio::error::connection_reset);
}

interference wire::meddled(step what, direction way, const std::string& payload) {
  network_event e;
  e.what = what;
  e.way = way;
  e.host = host_->name;
  e.connection = number_;
  e.client = client_name_;
  const auto how = core_->event(std::move(e), payload);
  if (how == interference::reset) reset();
  if (how == interference::silence) silenced_ = true;
  if (how == interference::orphan) {
    way_of(way).stall(core_->jitter(longest_delay));
    sender(way).fail(asio::error::connection_reset);
  }
  return how;
}

void wire::flushing(direction way) {
  const auto& end = sender(way);
  if (end.failure() || !end.out().has_more_to_hand_over()) return;
  (void)meddled(step::flush, way, {});
}

void wire::frame_arrived(direction way, frame f) {
  auto& end = receiver(way);
  if (end.failure()) return;
  const auto how = meddled(step_of(f.what), way, f.payload);
  if (how == interference::reset || silenced_) return;
  if (how == interference::orphan) return way_of(way).put_back(std::move(f));
  end.frame_arrived(std::move(f));
}

}  // namespace detail

simulated_peer::simulated_peer(std::shared_ptr<detail::wire> w) noexcept : wire_(std::move(w)) {}

unsigned simulated_peer::number() const noexcept { return wire_->number(); }
bool simulated_peer::open() const noexcept { return !wire_->server().failure(); }

namespace {
void send_now(detail::endpoint& end, detail::frame f) {
  (void)end.write(std::move(f));
  const detail::endpoint::flusher at_once(end);
}
}  // namespace

void simulated_peer::send(const message& m) {
  const auto type = m.is_text() ? detail::frame::type::text : detail::frame::type::binary;
  send_now(wire_->server(), detail::frame(type, std::string(m.payload())));
}

void simulated_peer::ping(std::string_view payload) {
  send_now(wire_->server(), detail::frame(detail::frame::type::ping, std::string(payload)));
}

void simulated_peer::pong(std::string_view payload) {
  send_now(wire_->server(), detail::frame(detail::frame::type::pong, std::string(payload)));
}

void simulated_peer::close(std::uint16_t code, std::string_view reason) { wire_->server().send_close(code, reason); }

void simulated_peer::reset() { wire_->reset(); }

void simulated_peer::drop() { wire_->server().finish(); }

void simulated_peer::misbehave(errc why) {
  detail::frame f(detail::frame::type::invalid, {});
  f.fault = why;
  send_now(wire_->server(), std::move(f));
}

}  // namespace tautline::testing
