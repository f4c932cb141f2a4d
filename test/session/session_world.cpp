// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "session_world.hpp"

#include "transport/connection.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <utility>

namespace tautline::testing {
namespace {

asio::awaitable<void> hand_over(std::shared_ptr<tautline::detail::server_impl> to, asio::any_io_executor strand,
                                environment env) {
  const transport::connect_request unused;
  transport::connect_result made = co_await env.connector->async_connect(strand, unused);
  if (made.conn) to->adopt(strand, std::move(made.conn));
}

}  // namespace

options session_world::client_options() {
  options o("ws://server/");
  o.session = session_use::require;
  o.backoff.max_attempts = unlimited;
  o.backoff.initial = 100ms;
  o.backoff.max = 1s;
  return o;
}

server_options session_world::server_defaults() {
  server_options o;
  o.retain = 1min;
  return o;
}

session_world::session_world(options o, std::uint64_t seed) : net(time, seed) {
  host.speaks("tautline.v1");
  host.on_link([this](environment env) {
    asio::any_io_executor strand = asio::make_strand(io.get_executor());
    asio::co_spawn(strand, hand_over(server, strand, std::move(env)), asio::detached);
  });
  start_server();
  client.emplace(io.get_executor(), std::move(o), net.make_environment());
}

session_world::~session_world() = default;

void session_world::start_server(server_options o) {
  environment env;
  env.time = time;
  env.random = std::make_shared<seeded_random>(++starts);  // another process draws other names
  server = std::make_shared<tautline::detail::server_impl>(io.get_executor(), std::move(o), std::move(env));
  accept();
}

void session_world::restart_server(server_options o) {
  host.reset_all();
  server->stop(asio::error::operation_aborted);
  for (auto& p : peers) {
    if (std::exchange(p.gone, true)) continue;
    graveyard.insert(graveyard.end(), p.got.begin(), p.got.end());
    p.l.cancel();
    p.l = link();
  }
  start_server(std::move(o));
}

void session_world::accept() {
  auto handler = [this](error_code ec, link l) {
    if (ec) return;
    auto& p = peers.emplace_back(std::move(l));
    p.l.async_run([&p](error_code why) { p.ended = why; });
    if (on_peer) on_peer(p);
    receive(p);
    accept();
  };
  server->accept(tautline::detail::make_operation<void(error_code, link)>(std::move(handler), io.get_executor()));
}

void session_world::receive(peer_record& p) {
  if (p.paused || !p.l.valid()) return;
  p.l.async_receive([this, &p](error_code ec, message m) {
    if (ec) {
      p.received = ec;
      return;
    }
    p.got.emplace_back(m.payload());
    p.ids.push_back(m.id().seq);
    p.kept.push_back(std::move(m));
    receive(p);
  });
}

void session_world::run_client() {
  client_ended.reset();
  client->async_run([this](error_code ec) { client_ended = ec; });
  next_event();
  next_message();
}

void session_world::up() {
  run_client();
  BOOST_REQUIRE(until([&] { return client->status().state == link_state::connected; }));
}

receipt session_world::send(const std::string& text) {
  receipt r;
  BOOST_REQUIRE_EQUAL(client->try_send(message(text), r), error_code());
  return r;
}

void session_world::send_numbers(int first, int last) {
  for (int i = first; i <= last; ++i) (void)send(std::to_string(i));
}

void session_world::serve_numbers(int first, int last) {
  for (int i = first; i <= last; ++i)
    BOOST_REQUIRE_EQUAL(peers.back().l.try_send(message(std::to_string(i))), error_code());
}

void session_world::next_event() {
  client->async_next_event([this](error_code ec, event e) {
    if (ec) return;
    events.push_back(std::move(e));
    next_event();
  });
}

void session_world::next_message() {
  client->async_receive([this](error_code ec, message m) {
    if (ec) return;
    got.emplace_back(m.payload());
    next_message();
  });
}

std::size_t session_world::count(event_kind k) const {
  return static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(), [k](const event& e) { return e.kind == k; }));
}

const event& session_world::last(event_kind k) const {
  const auto found = std::find_if(events.rbegin(), events.rend(), [k](const event& e) { return e.kind == k; });
  BOOST_REQUIRE(found != events.rend());
  return *found;
}

std::vector<std::string> session_world::at_server() const {
  auto all = graveyard;
  for (const auto& p : peers)
    if (p.l.valid()) all.insert(all.end(), p.got.begin(), p.got.end());
  return all;
}

std::vector<std::string> numbers(int first, int last) {
  std::vector<std::string> all;
  for (int i = first; i <= last; ++i) all.push_back(std::to_string(i));
  return all;
}

}  // namespace tautline::testing
