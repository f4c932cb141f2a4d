// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// libwebsockets as a client: one loop, large buffers, as many writes a turn as the socket takes, and the
// next connection from within the callback that reports the end of the last.
#include "peer.hpp"

#include <libwebsockets.h>

#include <cstring>
#include <memory>

namespace {

struct client {
  explicit client(const peer::arguments& a) : args(a), meter(a), text(a.size(), 'x'), buffer(LWS_PRE + a.size()) {}

  peer::arguments args;
  peer::meter meter;
  std::string text;
  std::vector<unsigned char> buffer;
  lws_context* context = nullptr;
  lws_retry_bo_t heartbeat{};
  long echoed = 0;
  bool ended = false;
};

// Of each connection: what it has said.
struct talk {
  long said = 0;
};

void connect(client& c) {
  lws_client_connect_info i{};
  i.context = c.context;
  i.address = "127.0.0.1";
  i.host = i.origin = i.address;
  i.port = c.args.port();
  i.path = "/";
  i.ssl_connection = c.args.tls() ? LCCSCF_USE_SSL : 0;
  if (c.args.heartbeat_ms() > 0) i.retry_and_idle_policy = &c.heartbeat;
  lws_client_connect_via_info(&i);
}

// The payload is masked in place, so it is copied in anew each time, as an application would.
bool write_one(client& c, lws* wsi) {
  std::memcpy(c.buffer.data() + LWS_PRE, c.text.data(), c.text.size());
  return lws_write(wsi, c.buffer.data() + LWS_PRE, c.text.size(), LWS_WRITE_TEXT) >= 0;
}

int on_open(client& c, lws* wsi) {
  const auto measure = c.args.measure();
  if (measure == "memory" && !c.meter.connected()) return 0;
  if (measure == "memory") {
    lws_callback_on_writable_all_protocol(c.context, lws_get_protocol(wsi));
    return 0;
  }
  if (measure != "receive" && measure != "memory") {
    if (measure == "send") c.meter.began();
    lws_callback_on_writable(wsi);
  }
  return 0;
}

int on_writable(client& c, lws* wsi, talk& t) {
  const auto measure = c.args.measure();
  const long wanted = measure == "send" || measure == "reconnect" ? c.args.count() : 1;
  if (measure == "round_trip") c.meter.asked();
  while (t.said < wanted && lws_send_pipe_choked(wsi) == 0) {
    if (!write_one(c, wsi)) return -1;
    ++t.said;
  }
  if (t.said < wanted) lws_callback_on_writable(wsi);
  return 0;
}

int on_message(client& c, lws* wsi) {
  const auto measure = c.args.measure();
  if (measure == "memory") {
    c.ended = ++c.echoed == c.args.count();
  } else if (measure == "receive" || measure == "round_trip") {
    c.ended = !c.meter.received();
    if (c.ended || measure == "receive") return 0;
    c.meter.asked();
    if (!write_one(c, wsi)) return -1;
  }
  return 0;
}

int on_end(client& c) {
  if (c.args.measure() == "reconnect") {
    connect(c);
  } else {
    c.ended = true;
  }
  return 0;
}

int called(lws* wsi, lws_callback_reasons why, void* user, void*, std::size_t) {
  auto* const c = static_cast<client*>(lws_context_user(lws_get_context(wsi)));
  switch (why) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED: return on_open(*c, wsi);
    case LWS_CALLBACK_CLIENT_WRITEABLE: return on_writable(*c, wsi, *static_cast<talk*>(user));
    case LWS_CALLBACK_CLIENT_RECEIVE:
      if (lws_is_final_fragment(wsi) == 0 || lws_remaining_packet_payload(wsi) != 0) return 0;
      return on_message(*c, wsi);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_CLOSED: return on_end(*c);
    default: return 0;
  }
}

lws_context* make_context(client& c, const lws_protocols* protocols) {
  lws_context_creation_info i{};
  i.port = CONTEXT_PORT_NO_LISTEN;
  i.protocols = protocols;
  i.user = &c;
  i.pt_serv_buf_size = 64 * 1024;
  i.fd_limit_per_thread = static_cast<unsigned>(c.args.measure() == "memory" ? c.args.count() + 64 : 64);
  const auto ca = c.args.ca_file();
  if (c.args.tls()) {
    i.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    i.client_ssl_ca_filepath = ca.c_str();
  }
  return lws_create_context(&i);
}

}  // namespace

int main(int argc, char** argv) {
  peer::raise_file_limit();
  lws_set_log_level(0, nullptr);
  client c{peer::arguments(argc, argv)};
  // It counts whole seconds: asks after one of silence, and gives up after two.
  c.heartbeat.secs_since_valid_ping = 1;
  c.heartbeat.secs_since_valid_hangup = 2;
  // A large buffer costs memory for each connection, and serves only the measures of throughput.
  const std::size_t buffer = c.args.measure() == "memory" ? 256 : 64 * 1024;
  const lws_protocols protocols[] = {{"", &called, sizeof(talk), buffer, 0, nullptr, 0}, {}};
  c.context = make_context(c, protocols);
  if (c.context == nullptr) return 1;
  const bool memory = c.args.measure() == "memory";
  if (memory) c.meter.began();
  for (long i = 0; i < (memory ? c.args.count() : 1); ++i) connect(c);
  while (!c.ended && lws_service(c.context, 0) >= 0) {}
  if (memory)
    for (const auto idle = peer::clock::now(); peer::since(idle) < 0.5;) {
      lws_cancel_service(c.context);
      lws_service(c.context, 0);
      ::usleep(10'000);
    }
  c.meter.report();
  ::_exit(0);
}
