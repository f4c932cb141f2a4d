// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The simulated network: answers, events and their trace.
#include <tautline/testing/simulated_network.hpp>

#include "testing/network_core.hpp"
#include "testing/simulated_connection.hpp"
#include "testing/wire.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace tautline::testing {

answer answer::accept() { return answer(); }

answer answer::fail(cause why) {
  answer a;
  a.failure_ = std::move(why);
  return a;
}

answer answer::refuse() {
  cause why;
  why.where = phase::connect;
  why.code = asio::error::connection_refused;
  return fail(std::move(why));
}

answer answer::unresolved() {
  cause why;
  why.where = phase::resolve;
  why.code = asio::error::host_not_found;
  return fail(std::move(why));
}

answer answer::hang(phase where) {
  answer a;
  a.hangs_ = where;
  return a;
}

answer answer::http(unsigned status, std::optional<duration> retry_after) {
  cause why;
  why.where = phase::upgrade;
  why.code = error_code(static_cast<int>(status), http_category());
  why.http_status = status;
  why.retry_after = retry_after;
  return fail(std::move(why));
}

answer answer::redirect(unsigned status, std::string location) {
  auto a = http(status);
  a.failure_->location = std::move(location);
  return a;
}

answer answer::accept_and_close(std::uint16_t code, std::string reason) {
  answer a;
  a.then_ = ending::close;
  a.code_ = code;
  a.reason_ = std::move(reason);
  return a;
}

answer answer::accept_and_reset() {
  answer a;
  a.then_ = ending::reset;
  return a;
}

answer answer::accept_and_drop() {
  answer a;
  a.then_ = ending::drop;
  return a;
}

std::string_view to_string(step s) noexcept {
  switch (s) {
    case step::resolve: return "resolve";
    case step::connect: return "connect";
    case step::tls: return "tls";
    case step::upgrade: return "upgrade";
    case step::flush: return "flush";
    case step::data: return "data";
    case step::ping: return "ping";
    case step::pong: return "pong";
    case step::close: return "close";
  }
  return "?";
}

namespace detail {

duration network_core::jitter(duration most) {
  if (most <= duration::zero()) return duration::zero();
  const auto range = static_cast<std::uint64_t>(most.count()) + 1;
  return duration(static_cast<duration::rep>(random_.next() % range));
}

std::string network_core::full_name(std::string_view authority) {
  std::string name(authority);
  if (authority.find(':') == std::string_view::npos) name += ":80";
  return name;
}

std::shared_ptr<host_state> network_core::host(std::string_view authority) {
  const auto name = full_name(authority);
  auto& state = hosts[name];
  if (!state) state = std::make_shared<host_state>(name);
  return state;
}

std::shared_ptr<host_state> network_core::find(std::string_view authority) const {
  if (const auto moved = addresses.find(authority); moved != addresses.end()) authority = moved->second;
  const auto found = hosts.find(authority);
  return found == hosts.end() ? nullptr : found->second;
}

void network_core::partition(const std::string& client, const std::string& host, direction d) {
  const auto [place, fresh] = partitions_.try_emplace({client, host}, d);
  if (!fresh && place->second != d) place->second = direction::both;
}

void network_core::heal(const std::string& client, const std::string& host) {
  if (partitions_.erase({client, host}) == 0) return;
  const auto found = hosts.find(host);
  if (found == hosts.end()) return;
  for (const auto& w : found->second->wires())
    if (w->client_name() == client) w->healed();
}

bool network_core::parted(std::string_view client, std::string_view host, direction way) const {
  if (partitions_.empty()) return false;
  const auto found = partitions_.find(std::pair(std::string(client), std::string(host)));
  return found != partitions_.end() && includes(found->second, way);
}

void network_core::mix(std::string_view bytes) noexcept {
  for (const char c : bytes) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
}

void network_core::mix(std::uint64_t number) noexcept {
  for (int i = 0; i < 8; ++i) hash_ = (hash_ ^ ((number >> (8 * i)) & 0xffU)) * 0x100000001b3U;
}

interference network_core::event(network_event e, std::string_view payload) {
  e.number = ++events_;
  mix(static_cast<std::uint64_t>(now().time_since_epoch().count()));
  mix((static_cast<std::uint64_t>(e.connection) << 16U) | (static_cast<std::uint64_t>(e.what) << 8U) |
      static_cast<std::uint64_t>(e.way));
  mix(e.host);
  mix(payload);
  return hook ? hook(e) : interference::none;
}

}  // namespace detail

simulated_network::simulated_network(std::shared_ptr<virtual_time> time, std::uint64_t seed)
    : core_(std::make_shared<detail::network_core>(std::move(time), seed)) {}

simulated_network::~simulated_network() = default;

environment simulated_network::make_environment(std::string_view client) {
  environment env;
  env.time = core_->shared_time();
  env.random = std::make_shared<seeded_random>(core_->seed_for_a_link());
  env.connector = std::make_shared<detail::simulated_connector>(core_, std::string(client));
  return env;
}

environment simulated_network::make_server_environment(std::string_view authority) {
  environment env;
  env.time = core_->shared_time();
  env.random = std::make_shared<seeded_random>(core_->seed_for_a_link());
  env.acceptor = std::make_shared<detail::simulated_acceptor>(core_->host(authority));
  return env;
}

simulated_host simulated_network::host(std::string_view authority) { return simulated_host(core_->host(authority)); }

void simulated_network::resolves(std::string_view name, std::string_view to) {
  core_->addresses[core_->full_name(name)] = core_->full_name(to);
}

void simulated_network::does_not_resolve(std::string_view name) { core_->addresses[core_->full_name(name)].clear(); }

void simulated_network::partition(std::string_view client, std::string_view authority, direction d) {
  core_->partition(std::string(client), core_->full_name(authority), d);
}

void simulated_network::heal(std::string_view client, std::string_view authority) {
  core_->heal(std::string(client), core_->full_name(authority));
}

void simulated_network::on_event(std::function<interference(const network_event&)> f) { core_->hook = std::move(f); }

void simulated_network::cut_at(std::uint64_t number, interference how) {
  core_->hook = [number, how](const network_event& e) { return e.number == number ? how : interference::none; };
}

std::uint64_t simulated_network::events() const noexcept { return core_->events(); }
std::uint64_t simulated_network::trace_hash() const noexcept { return core_->hash(); }

}  // namespace tautline::testing
