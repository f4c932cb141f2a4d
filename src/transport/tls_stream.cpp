// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "transport/tls_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <utility>

namespace tautline::transport {
namespace {

constexpr auto as_value = asio::as_tuple(asio::use_awaitable);

int sink_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto* const sink = static_cast<session_sink*>(SSL_get_ex_data(ssl, sink_index()));
  if (sink == nullptr || !sink->store) return 0;
  sink->store->put(sink->server, session);
  return 1;
}

// A peer that just closes TCP looks the same to the layers above with and without TLS.
error_code plain_error(const error_code& ec) {
  return ec == asio::ssl::error::stream_truncated ? error_code(asio::error::eof) : ec;
}

int reason_of(const error_code& ec) {
  if (ec.category() != asio::error::get_ssl_category()) return 0;
  return ERR_GET_REASON(static_cast<unsigned long>(ec.value()));
}

}  // namespace

void collect_sessions(asio::ssl::context& context) {
  SSL_CTX* const native = context.native_handle();
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(native, &on_new_session);
}

error_code restrict_context(asio::ssl::context& context) {
  SSL_CTX* const native = context.native_handle();
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) == 1) return {};
  return error_code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
}

error_code use_own_certificate(asio::ssl::context& context, const tls_options& o, std::string& detail) {
  if (o.certificate_file.empty()) return {};
  error_code ec;
  context.use_certificate_chain_file(o.certificate_file, ec);
  if (ec) {
    detail = "certificate_file " + o.certificate_file + ": " + ec.message();
    return ec;
  }
  context.use_private_key_file(o.private_key_file, asio::ssl::context::pem, ec);
  if (!ec && SSL_CTX_check_private_key(context.native_handle()) != 1) {
    ec = error_code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
  }
  if (ec) detail = "private_key_file " + o.private_key_file + ": " + ec.message();
  return ec;
}

error_code use_authorities(asio::ssl::context& context, const tls_options& o, std::string& detail) {
  error_code ec;
  if (!o.ca_file.empty()) context.load_verify_file(o.ca_file, ec);
  if (ec) {
    detail = "ca_file " + o.ca_file + ": " + ec.message();
    return ec;
  }
  if (!o.ca_pem.empty()) context.add_certificate_authority(asio::buffer(o.ca_pem), ec);
  if (ec) detail = "ca_pem: " + ec.message();
  return ec;
}

openssl_stream::openssl_stream(asio::ip::tcp::socket socket, asio::ssl::context& context,
                               asio::ssl::stream_base::handshake_type side, session_sink sink)
    : sink_(std::move(sink)), stream_(std::move(socket), context), side_(side) {
  SSL_set_ex_data(native(), sink_index(), &sink_);
}

openssl_stream::~openssl_stream() { SSL_set_ex_data(native(), sink_index(), nullptr); }

asio::awaitable<error_code> openssl_stream::async_handshake(std::string& detail) {
  auto ended = co_await stream_.async_handshake(side_, as_value);
  const error_code ec = std::get<0>(ended);
  if (ec) detail = explain(ec);
  co_return plain_error(ec);
}

std::string openssl_stream::explain(const error_code& ec) {
  const long verified = SSL_get_verify_result(native());
  const int reason = reason_of(ec);
  // Not by the error's own reason: that may be what OpenSSL met while it verified.
  if (verified != X509_V_OK && (SSL_get_verify_mode(native()) & SSL_VERIFY_PEER) != 0) {
    certificate_refused_ = true;
    return std::string("certificate verification failed: ") + X509_verify_cert_error_string(verified);
  }
  if (reason == SSL_R_HTTP_REQUEST) return "the peer speaks plain HTTP, not TLS";
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG) {
    return "the peer does not speak TLS; is it plain HTTP?";
  }
  if (plain_error(ec) == asio::error::eof) return "the peer closed the connection during the TLS handshake";
  return ec.message();
}

bool openssl_stream::resumed() const noexcept {
  auto* const self = const_cast<openssl_stream*>(this);
  return SSL_session_reused(self->native()) == 1;
}

asio::awaitable<read_outcome> openssl_stream::async_read_some(read_target& target) {
  const auto room = target.room(1);
  auto ended = co_await stream_.async_read_some(asio::buffer(room.data(), room.size()), as_value);
  const read_outcome got(plain_error(std::get<0>(ended)), std::get<1>(ended));
  co_return target.took(got);
}

void openssl_stream::start_write(std::span<const char> data, std::shared_ptr<write_listener> listener) {
  auto done = [listener = std::move(listener)](error_code ec, std::size_t n) {
    listener->on_written(plain_error(ec), n);
  };
  const auto bytes = asio::buffer(data.data(), data.size());
  if (!elsewhere_) return stream_.async_write_some(bytes, std::move(done));
  stream_.async_write_some(bytes, asio::bind_executor(elsewhere_, std::move(done)));
}

asio::awaitable<void> openssl_stream::async_shutdown() {
  co_await stream_.async_shutdown(as_value);
  error_code ignored;
  stream_.next_layer().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

std::size_t openssl_stream::unacknowledged() const noexcept { return bytes_in_flight(stream_.next_layer()); }

void openssl_stream::reset_on_close() noexcept { make_close_reset(stream_.next_layer()); }

void openssl_stream::close() noexcept {
  // OpenSSL forgets the session of a connection that was not shut down, and a connection that
  // broke is the very one whose session is wanted again.
  SSL_set_shutdown(native(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  close_gently(stream_.next_layer());
}

}  // namespace tautline::transport
