// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One attempt: where to, with what, through how many redirects.
#include "link/engine.hpp"
#include "policy/url.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace tautline::detail {
namespace {

constexpr int most_redirects = 5;

bool is_redirect(unsigned status) { return status == 301 || status == 302 || status == 307 || status == 308; }

// What a provider came up with. Shared, because a provider that takes too long is left alone.
struct provided {
  explicit provided(engine& e) : done(*e.time) {}
  wakeup done;
  bool ended = false;
  std::exception_ptr failure;
  target where;
  asio::cancellation_signal stop;
};

cause provider_failure(const std::exception_ptr& failure) {
  auto c = make_cause(phase::provider, errc::provider_failed);
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& x) {
    c.code = x.code() ? x.code() : make_error_code(errc::provider_failed);
  } catch (...) {
    c.detail = "the provider threw";  // its own words may hold a secret
  }
  return c;
}

// The peer is there, and speaks only plain WebSocket.
bool lacks_session(const engine& e, const transport::connection& conn) {
  return e.opts.session == session_use::require && conn.info().subprotocol != delivery::session_subprotocol;
}

cause without_session() { return make_cause(phase::session, errc::session_unavailable); }

asio::awaitable<target> call_provider(engine_ptr e, attempt_info info) {
  target t = co_await e->opts.provider(std::move(info));
  co_return t;
}

asio::awaitable<cause> ask_provider(engine_ptr e, time_point deadline, target& where) {
  attempt_info info;
  info.attempt = e->attempt;
  if (e->last_cause) info.last = *e->last_cause;
  const auto result = std::make_shared<provided>(*e);
  auto on_done = [result](std::exception_ptr failure, target t) {
    result->failure = failure;
    result->where = std::move(t);
    result->ended = true;
    result->done.notify();
  };
  auto bound = asio::bind_cancellation_slot(result->stop.slot(), asio::bind_executor(e->strand, std::move(on_done)));
  asio::co_spawn(e->strand, call_provider(e, std::move(info)), std::move(bound));
  e->asking = &result->done;
  while (!result->ended && !e->stopping() && e->time->now() < deadline) co_await result->done.wait_until(deadline);
  e->asking = nullptr;
  if (!result->ended) {
    result->stop.emit(asio::cancellation_type::terminal);
    co_return make_cause(phase::provider, errc::connect_timeout);
  }
  if (result->failure) co_return provider_failure(result->failure);
  where = std::move(result->where);
  co_return cause();
}

std::vector<header> merged(const std::vector<header>& base, const std::vector<header>& more) {
  auto out = base;
  for (const auto& h : more) {
    std::erase_if(out, [&](const header& o) { return boost::algorithm::iequals(o.name, h.name); });
    out.push_back(h);
  }
  return out;
}

void fill(transport::connect_request& r, const engine& e, target where) {
  r.url = std::move(where.url);
  r.headers = merged(e.opts.headers, where.headers);
  r.subprotocols = std::move(where.subprotocols);
  if (r.subprotocols.empty()) r.subprotocols = e.opts.subprotocols;
  if (e.offers_session()) r.subprotocols.emplace(r.subprotocols.begin(), delivery::session_subprotocol);
  r.opts = &e.opts;
  r.time = e.time;
  r.random = e.random;
}

bool same_origin(const std::string& a, const std::string& b) {
  policy::url x, y;
  std::string detail;
  if (policy::parse_url(a, x, detail) || policy::parse_url(b, y, detail)) return false;
  return boost::algorithm::iequals(x.host, y.host) && x.port == y.port;
}

// Credentials are for the host that they were meant for (RFC 9110, 15.4).
void follow(transport::connect_request& r, std::string next) {
  if (!same_origin(r.url, next))
    std::erase_if(r.headers, [](const header& h) {
      return boost::algorithm::iequals(h.name, "Authorization") || boost::algorithm::iequals(h.name, "Cookie");
    });
  r.url = std::move(next);
}

transport::connect_result failed(cause why) {
  transport::connect_result r;
  r.why = std::move(why);
  return r;
}

}  // namespace

asio::awaitable<transport::connect_result> make_attempt(engine_ptr e, std::string url) {
  transport::connect_request request;
  request.deadline = e->time->now() + e->opts.connect_timeout;
  target where;
  if (e->opts.provider) {
    e->publish_attempt({});
    cause refused = co_await ask_provider(e, request.deadline, where);
    if (refused) co_return failed(std::move(refused));
  } else if (url.empty()) {
    where.url = e->endpoints.current();
  }
  if (!url.empty()) where.url = std::move(url);
  fill(request, *e, std::move(where));
  for (int redirects = 0;; ++redirects) {
    e->publish_attempt(request.url);
    transport::connect_result made = co_await e->connector->async_connect(e->strand, request);
    if (made.conn && lacks_session(*e, *made.conn)) co_return failed(without_session());
    if (made.conn || !is_redirect(made.why.http_status)) co_return made;
    if (redirects == most_redirects) co_return failed(make_cause(phase::upgrade, errc::too_many_redirects));
    std::string next;
    if (const auto ec = policy::resolve_redirect(request.url, made.why.location, next)) {
      made.why.code = ec;
      co_return made;
    }
    follow(request, std::move(next));
  }
}

}  // namespace tautline::detail
