// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The way of one peer through a server's handshake.
#include "transport/handshake.hpp"

#include "policy/session_name.hpp"
#include "transport/attempt.hpp"
#include "transport/await_operation.hpp"
#include "transport/codec.hpp"
#include "transport/http.hpp"
#include "transport/resolve.hpp"
#include "transport/tls.hpp"
#include "transport/upgrade_check.hpp"
#include "transport/wire.hpp"
#include "transport/ws_connection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace tautline::transport {
namespace {

// How long a refused peer may take to read its answer.
constexpr duration longest_linger = std::chrono::seconds(2);

struct handshake {
  handshake(asio::any_io_executor ex, std::shared_ptr<handshake_request> r)
      : strand(std::move(ex)),
        request(std::move(r)),
        limits(std::make_shared<attempt_limits>(strand, *request->time)) {}

  bool failed(error_code ec, std::string_view during) {
    if (!ec && !limits->stopped()) return false;
    result.why = ec ? ec : error_code(asio::error::operation_aborted);
    if (limits->timed_out()) result.why = errc::handshake_timeout;
    result.detail = during;
    return true;
  }

  asio::any_io_executor strand;
  std::shared_ptr<handshake_request> request;
  std::shared_ptr<attempt_limits> limits;
  std::shared_ptr<wire> line;
  connection_info info;
  handshake_result result;
};

using handshake_ptr = std::shared_ptr<handshake>;

asio::awaitable<bool> secure(handshake_ptr h, asio::ip::tcp::socket socket) {
  set_tcp_options(socket, h->request->opts->link);
  error_code gone;
  const auto peer = socket.remote_endpoint(gone);
  if (h->failed(gone, "the peer left")) co_return false;
  h->info.peer = to_text(peer);
  if (!h->request->tls) {
    h->line = std::make_shared<wire>(h->strand, make_tcp_stream(std::move(socket)));
    co_return true;
  }
  auto stream = wrap_server(*h->request->tls, std::move(socket));
  tls_stream* const tls = stream.get();
  h->limits->stop_with([tls] { tls->close(); });
  std::string detail;
  const error_code ec = co_await tls->async_handshake(detail);
  h->limits->stop_with(nullptr);
  if (h->failed(ec, "TLS")) {
    if (!detail.empty()) h->result.detail = detail;
    co_return false;
  }
  h->info.tls = true;
  h->info.tls_resumed = tls->resumed();
  h->line = std::make_shared<wire>(h->strand, std::move(stream));
  co_return true;
}

// Sends the answer, then reads what the peer still sends until it closes: an answer that is
// followed by a reset may never be read.
asio::awaitable<void> refuse(handshake_ptr h, refusal answer) {
  h->result.why = answer.why;
  h->result.detail = answer.detail;
  const std::string text = answer.text();
  h->line->put(text.data(), text.size());
  const error_code unsent = co_await wire::async_flush(h->line, 0);
  if (unsent) co_return;
  h->limits->done();
  auto linger = std::make_shared<attempt_limits>(h->strand, *h->request->time);
  linger->stop_with([line = h->line] { line->abort(); });
  linger->start(std::min(h->request->deadline, h->request->time->now() + longest_linger));
  co_await wire::async_shutdown(h->line);
  for (;;) {
    h->line->consume(h->line->input().size());
    const read_outcome got = co_await h->line->async_fill(0);
    if (got.ec) break;
  }
  linger->done();
}

/// What the application's hook said, and what it needs while it thinks.
struct hook_call {
  explicit hook_call(const handshake& h) : shown(h.result.request), ask(h.request->opts->authorize) {}

