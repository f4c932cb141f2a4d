// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// From a connection that speaks tautline.v1 to its session's link.
#include "server/address.hpp"
#include "server/handshake_state.hpp"
#include "server/log.hpp"
#include "server/server_impl.hpp"
#include "server/single_connection.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>

#include <utility>

namespace tautline::detail {

std::string server_impl::peer_url(const handshake& h, const transport::connection_info& info) const {
  const char* scheme = info.tls ? "wss" : "ws";
  if (h.remote.port() != 0) return websocket_url(scheme, h.remote);
  return std::string(scheme) + "://" + (info.peer.empty() ? "peer" : info.peer);  // not from a socket of ours
}

session_registry& server_impl::sessions() {
  if (sessions_) return *sessions_;
  session_registry::hooks hooks;
  hooks.created = [this](const session_registry::newcomer& n, engine_ptr link) {
    people_->became_link(n.number, link);
    people_->count_session_opened();
    arrive(tautline::link(std::move(link)));
  };
  hooks.resumed = [this](const session_registry::newcomer& n, const engine_ptr& link) {
    people_->became_link(n.number, link);
    people_->count_session_resumed();
  };
  hooks.not_resumed = [this] { people_->count_not_resumed(); };
  hooks.ended = [this](session_end how) { people_->count_session_ended(how == session_end::agreed); };
  hooks.refused = [this](const session_registry::newcomer& n, const std::string& why) {
    people_->count_refused();
    log_line(opts_->link.log, log_level::info, [&] { return "server: " + n.url + ": " + why; });
  };
  sessions_ = std::make_shared<session_registry>(executor_, strand_, opts_, env_, std::move(hooks));
  return *sessions_;
}

// The hello has its own time: a connection that has got so far is worth some patience.
void server_impl::await_hello(const handshake_ptr& h, std::shared_ptr<transport::connection> connection) {
  auto conn = counted(std::move(connection), std::move(h->ticket));
  auto on_end = [weak = weak_from_this(), h, conn](std::exception_ptr failure, hello_result r) mutable {
    const auto self = weak.lock();
    if (!self) return;
    if (failure) r.gone = true;
    self->on_strand(
        [h, c = std::move(conn), r = std::move(r)](server_impl& s) mutable { s.on_hello(h, std::move(c), r); });
  };
  const auto limit = env_.time->now() + opts_->handshake_timeout;
  asio::co_spawn(h->strand, read_hello(h->strand, env_.time, std::move(conn), limit),
                 asio::bind_executor(h->strand, std::move(on_end)));
}

void server_impl::on_hello(const handshake_ptr& h, std::shared_ptr<transport::connection> connection,
                           const hello_result& r) {
  session_registry::newcomer n;
  n.number = h->number;
  n.strand = h->strand;
  n.url = peer_url(*h, connection->info());
  n.conn = std::move(connection);
  if (r.gone || closed_) {
    people_->count_failed();
    log_line(opts_->link.log, log_level::info, [&] { return "server: " + n.url + ": " + r.detail; });
    return session_registry::drop(std::move(n));
  }
  if (!r.hello) return sessions().refuse(std::move(n), delivery::session_directory::refuse(r.fault, r.detail));
  n.hello = *r.hello;
  sessions().arrive(std::move(n));
}

}  // namespace tautline::detail
