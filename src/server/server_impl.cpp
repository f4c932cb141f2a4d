// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// From a socket to a link.
#include "server/server_impl.hpp"

#include "link/make_engine.hpp"
#include "link/strand.hpp"
#include "policy/session_name.hpp"
#include "server/address.hpp"
#include "server/handshake_state.hpp"
#include "server/link_options.hpp"
#include "server/log.hpp"
#include "server/single_connection.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace tautline::detail {

using asio::ip::tcp;

namespace {

/// Peers that are being told that there is no place for them. Beyond this number they are cut off
/// unanswered, so that they cannot pile up.
constexpr std::size_t max_refusals = 256;

environment with_defaults(environment env) {
  if (!env.time) env.time = real_time();
  if (!env.random) env.random = real_random();
  return env;
}

}  // namespace

server_impl::server_impl(asio::any_io_executor executor, server_options opts, environment env)
    : executor_(std::move(executor)),
      strand_(make_strand_of(executor_)),
      opts_(std::make_shared<const server_options>(std::move(opts))),
      env_(with_defaults(std::move(env))),
      people_(std::make_shared<census>()) {}

error_code server_impl::get_tls(std::shared_ptr<transport::tls_acceptor>& acceptor) {
  error_code ec;
  std::string detail;
  {
    const std::lock_guard lock(mutex_);
    if (!tls_ && !opts_->tls.certificate_file.empty()) tls_ = transport::make_tls_acceptor(opts_->tls, ec, detail);
    acceptor = tls_;
  }
  if (ec) log_line(opts_->link.log, log_level::error, [&] { return "server: TLS: " + ec.message() + ": " + detail; });
  return ec;
}

error_code server_impl::open_acceptor() {
  auto spoken = opts_->subprotocols;
  if (opts_->session) spoken.emplace(spoken.begin(), policy::session_subprotocol);
  return env_.acceptor->open(std::move(spoken), [weak = weak_from_this()](std::shared_ptr<transport::connection> c) {
    const auto self = weak.lock();
    if (self && !self->abandoned_) self->adopt(make_strand_of(self->executor_), std::move(c));
  });
}

error_code server_impl::listen() {
  if (abandoned_) return errc::closed;
  if (env_.acceptor) return open_acceptor();
  std::shared_ptr<transport::tls_acceptor> unused;
  error_code ec;
  const auto address = parse_listen_host(opts_->host, ec);
  if (!ec) ec = get_tls(unused);
  if (ec) return ec;
  const std::lock_guard lock(mutex_);
  if (endpoint_.port() != 0) return asio::error::already_open;
  auto l = std::make_shared<listener>(strand_, executor_, env_.time, opts_->link.log);
  ec = l->open(address, opts_->port);
  if (ec) return ec;
  endpoint_ = l->local_endpoint();
  port_holder_ = l;
  on_strand([l = std::move(l)](server_impl& self) mutable { self.open_listener(std::move(l)); });
  return {};
}

void server_impl::open_listener(std::shared_ptr<listener> l) {
  if (closed_) return;
  listener_ = std::move(l);
  listener_->start([weak = weak_from_this()](tcp::socket socket) {
    if (const auto self = weak.lock()) self->begin(std::move(socket), std::nullopt);
  });
}

tcp::endpoint server_impl::local_endpoint() const {
  const std::lock_guard lock(mutex_);
  return endpoint_;
}

std::string server_impl::url() const {
  if (env_.acceptor) return env_.acceptor->url();
  const auto endpoint = local_endpoint();
  if (endpoint.port() == 0) return {};
  return websocket_url(opts_->tls.certificate_file.empty() ? "ws" : "wss", endpoint);
}

void server_impl::adopt(tcp::socket socket, std::optional<upgrade_request> request) {
  if (abandoned_) return;
  // The socket moves from its owner's executor to a strand of its own.
  error_code ec;
  const auto protocol = socket.local_endpoint(ec).protocol();
  if (ec) return;
  const auto handle = socket.release(ec);
  if (ec) return;
  tcp::socket moved(make_strand_of(executor_));
  moved.assign(protocol, handle, ec);
  if (ec) {
    socket.assign(protocol, handle, ec);  // so that it gets closed
    return;
  }
  on_strand([s = std::move(moved), r = std::move(request)](server_impl& self) mutable {
    self.begin(std::move(s), std::move(r));
  });
}

