// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// One attempt after the other: URL, name, TCP, TLS, upgrade.
#include "policy/session_name.hpp"
#include "policy/url.hpp"
#include "transport/attempt.hpp"
#include "transport/codec.hpp"
#include "transport/connection.hpp"
#include "transport/http.hpp"
#include "transport/lookup.hpp"
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
  bool literal = false;  ///< the host is an address
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

  explicit socket_connector(resolve_function resolve) : resolve_(std::move(resolve)) {}
  ~socket_connector() override {
    if (const auto asked = asked_.lock()) asked->call_off();
  }
  socket_connector(const socket_connector&) = delete;
  socket_connector& operator=(const socket_connector&) = delete;

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
    const auto& to = a->url;
    endpoints addresses;
    if (const auto literal = literal_address(to.host, to.port)) {
      a->literal = true;
      addresses.push_back(*literal);
    } else {
      const auto [asked, found] = ask_for(a->strand, to.host, to.port);
      const endpoints known = book_->find(to.host, to.port);
      error_code unreached;
      if (!known.empty()) {
        unreached = co_await try_known(a, asked, known);
        if (!unreached) co_return true;
        if (a->failed(error_code())) co_return false;
      }
      a->enter(known.empty() ? phase::resolve : phase::connect);
      const error_code unresolved = co_await async_wait_for(a->strand, asked, found, a->limits);
      a->info.timings.resolve = a->spent();
      if (a->failed(unresolved && !known.empty() ? unreached : unresolved)) co_return false;
      addresses = without(found->addresses, known);
      if (addresses.empty() && a->failed(unreached)) co_return false;
    }
    const error_code refused = co_await connect(a, std::move(addresses), a->limits);
    co_return !a->failed(refused);
  }

  struct inquiry {
    std::weak_ptr<lookup> asked;  // what waits for it may not own it
    std::shared_ptr<const lookup::findings> found;
  };

  // The name is looked up for every attempt, and a question that is out already serves this one too.
  inquiry ask_for(const asio::any_io_executor& strand, const std::string& host, std::uint16_t port) {
    auto asked = asked_.lock();
    if (!asked || asked->found()->ended || !asked->asks_for(host, port)) {
      asked = std::make_shared<lookup>(host, port);
      asked->start(resolve_, strand, book_, asked);
      asked_ = asked;
    }
    return {asked, asked->found()};
  }

  // Where the host was last is where it most likely is. If the name means something else by now, that is
  // heard meanwhile, and the attempt goes there; it is not called off for what is only slow.
  asio::awaitable<error_code> try_known(attempt_ptr a, std::weak_ptr<lookup> asked, endpoints known) {
    const auto trial = std::make_shared<attempt_limits>(a->strand, *a->request.time);
    if (const auto question = asked.lock()) {
      question->on_end([trial, known, found = question->found()] {
        const bool moved = !found->ec && !found->addresses.empty() && without(known, found->addresses) == known;
        if (moved) trial->cancel();
      });
    }
    a->limits->stop_with([trial] { trial->cancel(); });
    const error_code refused = co_await connect(a, std::move(known), trial);
    a->limits->stop_with(nullptr);
    if (const auto question = asked.lock()) question->on_end(nullptr);
    if (!refused && !trial->stopped()) co_return refused;
    a->socket = tcp::socket(a->strand);
    co_return trial->stopped() ? error_code(asio::error::operation_aborted) : refused;
  }

  asio::awaitable<error_code> connect(attempt_ptr a, endpoints addresses, std::shared_ptr<attempt_limits> limits) {
    a->enter(phase::connect);
    tcp::endpoint peer;
    const error_code refused =
        co_await async_connect_any(a->strand, addresses, a->request.time, limits, a->socket, peer);
    if (refused || limits->stopped()) co_return refused;
    set_tcp_options(a->socket, *a->request.opts);
    a->info.peer = to_text(peer);
    a->info.timings.tcp = a->spent();
    if (!a->literal) book_->reached(a->url.host, a->url.port, std::move(addresses), peer);
    co_return refused;
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
    a->line->write_at_once();
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
  const resolve_function resolve_;
  const std::shared_ptr<known_addresses> book_ = std::make_shared<known_addresses>();
  std::weak_ptr<lookup> asked_;
  std::shared_ptr<tls_client> tls_;
};

}  // namespace

std::shared_ptr<connector> make_connector() { return make_connector(system_resolver()); }

std::shared_ptr<connector> make_connector(resolve_function resolve) {
  return std::make_shared<socket_connector>(std::move(resolve));
}

}  // namespace tautline::transport
