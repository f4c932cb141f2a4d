// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a client asks a server for, and the first frames behind it.
#include "memory_stream.hpp"
#include "policy/utf8.hpp"
#include "target.hpp"
#include "transport/codec.hpp"
#include "transport/http.hpp"
#include "transport/upgrade_check.hpp"

#include <memory>
#include <utility>

namespace {

using namespace tautline;
using namespace tautline::transport;
namespace asio = boost::asio;

server_options a_server() {
  server_options o;
  o.max_header_bytes = 2'000;
  o.subprotocols = {"chat", "superchat"};
  o.origins = {"https://example.com"};
  o.link.compress = true;
  o.link.max_message_bytes = 10'000;
  return o;
}

void read_frames(codec& frames, const options& opts) {
  std::vector<message> came;
  frames.take(came, 100, nullptr);
  for (const auto& m : came) {
    fuzz::expect(m.payload().size() <= opts.max_message_bytes, "no message is larger than the limit");
    fuzz::expect(m.kind() == payload_kind::binary || policy::valid_utf8(m.payload()), "text is UTF-8");
  }
}

void check_refusal(const refusal& r) {
  fuzz::expect(r.status >= 400 && r.status <= 599, "a refusal has a status of its kind");
  const auto text = r.text();
  const auto head = text.substr(0, text.find("\r\n\r\n"));
  fuzz::expect(head.find("\r\n\r\n") == std::string::npos, "nothing of the peer's breaks the answer apart");
}

asio::awaitable<void> serve(std::shared_ptr<wire> w, const server_options& o) {
  http_request asked;
  const error_code unread = co_await async_read_request(w, o.max_header_bytes, asked);
  if (unread) {
    if (const auto said = refuse_unreadable(unread)) check_refusal(*said);
    co_return;
  }
  if (const auto refused = check_request(asked, o)) {
    check_refusal(*refused);
    co_return;
  }
  std::string subprotocol;
  std::vector<header> fields;
  if (const auto refused = apply_decision(std::nullopt, asked.head, o, subprotocol, fields)) {
    check_refusal(*refused);
    co_return;
  }
  codec frames(*w, role::server, o.link.max_message_bytes);
  if (frames.open_server(asked.head, fields, compression::on)) co_return;
  fuzz::expect(w->unflushed() > 0, "an upgrade is answered");
  read_frames(frames, o.link);
}

void run(std::string_view bytes) {
  static const server_options o = a_server();
  fuzz::over_a_wire(bytes, [](std::shared_ptr<wire> w) { return serve(std::move(w), o); });
}

const fuzz::target t("upgrade_request", run);

}  // namespace
