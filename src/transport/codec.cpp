// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The one unit that includes Beast's WebSocket stream: it is slow to compile.
#include "transport/codec.hpp"

#include <tautline/version.hpp>

#include "policy/utf8.hpp"
#include "transport/beast_port.hpp"
#include "transport/http.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/option.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace tautline::transport {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

// Deflate's stored blocks add 5 bytes to each 16 KiB at the worst; the rest is frame headers.
std::size_t deflate_bound(std::size_t max_message) { return max_message + max_message / 64 + 1024; }

constexpr std::size_t first_reserve = std::size_t{1024} * 1024;

// Each output of the compressor becomes a frame, so this bounds how fragmented a message gets.
constexpr std::size_t compressed_frame = std::size_t{64} * 1024;

websocket::permessage_deflate deflate_options(role side) {
  websocket::permessage_deflate o;
  o.client_enable = side == role::client;
  o.server_enable = side == role::server;
  return o;
}

error_code translate(const error_code& ec) {
  if (ec == websocket::error::bad_frame_payload) return errc::invalid_utf8;
  if (ec == websocket::error::message_too_big) return errc::message_too_large;
  return errc::protocol_error;
}

}  // namespace

namespace {

// To a request that was checked already.
std::string plain_answer(const upgrade_request& request, const std::vector<header>& fields) {
  std::string out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  const auto add = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  const auto& given = request.headers;
  const auto key =
      std::find_if(given.begin(), given.end(), [](const header& h) { return same_name(h.name, "Sec-WebSocket-Key"); });
  add("Sec-WebSocket-Accept", websocket_accept(key == given.end() ? std::string_view() : std::string_view(key->value)));
  add("Server", "tautline/" TAUTLINE_VERSION_STRING);
  for (const auto& f : fields) add(f.name, f.value);
  return out + "\r\n";
}

}  // namespace

struct codec::machine {
  machine(wire& w, std::size_t max_message) : port(w), stream(port, w.executor()) {
    stream.read_message_max(max_message);
    stream.auto_fragment(false);
    websocket::stream_base::timeout none{};
    none.handshake_timeout = websocket::stream_base::none();
    none.idle_timeout = websocket::stream_base::none();
    none.keep_alive_pings = false;
    stream.set_option(none);
  }

  void compress(role side) {
    stream.set_option(deflate_options(side));
    stream.write_buffer_bytes(compressed_frame);
  }

  // Beast opens a role only through its own HTTP exchange; the real one has been held already.
  error_code rehearse_client(const std::string& extensions) {
    error_code ec;
    port.rehearse(extensions);
    stream.handshake("rehearsal", "/", ec);
    port.end_rehearsal();
    return ec;
  }
  error_code rehearse_server() {
    beast::http::request<beast::http::empty_body> r(beast::http::verb::get, "/", 11);
    r.set(beast::http::field::host, "rehearsal");
    r.set(beast::http::field::upgrade, "websocket");
    r.set(beast::http::field::connection, "upgrade");
    r.set(beast::http::field::sec_websocket_key, "AAAAAAAAAAAAAAAAAAAAAA==");
    r.set(beast::http::field::sec_websocket_version, "13");
    error_code ec;
    port.rehearse({});
    stream.accept(r, ec);
    port.end_rehearsal();
    return ec;
  }

  beast_port port;
  websocket::stream<beast_layer> stream;
};

codec::codec(wire& w, role side, std::size_t max_message_bytes)
    : wire_(w), side_(side), max_message_(max_message_bytes) {}

codec::~codec() = default;

// Most connections see whole, plain frames only, and never need it.
codec::machine& codec::beast() {
  if (!machine_) {
    machine_ = std::make_unique<machine>(wire_, max_message_);
    const error_code ec = side_ == role::client ? machine_->rehearse_client({}) : machine_->rehearse_server();
    if (ec) throw boost::system::system_error(ec);
  }
  return *machine_;
}

error_code codec::open_client(const std::string& extensions) {
  if (extensions.empty()) return {};
  // The compressor's state begins with the connection.
  compressed_ = compression::on;
  machine_ = std::make_unique<machine>(wire_, max_message_);
  machine_->compress(side_);
  return machine_->rehearse_client(extensions);
}

error_code codec::open_server(const upgrade_request& request, const std::vector<header>& fields, compression offer) {
  if (offer == compression::off) {  // nothing to negotiate: a stream of Beast's would be made only for this
    const auto text = plain_answer(request, fields);
    wire_.put(text.data(), text.size());
    return {};
  }
  machine_ = std::make_unique<machine>(wire_, max_message_);
  auto& ws = machine_->stream;
  machine_->compress(side_);
  beast::http::request<beast::http::empty_body> r;
  r.version(request.version);
  r.method_string(request.method);
  r.target(request.target);
  for (const auto& f : request.headers) {
    // Interim answers are no business of an upgrade.
    if (!beast::iequals(f.name, "Expect")) r.insert(f.name, f.value);
  }
  ws.set_option(websocket::stream_base::decorator([this, &fields](websocket::response_type& answer) {
    answer.set(beast::http::field::server, "tautline/" TAUTLINE_VERSION_STRING);
    for (const auto& f : fields) answer.insert(f.name, f.value);
    if (answer.count(beast::http::field::sec_websocket_extensions) != 0) compressed_ = compression::on;
  }));
  error_code ec;
  ws.accept(r, ec);
  ws.set_option(websocket::stream_base::decorator([](websocket::response_type&) {}));
  if (compressed_ == compression::off) machine_.reset();
  return ec;
}

std::size_t codec::input_needed() const noexcept { return deflated_message_ ? deflate_bound(max_message_) : 0; }

