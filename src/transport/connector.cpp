// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One attempt after the other: URL, name, TCP, TLS, upgrade.
#include "policy/session_name.hpp"
#include "policy/url.hpp"
#include "transport/attempt.hpp"
#include "transport/codec.hpp"
#include "transport/connection.hpp"
#include "transport/http.hpp"
#include "transport/random_bytes.hpp"
#include "transport/resolve.hpp"
#include "transport/tls.hpp"
#include "transport/wire.hpp"
#include "transport/ws_connection.hpp"

#include <boost/asio/error.hpp>

#include <exception>
#include <utility>

namespace tautline::transport {
namespace {

using asio::ip::tcp;

/// What one attempt carries from phase to phase.
struct attempt {
  attempt(const asio::any_io_executor& ex, const connect_request& r)
      : strand(ex), request(r), limits(std::make_shared<attempt_limits>(ex, *r.time)), socket(ex) {}

  void enter(phase p) {
    result.why.where = p;
    entered = request.time->now();
  }
  [[nodiscard]] duration spent() const { return request.time->now() - entered; }

  // A stopped attempt fails with whatever the phase was told to end with: the reason is here.
  bool failed(error_code ec) {
    if (!ec && !limits->stopped()) return false;
    if (limits->timed_out()) {
      result.why.code = result.why.where == phase::resolve ? errc::resolve_timeout : errc::connect_timeout;
    } else {
      result.why.code = limits->stopped() ? error_code(asio::error::operation_aborted) : ec;
    }
    return true;
  }

  asio::any_io_executor strand;
  const connect_request& request;
  std::shared_ptr<attempt_limits> limits;
  policy::url url;
  tcp::socket socket;
  std::unique_ptr<byte_stream> bytes;
  std::shared_ptr<wire> line;
  connection_info info;
  connect_result result;
  time_point entered{};
};

using attempt_ptr = std::shared_ptr<attempt>;

class socket_connector final : public connector {
 public:
  asio::awaitable<connect_result> async_connect(const asio::any_io_executor& strand,
                                                const connect_request& request) override {
    auto a = std::make_shared<attempt>(strand, request);
    running_ = a->limits;
    a->limits->start(request.deadline);
    // Nothing below throws by intention; what does is an attempt that failed.
    std::exception_ptr thrown;
    try {
      co_await go(a);
    } catch (const boost::system::system_error& e) { (void)a->failed(e.code()); } catch (...) {
      thrown = std::current_exception();
    }
    a->limits->done();
    running_.reset();
    if (thrown) std::rethrow_exception(thrown);
    if (!a->result.conn && a->line) a->line->abort();
    co_return std::move(a->result);
  }

  void cancel() noexcept override {
    if (const auto limits = running_.lock()) limits->cancel();
  }

 private:
  asio::awaitable<void> go(attempt_ptr a) {
    a->enter(phase::url);
    const error_code bad_url = read_url(*a);
    if (bad_url) {
      a->result.why.code = bad_url;
      a->result.why.what_follows = verdict::fatal;
      co_return;
    }
    const bool reached = co_await reach(a);
    if (!reached) co_return;
    const bool secured = co_await secure(a);
    if (!secured) co_return;
    co_await upgrade(a);
  }

  // Most attempts go where the last one went.
  error_code read_url(attempt& a) {
    if (a.request.url != url_text_) {
      const error_code bad = policy::parse_url(a.request.url, a.url, a.result.why.detail);
      if (bad) return bad;
      url_text_ = a.request.url;
      url_ = a.url;
    } else {
      a.url = url_;
    }
    return {};
  }