void server_impl::adopt(asio::any_io_executor strand, std::shared_ptr<transport::connection> connection) {
  on_strand([strand = std::move(strand), c = std::move(connection)](server_impl& self) mutable {
    if (self.closed_) return;
    self.people_->count_accepted();
    const auto h =
        std::make_shared<handshake>(strand, self.opts_, self.people_->try_enter(self.opts_->max_connections));
    if (h->ticket) self.admit(h, std::move(c));
  });
}

void server_impl::begin(tcp::socket socket, std::optional<upgrade_request> request) {
  if (closed_) return;
  people_->count_accepted();
  error_code ec;
  const auto remote = socket.remote_endpoint(ec);
  auto h = std::make_shared<handshake>(socket.get_executor(), opts_, people_->try_enter(opts_->max_connections));
  h->remote = remote;
  h->request.already_read = std::move(request);
  if (!find_place(*h) || !choose_tls(*h)) return;
  spawn(h, std::move(socket));
}

bool server_impl::find_place(handshake& h) {
  if (h.ticket) return true;
  h.request.overloaded = true;
  if (refusing_ < max_refusals) {
    ++refusing_;
    return true;
  }
  people_->count_refused();
  log_line(opts_->link.log, log_level::warning,
           [&] { return "server: " + host_port(h.remote) + ": cut off, too many to refuse"; });
  return false;
}

bool server_impl::choose_tls(handshake& h) {
  // Who has read the request has also ended whatever TLS there was.
  if (h.request.already_read) return true;
  if (!get_tls(h.request.tls)) return true;
  people_->count_failed();
  return false;
}

void server_impl::spawn(const handshake_ptr& h, tcp::socket socket) {
  h->request.opts = h->opts.get();
  h->request.time = env_.time;
  h->request.deadline = env_.time->now() + opts_->handshake_timeout;
  handshakes_.insert(h);
  auto on_end = [weak = weak_from_this(), h = handshake_ptr(h)](std::exception_ptr failure,
                                                                transport::handshake_result result) mutable {
    const auto self = weak.lock();
    if (!self) return;
    self->on_strand([h = std::move(h), failure, result = std::move(result)](server_impl& s) mutable {
      s.finish(h, failure, std::move(result));
    });
  };
  auto request = std::shared_ptr<transport::handshake_request>(h, &h->request);
  asio::co_spawn(h->strand, transport::async_handshake(h->strand, std::move(socket), std::move(request)),
                 asio::bind_executor(h->strand, std::move(on_end)));
}

void server_impl::finish(const handshake_ptr& h, std::exception_ptr failure, transport::handshake_result result) {
  handshakes_.erase(h);
  if (h->request.overloaded) --refusing_;
  if (failure) result.why = errc::protocol_error;
  if (!result.conn) return count_end(*h, result);
  if (closed_) {
    // A connection belongs to its strand, also in death.
    asio::post(h->strand, [connection = std::move(result.conn)] {});
    return;
  }
  admit(h, std::move(result.conn));
}

void server_impl::admit(const handshake_ptr& h, std::shared_ptr<transport::connection> connection) {
  if (connection->info().subprotocol == policy::session_subprotocol) return await_hello(h, std::move(connection));
  arrive(make_link(*h, std::move(connection)));
}

void server_impl::count_end(const handshake& h, const transport::handshake_result& result) {
  if (!result.why) return;
  const bool refused = result.why == errc::refused || result.why == errc::overloaded;
  if (refused) people_->count_refused();
  if (!refused) people_->count_failed();
  log_line(opts_->link.log, log_level::info, [&] {
    auto text = "server: " + host_port(h.remote) + ": " + result.why.message();
    if (!result.detail.empty()) text += ": " + result.detail;
    return text;
  });
}

link server_impl::make_link(handshake& h, std::shared_ptr<transport::connection> connection) {
  auto opts = std::make_shared<const options>(link_options(*opts_, peer_url(h, connection->info())));
  auto here = env_;
  here.connector = std::make_shared<single_connection_connector>(counted(std::move(connection), std::move(h.ticket)));
  auto engine = make_engine(executor_, h.strand, std::move(opts), std::move(here));
  people_->became_link(h.number, engine);
  return link(std::move(engine));
}

void server_impl::arrive(link peer) {
  if (accepts_.empty()) {
    ready_.push_back(std::move(peer));
    return;
  }
  auto op = std::move(accepts_.front());
  accepts_.pop_front();
  accept_operation::complete(std::move(op), {}, std::move(peer));
}