codec::progress codec::reject(std::size_t header_size) {
  auto& m = beast();
  m.port.open_gate(header_size);
  const std::size_t before = m.port.written();
  std::array<char, 1> unused;
  error_code ec;
  m.stream.read_some(asio::buffer(unused), ec);
  on_beast_error(ec, before);
  return progress::made;
}

codec::progress codec::take_data(const frame_header& h, std::vector<message>& out) {
  if (!acceptable(h)) {
    if (held_fragment_ != 0) {
      fail(errc::protocol_error, websocket::close_code::protocol_error);
      return progress::made;
    }
    return reject(h.header_size);
  }
  if (!fits(h)) {
    fail_too_large();
    return progress::made;
  }
  if (hold_empty_fragment(h)) return progress::made;
  const unsigned char first = held_fragment_ != 0 ? held_fragment_ : h.first;
  if (!in_message_ || held_fragment_ != 0) {
    if ((first & deflated_bit) != 0) {
      deflated_message_ = true;
      scanned_ = 0;
      return progress::made;
    }
  }
  if (h.payload_size != 0 && wire_.input().size() == h.header_size) return progress::starved;
  if (held_fragment_ != 0) {
    wire_.input()[0] = static_cast<char>((h.first & 0x80U) | (held_fragment_ & 0x7FU));
    held_fragment_ = 0;
  }
  in_message_ = !h.fin();
  frame_left_ = h.payload_size;
  return take_payload(out, h.header_size);
}

codec::progress codec::take_payload(std::vector<message>& out, std::size_t header_size) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(frame_left_, wire_.input().size() - header_size));
  const std::size_t had = partial_.size();
  if (header_size != 0 && size < frame_left_) {
    partial_.reserve(had + static_cast<std::size_t>(std::min<std::uint64_t>(frame_left_, first_reserve)));
  }
  partial_.resize(had + size);
  auto& m = beast();
  m.port.open_gate(header_size + size);
  const std::size_t before = m.port.written();
  std::size_t got = 0;
  error_code ec;
  do {
    got += m.stream.read_some(asio::buffer(partial_.data() + had + got, size - got), ec);
  } while (!ec && got < size);
  if (ec) {
    on_beast_error(ec, before);
    return progress::made;
  }
  frame_left_ -= size;
  if (!m.stream.is_message_done()) return progress::made;
  // Beast asks whether the last character is whole only when the last fragment has something in it.
  if (size == 0 && m.stream.got_text() && !policy::valid_utf8(partial_)) {
    fail(errc::invalid_utf8, websocket::close_code::bad_payload);
    return progress::made;
  }
  finish_message(out);
  return progress::made;
}

void codec::finish_message(std::vector<message>& out) {
  const auto kind = machine_->stream.got_text() ? payload_kind::text : payload_kind::binary;
  out.emplace_back(kind, std::move(partial_));
  partial_ = std::string();
}

// Beast does not say how much of its input the decompressor has taken, so it is shown a
// compressed message only when that is all there. What lies between its fragments is handled
// at once and taken out.
codec::progress codec::scan_deflated(std::size_t& message_end) {
  for (;;) {
    const auto rest = wire_.input().subspan(scanned_);
    const frame_header h = read_frame_header(rest);
    message_end = scanned_ + h.header_size;
    if (h.header_size == 0) return progress::starved;
    const bool known = h.control() ? well_formed(h) : h.masked == (side_ == role::server);
    if (!known) return progress::made;

    const std::size_t bound = deflate_bound(max_message_);
    if (h.payload_size > bound || message_end + h.payload_size > bound) {
      fail_too_large();
      return progress::starved;
    }
    message_end += static_cast<std::size_t>(h.payload_size);
    if (wire_.input().size() < message_end) return progress::starved;
    if (!h.control()) {
      scanned_ = message_end;
      if (h.fin()) return progress::made;
      continue;
    }
    answer_control(h, scanned_);
    if (ended_) return progress::starved;
    wire_.erase_input(scanned_, message_end - scanned_);
  }
}

codec::progress codec::take_deflated(std::vector<message>& out) {
  if (held_fragment_ != 0) {
    auto in = wire_.input();
    in[0] = static_cast<char>((static_cast<unsigned char>(in[0]) & 0x80U) | (held_fragment_ & 0x7FU));
    held_fragment_ = 0;
  }
  std::size_t end = 0;
  if (scan_deflated(end) == progress::starved) return progress::starved;
  deflated_message_ = in_message_ = false;

  machine_->port.open_gate(end);
  const std::size_t before = machine_->port.written();
  partial_.resize(std::max(4 * end, std::size_t{512}));
  std::size_t got = 0;
  error_code ec;
  for (;;) {
    got += machine_->stream.read_some(asio::buffer(partial_.data() + got, partial_.size() - got), ec);
    if (ec || machine_->stream.is_message_done()) break;
    if (got == partial_.size()) partial_.resize(2 * got);
  }
  if (ec) {
    on_beast_error(ec, before);
    return progress::made;
  }
  partial_.resize(got);
  partial_.shrink_to_fit();
  finish_message(out);
  return progress::made;
}

void codec::on_beast_error(error_code ec, std::size_t written_before) {
  ended_ = translate(ec);
  if (machine_->port.written() == written_before) write_close(websocket::close_code::protocol_error, {});
  wire_.shut_output();
}

error_code codec::write_compressed(std::string_view payload, payload_kind kind) {
  auto& ws = machine_->stream;
  ws.text(kind == payload_kind::text);
  error_code ec;
  ws.write(asio::buffer(payload.data(), payload.size()), ec);
  return ec;
}

}  // namespace tautline::transport
