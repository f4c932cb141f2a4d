// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a server answers to an upgrade, and the first frames behind it.
#include "memory_stream.hpp"
#include "policy/utf8.hpp"
#include "target.hpp"
#include "transport/codec.hpp"
#include "transport/http.hpp"
#include "transport/random_bytes.hpp"

#include <memory>
#include <utility>

namespace {

using namespace tautline;
using namespace tautline::transport;
namespace asio = boost::asio;

// Of the key of RFC 6455, 1.3, so that a corpus can hold the answer to it.
const std::string& accept_value() {
  static const std::string value = websocket_accept("dGhlIHNhbXBsZSBub25jZQ==");
  return value;
}

struct client {
  client() {
    opts.compress = true;
    opts.max_message_bytes = 10'000;
    request.opts = &opts;
    request.time = real_time();
    request.subprotocols = {"tautline.v1", "chat"};
  }
  options opts{"ws://localhost/"};
  connect_request request;
};

void read_frames(wire& w, const std::string& extensions, const options& opts) {
  codec frames(w, role::client, opts.max_message_bytes);
  if (frames.open_client(extensions)) return;
  std::vector<message> came;
  frames.take(came, 100, nullptr);
  for (const auto& m : came) {
    fuzz::expect(m.payload().size() <= opts.max_message_bytes, "no message is larger than the limit");
    fuzz::expect(m.kind() == payload_kind::binary || policy::valid_utf8(m.payload()), "text is UTF-8");
  }
}

asio::awaitable<void> connect(std::shared_ptr<wire> w, const client& c) {
  http_answer answer;
  const error_code unread = co_await async_read_answer(w, answer);
  if (unread) co_return;
  upgrade_outcome outcome;
  cause why;
  if (!check_answer(answer, accept_value(), c.request, outcome, why)) {
    fuzz::expect(static_cast<bool>(why.code), "a refusal has a reason");
    (void)why.describe();
    co_return;
  }
  fuzz::expect(answer.status == 101, "only a 101 opens a connection");
  fuzz::expect(outcome.subprotocol.empty() || outcome.subprotocol == "chat" || outcome.subprotocol == "tautline.v1",
               "only what was offered is agreed on");
  read_frames(*w, outcome.extensions, c.opts);
}

void run(std::string_view bytes) {
  static const client c;
  fuzz::over_a_wire(bytes, [](std::shared_ptr<wire> w) { return connect(std::move(w), c); });
}

const fuzz::target t("upgrade_answer", run);

}  // namespace
