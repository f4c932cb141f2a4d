// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// websocketpp as a client: no logs, no locks, large buffers, and a fast source of mask keys in place of
// the system's, which it asks for each frame.
#include "peer.hpp"

#include <memory>

#include <websocketpp/client.hpp>
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/asio_client.hpp>
#include <websocketpp/logger/stub.hpp>

namespace {

struct fast_random {
  using int_type = std::uint32_t;
  std::uint32_t operator()() noexcept {
    state ^= state << 13U;
    state ^= state >> 17U;
    return state ^= state << 5U;
  }
  std::uint32_t state = 0x9E3779B9;
};

using no_locks = websocketpp::concurrency::none;
using no_log = websocketpp::log::stub;

template <class Base>
struct tuned_transport : Base::transport_config {
  using concurrency_type = no_locks;
  using alog_type = no_log;
  using elog_type = no_log;
  static constexpr bool enable_multithreading = false;
};

template <class Base>
struct tuned : Base {
  using type = tuned;
  using concurrency_type = no_locks;
  using rng_type = fast_random;
  using alog_type = no_log;
  using elog_type = no_log;
  using transport_type = websocketpp::transport::asio::endpoint<tuned_transport<Base>>;
  static constexpr std::size_t connection_read_buffer_size = BENCH_READ_BUFFER;
};

using websocketpp::connection_hdl;
namespace opcode = websocketpp::frame::opcode;

template <class Config>
class client {
 public:
  explicit client(const peer::arguments& a) : args_(a), measure_(a.measure()), meter_(a), text_(a.size(), 'x') {
    all_.init_asio();
    all_.set_tcp_post_init_handler([](connection_hdl) {});
    all_.set_open_handler([this](connection_hdl h) { on_open(h); });
    all_.set_message_handler([this](connection_hdl h, const auto&) { on_message(h); });
    all_.set_fail_handler([this](connection_hdl h) { on_end(h); });
    all_.set_close_handler([this](connection_hdl h) { on_end(h); });
    all_.set_pong_handler([this](connection_hdl h, const std::string&) { next_ping(h); });
    all_.set_pong_timeout_handler([this](connection_hdl h, const std::string&) { on_silence(h); });
    if (args_.heartbeat_ms() > 0) all_.set_pong_timeout(args_.heartbeat_ms());
  }

  [[nodiscard]] auto& endpoint() { return all_; }

  void run() {
    const bool memory = measure_ == "memory";
    if (memory) meter_.began();
    for (long i = 0; i < (memory ? args_.count() : 1); ++i) connect();
    all_.run();
  }

 private:
  void connect() {
    websocketpp::lib::error_code ec;
    const auto c = all_.get_connection(args_.url(), ec);
    if (ec) std::exit(1);
    present_ = c->get_handle();
    all_.connect(c);
  }
  [[nodiscard]] bool is_present(const connection_hdl& h) const { return h.lock() == present_.lock(); }

  void say(const connection_hdl& h) {
    websocketpp::lib::error_code ec;
    all_.send(h, text_, opcode::text, ec);
  }

  void on_open(const connection_hdl& h) {
    if (measure_ == "memory") {
      opened_.push_back(h);
      if (meter_.connected())
        for (const auto& each : opened_) say(each);
    } else if (measure_ == "reconnect") {
      for (long i = 0; i < args_.count(); ++i) say(h);
      if (args_.heartbeat_ms() > 0) next_ping(h);
    } else if (measure_ == "send") {
      meter_.began();
      send_some(h);
    } else if (measure_ == "round_trip") {
      meter_.asked();
      say(h);
    }
  }

  // As much buffered as the other clients' queues may hold in a turn.
  void send_some(connection_hdl h) {
    constexpr std::size_t most = 1U << 20U;
    const auto c = all_.get_con_from_hdl(h);
    for (int i = 0; i < 1000 && sent_ < args_.count() && c->get_buffered_amount() < most; ++i, ++sent_) say(h);
    if (sent_ < args_.count()) all_.get_io_service().post([this, h] { send_some(h); });
  }

  void on_message(const connection_hdl& h) {
    if (measure_ == "memory" && ++echoed_ == args_.count()) all_.set_timer(500, [this](const auto&) { finish(); });
    if (measure_ != "receive" && measure_ != "round_trip") return;
    if (!meter_.received()) return finish();
    if (measure_ == "receive") return;
    meter_.asked();
    say(h);
  }

  void next_ping(connection_hdl h) {
    all_.set_timer(args_.heartbeat_ms(), [this, h](const auto&) {
      websocketpp::lib::error_code ec;
      if (is_present(h)) all_.ping(h, "", ec);
    });
  }
  void on_silence(const connection_hdl& h) {
    if (!is_present(h)) return;
    connect();
    websocketpp::lib::error_code ec;
    all_.close(h, websocketpp::close::status::going_away, "", ec);
  }

  void on_end(const connection_hdl& h) {
    if (measure_ != "reconnect") return finish();
    if (is_present(h)) connect();
  }

  void finish() {
    meter_.report();
    ::_exit(0);
  }

  peer::arguments args_;
  std::string measure_;
  peer::meter meter_;
  std::string text_;
  websocketpp::client<Config> all_;
  connection_hdl present_;
  std::vector<connection_hdl> opened_;
  long sent_ = 0, echoed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  peer::raise_file_limit();
  const peer::arguments args(argc, argv);
  if (!args.tls()) {
    client<tuned<websocketpp::config::asio_client>> c(args);
    c.run();
    return 0;
  }
  client<tuned<websocketpp::config::asio_tls_client>> c(args);
  c.endpoint().set_tls_init_handler([&](connection_hdl) {
    auto context = websocketpp::lib::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client);
    context->load_verify_file(args.ca_file());
    context->set_verify_mode(boost::asio::ssl::verify_peer);
    return context;
  });
  c.run();
}