  asio::awaitable<bool> reach(attempt_ptr a) {
    a->enter(phase::resolve);
    endpoints addresses;
    if (const auto literal = literal_address(a->url.host, a->url.port)) {
      addresses.push_back(*literal);
    } else {
      const error_code unresolved = co_await async_resolve(a->strand, a->url.host, a->url.port, a->limits, addresses);
      if (a->failed(unresolved)) co_return false;
    }
    a->info.timings.resolve = a->spent();

    a->enter(phase::connect);
    tcp::endpoint peer;
    const error_code refused =
        co_await async_connect_any(a->strand, std::move(addresses), a->request.time, a->limits, a->socket, peer);
    if (a->failed(refused)) co_return false;
    set_tcp_options(a->socket, *a->request.opts);
    a->info.peer = to_text(peer);
    a->info.timings.tcp = a->spent();
    co_return true;
  }

  asio::awaitable<bool> secure(attempt_ptr a) {
    if (!a->url.tls) {
      a->bytes = make_tcp_stream(std::move(a->socket));
      co_return true;
    }
    a->enter(phase::tls);
    auto& why = a->result.why;
    error_code ec;
    if (!tls_) tls_ = make_tls_client(a->request.opts->tls, ec, why.detail);
    auto stream = tls_ ? tls_->wrap(std::move(a->socket), a->url.host, a->url.port, ec) : nullptr;
    if (!stream) {
      why.code = ec;
      why.what_follows = verdict::fatal;
      co_return false;
    }
    tls_stream* const tls = stream.get();
    a->bytes = std::move(stream);
    a->limits->stop_with([tls] { tls->close(); });
    std::string detail;
    const error_code refused = co_await tls->async_handshake(detail);
    a->limits->stop_with(nullptr);
    if (a->failed(refused)) {
      if (!a->limits->stopped()) why.detail = std::move(detail);
      if (tls->certificate_refused()) why.what_follows = verdict::fatal;
      co_return false;
    }
    a->info.tls = true;
    a->info.tls_resumed = tls->resumed();
    a->info.timings.tls = a->spent();
    co_return true;
  }

  asio::awaitable<void> upgrade(attempt_ptr a) {
    a->enter(phase::upgrade);
    auto& why = a->result.why;
    const std::string key = make_websocket_key();
    std::string text;
    const error_code bad_field = write_upgrade_request(a->request, a->url, key, text, why.detail);
    if (bad_field) {
      why.code = bad_field;
      why.what_follows = verdict::fatal;
      co_return;
    }
    a->line = std::make_shared<wire>(a->strand, std::move(a->bytes));
    a->limits->stop_with([line = a->line] { line->abort(); });
    a->line->put(text.data(), text.size());
    a->line->kick();
    const std::string accept = websocket_accept(key);  // while the server makes up its answer
    http_answer answer;
    const error_code unanswered = co_await async_read_answer(a->line, answer);
    a->limits->stop_with(nullptr);
    if (a->failed(unanswered)) co_return;

    upgrade_outcome agreed;
    if (!check_answer(answer, accept, a->request, agreed, why)) co_return;
    finish(*a, agreed);
  }

  static void finish(attempt& a, const upgrade_outcome& agreed) {
    const bool session = agreed.subprotocol == policy::session_subprotocol;
    const std::size_t largest = a.request.opts->max_message_bytes + (session ? policy::max_session_head : 0);
    auto frames = std::make_unique<codec>(*a.line, role::client, largest);
    if (session) frames->answer_too_large(policy::session_too_large_words, policy::session_too_large_close);
    if (frames->open_client(agreed.extensions)) {
      a.result.why.code = errc::bad_upgrade;
      return;
    }
    a.info.subprotocol = agreed.subprotocol;
    a.info.compressed = frames->compressed() == compression::on;
    a.info.timings.upgrade = a.spent();
    a.result.why = cause();
    a.result.conn = make_connection(std::move(a.line), std::move(frames), std::move(a.info));
  }

  std::weak_ptr<attempt_limits> running_;
  std::string url_text_;
  policy::url url_;  ///< what `url_text_` says
  std::shared_ptr<tls_client> tls_;
};

}  // namespace

std::shared_ptr<connector> make_connector() { return std::make_shared<socket_connector>(); }

}  // namespace tautline::transport