void server_impl::accept(operation_ptr<void(error_code, link)> op) {
  op->id = ++last_id_;
  op->on_cancel(
      [weak = weak_from_this(), id = op->id](asio::cancellation_type) {
        if (const auto self = weak.lock()) self->on_strand([id](server_impl& s) { s.cancel_accept(id); });
      },
      [weak = weak_from_this()](error_code ec, link peer) {
        const auto self = weak.lock();
        if (ec || !self) return;
        self->on_strand([p = std::move(peer)](server_impl& s) mutable { s.take_back(std::move(p)); });
      });
  on_strand([o = std::move(op)](server_impl& self) mutable { self.add_accept(std::move(o)); });
}

void server_impl::add_accept(operation_ptr<void(error_code, link)> op) {
  if (closed_) return accept_operation::complete(std::move(op), errc::closed, link());
  if (ready_.empty()) {
    accepts_.push_back(std::move(op));
    return;
  }
  auto peer = std::move(ready_.front());
  ready_.pop_front();
  accept_operation::complete(std::move(op), {}, std::move(peer));
}

void server_impl::cancel_accept(std::uint64_t id) {
  const auto found = std::find_if(accepts_.begin(), accepts_.end(), [id](const auto& op) { return op->id == id; });
  if (found == accepts_.end()) return;
  auto op = std::move(*found);
  accepts_.erase(found);
  accept_operation::complete(std::move(op), asio::error::operation_aborted, link());
}

void server_impl::take_back(link peer) {
  if (closed_) return;
  if (accepts_.empty()) return ready_.push_front(std::move(peer));
  arrive(std::move(peer));
}

void server_impl::stop(error_code why) {
  std::shared_ptr<listener> holder;
  {
    const std::lock_guard lock(mutex_);
    holder = port_holder_.lock();
  }
  if (holder) holder->let_go_of_port();
  holder.reset();
  on_strand([why](server_impl& self) {
    self.close(why);
    self.ready_.clear();
    if (why == asio::error::operation_aborted && self.drain_) self.drain_->end(why);
  });
}

void server_impl::close(error_code why) {
  closed_ = true;
  if (listener_) listener_->stop();
  if (env_.acceptor) env_.acceptor->close();
  for (auto& op : std::exchange(accepts_, {})) accept_operation::complete(std::move(op), why, link());
  for (const auto& h : handshakes_)
    asio::post(h->strand, [h] {
      if (h->request.call_off) h->request.call_off();
    });
}

void server_impl::drain_peers(duration window, operation_ptr<void(error_code)> op) {
  op->id = ++last_id_;
  op->on_cancel([weak = weak_from_this(), id = op->id](asio::cancellation_type) {
    const auto self = weak.lock();
    if (!self) return;
    self->on_strand([id](server_impl& s) {
      if (s.drain_) s.drain_->cancel_wait(id);
    });
  });
  on_strand([window, o = std::move(op)](server_impl& self) mutable { self.start_drain(window, std::move(o)); });
}

void server_impl::start_drain(duration window, operation_ptr<void(error_code)> op) {
  close(errc::closed);
  if (sessions_) sessions_->leave_absent();
  if (!drain_) {
    drain_ = std::make_shared<drain>(strand_, env_.time, people_);
    run_unclaimed([window](server_impl& self) {
      if (self.drain_) self.drain_->start(window, self.opts_->link.close_timeout);
    });
  }
  drain_->wait(std::move(op));
}

// A link has to be up in order to say goodbye. `then` runs when the last of them is.
template <class Then>
void server_impl::run_unclaimed(Then then) {
  const auto last_one = std::shared_ptr<void>(nullptr, [weak = weak_from_this(), then](void*) {
    if (const auto self = weak.lock()) self->on_strand(then);
  });
  for (auto& peer : std::exchange(ready_, {})) {
    auto kept = std::make_shared<link>(std::move(peer));
    kept->async_run([kept](error_code) {});
    kept->async_wait(link_state::connected, [last_one](error_code) {});
  }
}

void server_impl::abandon() noexcept {
  abandoned_ = true;
  // Their handlers may own the server: they go last, and find everything else gone.
  const auto accepts = std::exchange(accepts_, {});
  const auto leaving = std::exchange(drain_, nullptr);
  people_->on_empty(nullptr);
  listener_.reset();
  handshakes_.clear();
  ready_.clear();
  sessions_.reset();
  strand_ = asio::any_io_executor();
}

}  // namespace tautline::detail
