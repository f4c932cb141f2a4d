// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The one unit that includes Beast's WebSocket stream: it is slow to compile.
#include "transport/codec.hpp"

#include <tautline/version.hpp>

#include "transport/beast_port.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/option.hpp>
#include <boost/beast/websocket/stream.hpp>

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
  if (ec == websocket::error::closed) return errc::closed;
  if (ec == websocket::error::bad_frame_payload) return errc::invalid_utf8;
  if (ec == websocket::error::message_too_big) return errc::message_too_large;
  return errc::protocol_error;
}

}  // namespace

struct codec::machine {
  explicit machine(wire& w) : port(w), stream(port, w.executor()) {}
  beast_port port;
  websocket::stream<beast_layer> stream;
};

codec::codec(wire& w, role side, std::size_t max_message_bytes)
    : wire_(w), side_(side), max_message_(max_message_bytes), machine_(std::make_unique<machine>(w)) {
  auto& ws = machine_->stream;
  ws.read_message_max(max_message_bytes);
  ws.auto_fragment(false);
  websocket::stream_base::timeout none{};
  none.handshake_timeout = websocket::stream_base::none();
  none.idle_timeout = websocket::stream_base::none();
  none.keep_alive_pings = false;
  ws.set_option(none);
}

codec::~codec() = default;

error_code codec::open_client(const std::string& extensions) {
  auto& ws = machine_->stream;
  if (!extensions.empty()) {
    ws.set_option(deflate_options(side_));
    ws.write_buffer_bytes(compressed_frame);
    compressed_ = compression::on;
  }
  machine_->port.rehearse(extensions);
  error_code ec;
  ws.handshake("rehearsal", "/", ec);
  machine_->port.end_rehearsal();
  return ec;
}

error_code codec::open_server(const upgrade_request& request, const std::vector<header>& fields, compression offer) {
  auto& ws = machine_->stream;
  if (offer == compression::on) {
    ws.set_option(deflate_options(side_));
    ws.write_buffer_bytes(compressed_frame);
  }
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
  return ec;
}

void codec::take(std::vector<message>& out, std::size_t max, connection_observer* observer) {
  observer_ = observer;
  const std::size_t limit = out.size() + max;
  while (out.size() < limit && !ended_ && step(out) == progress::made) {}
}

std::size_t codec::input_needed() const noexcept { return deflated_message_ ? deflate_bound(max_message_) : 0; }

codec::progress codec::step(std::vector<message>& out) {
  if (frame_left_ != 0) return wire_.input().empty() ? progress::starved : take_payload(out, 0);
  if (deflated_message_) return take_deflated(out);
  const frame_header h = read_frame_header(wire_.input());
  if (h.header_size == 0) return progress::starved;
  return h.control() ? take_control(h) : take_data(h, out);
}

// Of a control frame that is handled without Beast, or a part of one that is waited for.
bool codec::well_formed(const frame_header& h) const noexcept {
  if (h.masked != (side_ == role::server) || h.reserved_bits() != 0) return false;
  return h.fin() && h.op() <= opcode::pong && h.payload_size <= largest_control_payload;
}

// What is not is shown to Beast at once, which names the error and closes.
bool codec::acceptable(const frame_header& h) const noexcept {
  if (h.masked != (side_ == role::server) || h.op() > opcode::binary) return false;
  const bool deflated = compressed_ == compression::on && !in_message_;
  if ((h.reserved_bits() & ~(deflated ? deflated_bit : 0U)) != 0) return false;
  if (in_message_ != (h.op() == opcode::continuation)) return false;
  return true;
}

// What is deflated is measured as a whole, later.
bool codec::fits(const frame_header& h) const noexcept {
  if ((h.first & deflated_bit) != 0) return true;
  return h.payload_size <= max_message_ && partial_.size() <= max_message_ - h.payload_size;
}

codec::progress codec::reject(std::size_t header_size) {
  machine_->port.open_gate(header_size);
  const std::size_t before = machine_->port.written();
  std::array<char, 1> unused;
  error_code ec;
  machine_->stream.read_some(asio::buffer(unused), ec);
  on_beast_error(ec, before);
  return progress::made;
}

codec::progress codec::take_control(const frame_header& h) {
  if (!well_formed(h)) return reject(h.header_size);
  const std::size_t size = h.header_size + static_cast<std::size_t>(h.payload_size);
  if (wire_.input().size() < size) return progress::starved;
  if (h.op() == opcode::close) return reject(size);
  // Beast would go on to the frame behind it, which may not be there.
  answer_control(h, 0);
  wire_.consume(size);
  return progress::made;
}

