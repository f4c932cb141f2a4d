// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "rig.hpp"

#include "transport/random_bytes.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <utility>

namespace transport_test {
namespace {

constexpr auto as_value = asio::as_tuple(asio::use_awaitable);

}  // namespace

struct standing_clock::entry {
  explicit entry(asio::any_io_executor ex) : executor(std::move(ex)) {}
  void end(bool due) {
    if (!call) return;
    asio::post(executor, [f = std::exchange(call, nullptr), due] { f(due); });
  }
  asio::any_io_executor executor;
  std::function<void(bool)> call;
  time_point when{};
};

namespace {

class standing_sleeper final : public sleeper {
 public:
  explicit standing_sleeper(std::shared_ptr<standing_clock::entry> e) : entry_(std::move(e)) {}
  ~standing_sleeper() override { entry_->call = nullptr; }
  void wait_until(time_point when, std::function<void(bool due)> on_due) override {
    entry_->end(false);
    entry_->when = when;
    entry_->call = std::move(on_due);
  }
  void cancel() override { entry_->end(false); }

 private:
  std::shared_ptr<standing_clock::entry> entry_;
};

}  // namespace

std::unique_ptr<sleeper> standing_clock::make_sleeper(const asio::any_io_executor& executor) {
  auto e = std::make_shared<entry>(executor);
  entries_.push_back(e);
  return std::make_unique<standing_sleeper>(std::move(e));
}

void standing_clock::advance(duration d) {
  now_ += d;
  for (const auto& weak : entries_) {
    const auto e = weak.lock();
    if (e && e->when <= now_) e->end(true);
  }
}

std::size_t standing_clock::waiting() const {
  std::size_t n = 0;
  for (const auto& weak : entries_) {
    const auto e = weak.lock();
    if (e && e->call) ++n;
  }
  return n;
}

rig::rig() : strand(asio::make_strand(io)), acceptor(strand, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {
  request.opts = &client;
  request.time = time;
  request.random = real_random();
  request.deadline = time->now() + std::chrono::seconds(10);
}

void rig::run(const std::function<asio::awaitable<void>()>& body) {
  std::exception_ptr thrown;
  bool ended = false;
  asio::co_spawn(strand, body, [&](std::exception_ptr e) {
    thrown = e;
    ended = true;
    io.stop();
  });
  io.restart();
  io.run_for(std::chrono::seconds(60));
  BOOST_REQUIRE_MESSAGE(ended, "the test hangs");
  if (thrown) std::rethrow_exception(thrown);
}

void rig::start(asio::awaitable<void> other) { asio::co_spawn(strand, std::move(other), asio::detached); }

std::string rig::url(std::string_view scheme, std::string_view host) const {
  return std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(endpoint().port()) + "/path?q=1";
}

void rig::serve_tls(const std::string& certificate_file, const std::string& key_file) {
  server.tls.certificate_file = certificate_file;
  server.tls.private_key_file = key_file;
  error_code ec;
  std::string detail;
  tls = make_tls_acceptor(server.tls, ec, detail);
  BOOST_REQUIRE_MESSAGE(!ec, detail);
}

asio::awaitable<void> eventually(std::function<bool()> condition) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer turn(executor);
  while (!condition()) {
    turn.expires_after(std::chrono::microseconds(100));
    co_await turn.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<connect_result> connect(rig& r) {
  if (r.request.url.empty()) r.request.url = r.url(r.tls ? "wss" : "ws");
  connect_result result = co_await r.connects->async_connect(r.strand, r.request);
  co_return std::move(result);
}

asio::awaitable<void> attempt(rig& r, connect_result& out, bool& done) {
  out = co_await connect(r);
  done = true;
}

asio::awaitable<handshake_result> accept(rig& r) {
  tcp::socket socket = co_await r.acceptor.async_accept(asio::use_awaitable);
  auto request = std::make_shared<handshake_request>();
  request->opts = &r.server;
  request->tls = r.tls;
  request->time = r.time;
  request->deadline = r.time->now() + r.server.handshake_timeout;
  handshake_result result = co_await async_handshake(r.strand, std::move(socket), std::move(request));
  co_return std::move(result);
}

namespace {

asio::awaitable<void> accept_into(rig& r, std::shared_ptr<both_ends> ends, std::shared_ptr<bool> done) {
  ends->server = co_await accept(r);
  *done = true;
}

asio::awaitable<void> answer_with(rig& r, std::string answer) {
  tcp::socket peer = co_await accept_raw(r);
  co_await send(peer, std::move(answer));
  error_code ignored;
  peer.shutdown(tcp::socket::shutdown_send, ignored);
  co_await read_all(peer);
}

asio::awaitable<void> grant(rig& r, std::shared_ptr<half_raw> out, std::string more) {
  std::string request;
  out->peer = co_await accept_raw(r, &request);
  const std::string answer = answer_to(request, more);
  co_await asio::async_write(out->peer, asio::buffer(answer), as_value);
}

asio::awaitable<void> ask(rig& r, std::shared_ptr<half_raw> out, std::string more, std::shared_ptr<bool> done) {
  co_await out->peer.async_connect(r.endpoint(), asio::use_awaitable);
  std::string request =
      "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 13\r\n" +
      more + "\r\n";
  co_await send(out->peer, std::move(request));
  std::string answer;
  while (!answer.ends_with("\r\n\r\n")) answer += co_await read_exactly(out->peer, 1);
  *done = true;
}

}  // namespace

asio::awaitable<both_ends> connect_both(rig& r) {
  auto ends = std::make_shared<both_ends>();
  auto done = std::make_shared<bool>(false);
  r.start(accept_into(r, ends, done));
  ends->client = co_await connect(r);
  co_await eventually([done] { return *done; });
  co_return std::move(*ends);
}

asio::awaitable<tcp::socket> accept_raw(rig& r, std::string* request) {
  tcp::socket socket = co_await r.acceptor.async_accept(asio::use_awaitable);
  std::string text;
  while (!text.ends_with("\r\n\r\n")) {
    const std::string next = co_await read_exactly(socket, 1);
    if (next.empty()) break;
    text += next;
  }
  if (request != nullptr) *request = text;
  co_return std::move(socket);
}

std::string answer_to(const std::string& request, std::string_view more) {
  static constexpr std::string_view field = "Sec-WebSocket-Key: ";
  const auto at = request.find(field) + field.size();
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         websocket_accept(request.substr(at, 24)) + "\r\n" + std::string(more) + "\r\n";
}

asio::awaitable<half_raw> client_at_raw_server(rig& r, std::string_view more) {
  auto out = std::make_shared<half_raw>(tcp::socket(r.strand));
  r.start(grant(r, out, std::string(more)));
  connect_result result = co_await connect(r);
  BOOST_REQUIRE_MESSAGE(result.conn, result.why.describe());
  out->ours = std::move(result.conn);
  co_return std::move(*out);
}

asio::awaitable<half_raw> server_at_raw_client(rig& r, std::string_view more) {
  auto out = std::make_shared<half_raw>(tcp::socket(r.strand));
  auto done = std::make_shared<bool>(false);
  r.start(ask(r, out, std::string(more), done));
  handshake_result result = co_await accept(r);
  BOOST_REQUIRE_MESSAGE(result.conn, result.why.message());
  co_await eventually([done] { return *done; });
  out->ours = std::move(result.conn);
  co_return std::move(*out);
}

asio::awaitable<connect_result> connect_to_answer(rig& r, std::string answer) {
  r.start(answer_with(r, std::move(answer)));
  connect_result result = co_await connect(r);
  co_return std::move(result);
}

asio::awaitable<void> send(tcp::socket& socket, std::string bytes) {
  co_await asio::async_write(socket, asio::buffer(bytes), as_value);
}

asio::awaitable<std::string> read_all(tcp::socket& socket) {
  std::string out;
  co_await asio::async_read(socket, asio::dynamic_buffer(out), as_value);
  co_return out;
}

asio::awaitable<std::string> read_exactly(tcp::socket& socket, std::size_t n) {
  std::string out(n, '\0');
  auto ended = co_await asio::async_read(socket, asio::buffer(out), as_value);
  out.resize(std::get<1>(ended));
  co_return out;
}

asio::awaitable<received> receive(connection& c) {
  received r;
  std::vector<message> in;
  r.ec = co_await c.async_read(in, 1);
  if (!in.empty()) r.body = std::move(in.front());
  co_return std::move(r);
}

std::string frame(unsigned first_byte, std::string_view payload, masking m) {
  const unsigned mask_bit = m == masking::zero_key ? 0x80U : 0U;
  std::string out(1, static_cast<char>(first_byte));
  if (payload.size() < 126) {
    out += static_cast<char>(mask_bit | payload.size());
  } else if (payload.size() < 65536) {
    out += static_cast<char>(mask_bit | 126U);
    out += static_cast<char>(payload.size() >> 8U);
    out += static_cast<char>(payload.size() & 0xFFU);
  } else {
    out += static_cast<char>(mask_bit | 127U);
    for (unsigned shift = 64; shift != 0; shift -= 8) out += static_cast<char>((payload.size() >> (shift - 8)) & 0xFFU);
  }
  if (m == masking::zero_key) out.append(4, '\0');
  return out.append(payload);
}

}  // namespace transport_test
