// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The public face of the server.
#include <tautline/server.hpp>

#include "server/server_impl.hpp"

#include <boost/system/system_error.hpp>

#include <utility>

namespace tautline {

namespace detail {

asio::any_io_executor executor_of(const server_impl& s) { return s.executor(); }

void start_accept(const server_ptr& s, operation_ptr<void(error_code, link)> op) { s->accept(std::move(op)); }

void start_drain(const server_ptr& s, duration window, operation_ptr<void(error_code)> op) {
  s->drain_peers(window, std::move(op));
}

}  // namespace detail

server::server(executor_type executor, server_options opts, environment env) {
  if (const auto fault = opts.validate()) throw boost::system::system_error(errc::invalid_options, *fault);
  impl_ = std::make_shared<detail::server_impl>(std::move(executor), std::move(opts), std::move(env));
  detail::abandon_with_context(impl_->executor(), impl_);
}

server::server(server&&) noexcept = default;

server& server::operator=(server&& other) noexcept {
  const server old(std::move(*this));
  impl_ = std::move(other.impl_);
  return *this;
}

server::~server() {
  if (impl_) impl_->stop(asio::error::operation_aborted);
}

server::executor_type server::get_executor() const noexcept { return impl_->executor(); }

error_code server::listen() { return impl_->listen(); }

asio::ip::tcp::endpoint server::local_endpoint() const { return impl_->local_endpoint(); }

std::string server::url() const { return impl_->url(); }

void server::adopt(asio::ip::tcp::socket socket) { impl_->adopt(std::move(socket), std::nullopt); }

void server::adopt(asio::ip::tcp::socket socket, upgrade_request request) {
  impl_->adopt(std::move(socket), std::move(request));
}

void server::cancel() { impl_->stop(errc::closed); }

server_metrics server::metrics() const { return impl_->metrics(); }

}  // namespace tautline