void codec::answer_control(const frame_header& h, std::size_t offset) {
  const auto size = static_cast<std::size_t>(h.payload_size);
  const char* const payload = wire_.input().data() + offset + h.header_size;
  std::array<char, largest_control_payload> plain;
  std::uint32_t key = 0;
  if (h.masked) std::memcpy(&key, payload - sizeof(key), sizeof(key));
  apply_mask(plain.data(), payload, size, key);
  if (h.op() == opcode::pong) {
    if (observer_ != nullptr) observer_->on_pong({plain.data(), size});
    return;
  }
  if (wire_.bytes_flushed() >= pongs_end_at_) pong_bytes_ = 0;
  put_frame(opcode::pong, {plain.data(), size});
  pong_bytes_ += frame_size(side_, size);
  pongs_end_at_ = wire_.bytes_flushed() + wire_.unflushed();
}

std::size_t codec::unwritten_pongs() const noexcept { return wire_.bytes_flushed() < pongs_end_at_ ? pong_bytes_ : 0; }

// An empty fragment that is not the last says nothing, and Beast would look for the next one,
// which may not be there. The first one's opcode is given to its successor.
bool codec::hold_empty_fragment(const frame_header& h) {
  if (h.fin() || h.payload_size != 0) return false;
  if (!in_message_) held_fragment_ = h.first;
  in_message_ = true;
  wire_.consume(h.header_size);
  return true;
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
  machine_->port.open_gate(header_size + size);
  const std::size_t before = machine_->port.written();
  std::size_t got = 0;
  error_code ec;
  do {
    got += machine_->stream.read_some(asio::buffer(partial_.data() + had + got, size - got), ec);
  } while (!ec && got < size);
  if (ec) {
    on_beast_error(ec, before);
    return progress::made;
  }
  frame_left_ -= size;
  if (machine_->stream.is_message_done()) finish_message(out);
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
    if (h.op() == opcode::close) return progress::made;
    if (!h.control()) {
      scanned_ = message_end;
      if (h.fin()) return progress::made;
      continue;
    }
    answer_control(h, scanned_);
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

void codec::fail(error_code why, std::uint16_t code) {
  write_close(code, {});
  ended_ = why;
}

void codec::fail_too_large() {
  if (!too_large_words_.empty()) (void)write(too_large_words_, payload_kind::text);
  fail(errc::message_too_large, too_large_code_);
}

void codec::answer_too_large(std::string_view words, std::uint16_t code) {
  too_large_words_ = words;
  too_large_code_ = code;
}

void codec::on_beast_error(error_code ec, std::size_t written_before) {
  ended_ = translate(ec);
  if (ended_ == errc::closed) {
    const auto& reason = machine_->stream.reason();
    close_code_ =
        reason.code == websocket::close_code::none ? std::uint16_t{1005} : static_cast<std::uint16_t>(reason.code);
    close_reason_.assign(reason.reason.data(), reason.reason.size());
  } else if (machine_->port.written() == written_before) {
    write_close(websocket::close_code::protocol_error, {});
  }
  wire_.shut_output();
}

error_code codec::write(std::string_view payload, payload_kind kind) {
  if (ended_) return ended_;
  if (wire_.output_shut()) return errc::closed;
  if (compressed_ == compression::on) return write_compressed(payload, kind);
  put_frame(kind == payload_kind::text ? opcode::text : opcode::binary, payload);
  return {};
}

error_code codec::write(std::string_view head, std::string_view payload, payload_kind kind) {
  joined_.assign(head).append(payload);
  return write(joined_, kind);
}

error_code codec::write_compressed(std::string_view payload, payload_kind kind) {
  auto& ws = machine_->stream;
  ws.text(kind == payload_kind::text);
  error_code ec;
  ws.write(asio::buffer(payload.data(), payload.size()), ec);
  return ec;
}

error_code codec::write_control(opcode op, std::string_view payload) {
  if (ended_) return ended_;
  if (wire_.output_shut()) return errc::closed;
  put_frame(op, payload.substr(0, largest_control_payload));
  return {};
}

void codec::put_frame(opcode op, std::string_view payload) {
  char* const to = wire_.reserve(frame_size(side_, payload.size()));
  if (to != nullptr) write_frame(to, side_, op, payload);
}

// Beast's own close would read until the answer comes. The frame is the whole of it: the answer
// is an ordinary frame among those that are read, and Beast's reply to that finds the output shut.
void codec::write_close(std::uint16_t code, std::string_view reason) {
  if (wire_.output_shut()) return;
  std::string payload;
  if (code != 0 && code != 1005) {
    std::size_t size = std::min(reason.size(), largest_control_payload - 2);
    // Not in the middle of a UTF-8 sequence.
    while (size < reason.size() && size > 0 && (static_cast<unsigned char>(reason[size]) & 0xC0U) == 0x80U) --size;
    payload.push_back(static_cast<char>(code >> 8U));
    payload.push_back(static_cast<char>(code & 0xFFU));
    payload.append(reason.substr(0, size));
  }
  put_frame(opcode::close, payload);
  wire_.shut_output();
}

}  // namespace tautline::transport