  upgrade_request shown;
  decltype(server_options::authorize) ask;
  std::optional<authorization> said;
  bool threw = false;
  asio::cancellation_signal give_up;
};

asio::awaitable<void> run_hook(std::shared_ptr<hook_call> call) {
  try {
    authorization said = co_await call->ask(call->shown);
    call->said = std::move(said);
  } catch (...) { call->threw = true; }
}

// The hook runs as a coroutine of its own, so that the deadline ends the wait for it whatever it
// does.
asio::awaitable<error_code> ask_application(handshake_ptr h, std::shared_ptr<hook_call> call) {
  auto start = [&h, call](waiter w) {
    auto waiting = std::make_shared<waiter>(std::move(w));
    h->limits->stop_with([call, weak = std::weak_ptr<waiter>(waiting)] {
      const auto abandoned = weak.lock();
      if (abandoned && *abandoned) wake(std::move(*abandoned), asio::error::operation_aborted);
      call->give_up.emit(asio::cancellation_type::terminal);
    });
    auto on_end = [call, waiting](std::exception_ptr) {
      if (*waiting) wake(std::move(*waiting), {});
    };
    asio::co_spawn(h->strand, run_hook(call), asio::bind_cancellation_slot(call->give_up.slot(), std::move(on_end)));
  };
  const error_code ec = co_await await_operation(h->strand, std::move(start));
  h->limits->stop_with(nullptr);
  co_return ec;
}

// The application's pages may throw.
std::optional<refusal> check_or_apologise(const http_request& asked, const server_options& opts) {
  try {
    return check_request(asked, opts);
  } catch (const std::exception&) { return refusal(500, "the application failed", errc::refused); }
}

asio::awaitable<std::optional<refusal>> read_and_check(handshake_ptr h) {
  const auto& opts = *h->request->opts;
  http_request asked;
  if (h->request->already_read) {
    asked.head = std::move(*h->request->already_read);
    h->line->feed(asked.head.leftover);
    asked.head.leftover.clear();
  } else {
    const error_code ec = co_await async_read_request(h->line, opts.max_header_bytes, asked);
    if (h->failed(ec, "the peer left before its request was complete")) co_return refuse_unreadable(h->result.why);
  }
  h->result.request = asked.head;
  if (h->request->overloaded) co_return refuse_overload(opts);
  co_return check_or_apologise(asked, opts);
}

asio::awaitable<std::optional<refusal>> decide(handshake_ptr h, std::vector<header>& fields) {
  const auto& opts = *h->request->opts;
  std::optional<authorization> said;
  if (opts.authorize) {
    auto call = std::make_shared<hook_call>(*h);
    const error_code ec = co_await ask_application(h, call);
    if (h->failed(ec, "the application took too long")) co_return std::nullopt;
    if (call->threw) co_return refusal(500, "the application failed", errc::refused);
    said = call->said;
  }
  co_return apply_decision(said, h->result.request, opts, h->info.subprotocol, fields);
}

asio::awaitable<void> let_in(handshake_ptr h, std::vector<header> fields) {
  const auto& opts = h->request->opts->link;
  const bool session = h->info.subprotocol == policy::session_subprotocol;
  const std::size_t largest = opts.max_message_bytes + (session ? policy::max_session_head : 0);
  auto frames = std::make_unique<codec>(*h->line, role::server, largest);
  if (session) frames->answer_too_large(policy::session_too_large_words, policy::session_too_large_close);
  const auto offer = opts.compress ? compression::on : compression::off;
  const error_code refused = frames->open_server(h->result.request, fields, offer);
  if (h->failed(refused ? error_code(errc::bad_upgrade) : error_code(), "the upgrade could not be answered")) co_return;
  const error_code unsent = co_await wire::async_flush(h->line, 0);
  if (h->failed(unsent, "the peer left before it was answered")) co_return;
  h->info.compressed = frames->compressed() == compression::on;
  h->result.conn = make_connection(h->line, std::move(frames), std::move(h->info));
}

asio::awaitable<void> go(handshake_ptr h, asio::ip::tcp::socket socket) {
  const bool secured = co_await secure(h, std::move(socket));
  if (!secured) co_return;
  h->limits->stop_with([line = h->line] { line->abort(); });
  std::optional<refusal> answer = co_await read_and_check(h);
  if (!answer && h->result.why) co_return;
  std::vector<header> fields;
  if (!answer) {
    answer = co_await decide(h, fields);
    if (!answer && h->result.why) co_return;
  }
  h->limits->stop_with([line = h->line] { line->abort(); });
  if (answer) {
    co_await refuse(h, std::move(*answer));
    co_return;
  }
  co_await let_in(h, std::move(fields));
}

}  // namespace

asio::awaitable<handshake_result> async_handshake(asio::any_io_executor strand, asio::ip::tcp::socket socket,
                                                  std::shared_ptr<handshake_request> request) {
  auto h = std::make_shared<handshake>(std::move(strand), std::move(request));
  h->limits->start(h->request->deadline);
  h->request->call_off = [weak = std::weak_ptr<attempt_limits>(h->limits)] {
    if (const auto limits = weak.lock()) limits->cancel();
  };
  try {
    co_await go(h, std::move(socket));
  } catch (const boost::system::system_error& e) { (void)h->failed(e.code(), "the handshake was called off"); }
  h->limits->done();
  if (!h->result.conn && h->line) h->line->abort();
  co_return std::move(h->result);
}

}  // namespace tautline::transport
