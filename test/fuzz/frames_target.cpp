// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Frames from a peer, at a client and at a server, with and without permessage-deflate. It must not
// matter in which pieces they come.
#include "memory_stream.hpp"
#include "policy/utf8.hpp"
#include "target.hpp"
#include "transport/codec.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <utility>

namespace {

using namespace tautline;
using namespace tautline::transport;
namespace asio = boost::asio;

constexpr std::size_t limit = 5'000;

struct result {
  std::vector<std::pair<payload_kind, std::string>> messages;
  error_code ended;
  unsigned close_code = 0;
  bool operator==(const result&) const = default;
};

upgrade_request some_request() {
  upgrade_request r;
  r.method = "GET";
  r.target = "/";
  r.headers = {header("Host", "localhost"),           header("Upgrade", "websocket"),
               header("Connection", "Upgrade"),       header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
               header("Sec-WebSocket-Version", "13"), header("Sec-WebSocket-Extensions", "permessage-deflate")};
  return r;
}

result read_all(std::string_view said, role side, compression offer, std::size_t piece) {
  asio::io_context io(1);
  auto w = std::make_shared<wire>(io.get_executor(), std::make_unique<fuzz::memory_stream>(io.get_executor(), "", 1));
  result r;
  {
    codec frames(*w, side, limit);
    const error_code unopened = side == role::server
                                    ? frames.open_server(some_request(), {}, offer)
                                    : frames.open_client(offer == compression::on ? "permessage-deflate" : "");
    fuzz::expect(!unopened, "a good upgrade is taken");
    while (!said.empty() && !frames.ended()) {
      w->feed(said.substr(0, piece));
      said.remove_prefix(std::min(piece, said.size()));
      std::vector<message> came;
      frames.take(came, 1'000'000, nullptr);
      for (auto& m : came) r.messages.emplace_back(m.kind(), m.take_payload());
    }
    r.ended = frames.ended();
    r.close_code = frames.close_code();
  }
  w->abort();
  for (const auto& [kind, payload] : r.messages) {
    fuzz::expect(payload.size() <= limit, "no message is larger than the limit");
    fuzz::expect(kind == payload_kind::binary || policy::valid_utf8(payload), "text is UTF-8");
  }
  return r;
}

void run(std::string_view bytes) {
  fuzz::decisions d(bytes);
  const auto side = d.below(2) == 0 ? role::server : role::client;
  const auto offer = d.below(2) == 0 ? compression::off : compression::on;
  const std::size_t piece = 1 + d.byte();
  const auto said = d.rest();
  const auto at_once = read_all(said, side, offer, said.size());
  const auto in_pieces = read_all(said, side, offer, piece);
  fuzz::expect(at_once.messages == in_pieces.messages, "the messages are the same in whatever pieces they come");
  fuzz::expect(at_once.ended == in_pieces.ended, "the end is the same");
  fuzz::expect(at_once.close_code == in_pieces.close_code, "the close code is the same");
}

const fuzz::target t("frames", run);

}  // namespace
