// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "server/session_registry.hpp"

#include "link/last_words.hpp"
#include "server/link_options.hpp"

#include <boost/asio/post.hpp>

#include <utility>
#include <variant>

namespace tautline::detail {
namespace {

using delivery::session_directory;

// Adding up costs a look at every session, and newcomers may come in thousands.
constexpr auto measure_interval = std::chrono::milliseconds(100);

std::string new_session_id(const environment& env) { return env.random->secret(16); }

delivery::directory_limits limits_of(const server_options& o) {
  delivery::directory_limits l;
  l.max_sessions = o.max_sessions;
  l.max_bytes = o.max_session_bytes;
  l.retry_after = o.retry_after;
  return l;
}

}  // namespace

session_registry::session_registry(asio::any_io_executor executor, asio::any_io_executor strand,
                                   std::shared_ptr<const server_options> opts, environment env, hooks h)
    : executor_(std::move(executor)),
      strand_(std::move(strand)),
      opts_(std::move(opts)),
      env_(std::move(env)),
      hooks_(std::move(h)),
      directory_(limits_of(*opts_)) {}

void session_registry::arrive(newcomer n) {
  const auto held = held_bytes();
  auto d = directory_.on_hello(n.hello, new_session_id(env_), env_.time->now(), held);
  act(std::move(n), std::move(d));
}

std::size_t session_registry::held_bytes() {
  const auto now = env_.time->now();
  if (now < measure_again_) return held_bytes_;
  measure_again_ = now + measure_interval;
  held_bytes_ = 0;
  for (const auto& [id, e] : live_)
    if (const auto link = e.link.lock()) held_bytes_ += held_bytes_of(*link);
  return held_bytes_;
}

void session_registry::forget(std::unordered_map<std::string, entry>::iterator which, session_end how) {
  live_.erase(which);
  if (hooks_.ended) hooks_.ended(how);
}

void session_registry::act(newcomer n, decision d) {
  if (const auto* why = std::get_if<session_directory::refuse>(&d)) return refuse(std::move(n), *why);
  if (auto* how = std::get_if<session_directory::attach>(&d)) return attach(std::move(n), std::move(*how));
  create(std::move(n), std::move(std::get<session_directory::create>(d)));
}

// A connection belongs to its strand, also in death: no reference to it stays behind here.
void session_registry::refuse(newcomer n, const session_directory::refuse& why) {
  delivery::session_error words(std::string(delivery::name_of(why.fault)), why.text);
  words.retry_after_ms = why.retry_after_ms;
  auto conn = std::exchange(n.conn, nullptr);
  asio::post(n.strand, [conn = std::move(conn), strand = n.strand, time = env_.time, fault = why.fault, words] {
    say_last_words(strand, *time, conn, fault, words, reads::over);
  });
  if (hooks_.refused) hooks_.refused(n, words.code + ": " + words.message);
}

void session_registry::drop(newcomer n) {
  const auto strand = n.strand;
  asio::post(strand, [conn = std::move(n.conn)] {});
}

session_terms session_registry::terms() const {
  session_terms t;
  t.heartbeat = opts_->link.heartbeat.interval;
  t.retain = opts_->retain;
  t.max_message_bytes = opts_->link.max_message_bytes;
  return t;
}

void session_registry::create(newcomer n, session_directory::create how) {
  session_setup setup;
  setup.id = how.id;
  setup.origin = n.hello.origin;
  setup.recv = how.recv;
  setup.terms = terms();
  setup.ledger = std::make_shared<session_ledger>();
  setup.over = [strand = strand_, weak = weak_from_this(), id = how.id](session_end end) {
    asio::post(strand, [weak, id, end] {
      if (const auto self = weak.lock()) self->over(id, end);
    });
  };
  entry e;
  e.origin = n.hello.origin;
  e.ledger = setup.ledger;
  auto here = env_;
  here.connector = std::make_shared<session_connector>(env_.time, opts_->retain);
  auto o = session_link_options(*opts_, n.url);
  const auto made = make_session_engine(executor_, n.strand, std::move(o), std::move(here), std::move(setup));
  e.link = made;
  live_.emplace(how.id, std::move(e));

  session_arrival arrival;
  arrival.hello = n.hello;
  arrival.reason = std::move(how.reason);
  arrival.previous = how.previous;
  if (hooks_.created) hooks_.created(n, made);
  offer_connection(made, std::move(n.conn), std::move(arrival), [](const std::shared_ptr<transport::connection>& conn) {
    conn->abort();  // the application has let go of the link already
  });
}

void session_registry::attach(newcomer n, session_directory::attach how) {
  const auto found = live_.find(how.id);
  const auto link = found == live_.end() ? nullptr : found->second.link.lock();
  if (!link) return replace(std::move(n), how.id);
  session_arrival arrival;
  arrival.hello = n.hello;
  arrival.previous = how.previous;
  if (hooks_.resumed) hooks_.resumed(n, link);
  // It comes back if the session cannot go on with it, from the strand that it was moved to.
  auto conn = std::exchange(n.conn, nullptr);
  auto back = [strand = strand_, weak = weak_from_this(), n, id = how.id](std::shared_ptr<transport::connection> c) {
    asio::post(strand, [weak, n, id, c]() mutable {
      const auto self = weak.lock();
      if (!self) return;
      c->move_to(n.strand);
      n.conn = std::move(c);
      if (self->hooks_.not_resumed) self->hooks_.not_resumed();
      self->replace(std::move(n), id);
    });
  };
  offer_connection(link, std::move(conn), std::move(arrival), std::move(back));
}

session_directory::seal session_registry::seal_of(const std::string& id) const {
  const auto found = live_.find(id);
  if (found == live_.end()) return [] { return delivery::session_counters(); };
  return [ledger = found->second.ledger] { return ledger->seal(); };
}

// The link has ended by then, and its counters are final.
void session_registry::replace(newcomer n, const std::string& old_id) {
  const auto found = live_.find(old_id);
  auto d = directory_.replace(n.hello, new_session_id(env_), old_id, seal_of(old_id), env_.time->now());
  if (found != live_.end()) forget(found, session_end::expired);
  act(std::move(n), std::move(d));
}

void session_registry::over(const std::string& id, session_end how) {
  const auto found = live_.find(id);
  if (found == live_.end()) return;
  if (how == session_end::agreed)
    directory_.end_agreed(found->second.origin, id, env_.time->now());
  else
    directory_.end(found->second.origin, id, session_directory::why::expired, seal_of(id), env_.time->now());
  forget(found, how);
}

void session_registry::leave_absent() {
  for (const auto& [id, e] : live_)
    if (const auto link = e.link.lock()) end_if_absent(link);
}

}  // namespace tautline::detail
