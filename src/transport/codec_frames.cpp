// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the codec does without Beast: whole and plain messages, control frames, and all output
// that is not compressed.
#include "policy/utf8.hpp"
#include "transport/codec.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace tautline::transport {
namespace {

// A message up to this size is waited for until it is whole: it fits into the usual input.
constexpr std::size_t largest_whole = std::size_t{64} * 1024 - largest_header;

// In a close frame (RFC 6455, 7.4, and what IANA has registered since, which Beast takes for an error).
bool may_be_sent(unsigned code) noexcept {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006);
}

}  // namespace

void codec::take(std::vector<message>& out, std::size_t max, connection_observer* observer) {
  observer_ = observer;
  const std::size_t limit = out.size() + max;
  const frame_header h = read_frame_header(wire_.input());
  if (h.header_size != 0 && h.payload_size < wire_.input().size()) {
    // As many as there are if they are all like the first.
    const std::size_t alike = wire_.input().size() / (h.header_size + static_cast<std::size_t>(h.payload_size));
    out.reserve(out.size() + std::min(max, alike));
  }
  while (out.size() < limit && !ended_ && step(out) == progress::made) {}
}

codec::progress codec::step(std::vector<message>& out) {
  if (frame_left_ != 0) return wire_.input().empty() ? progress::starved : take_payload(out, 0);
  if (deflated_message_) return take_deflated(out);
  const frame_header h = read_frame_header(wire_.input());
  if (h.header_size == 0) return progress::starved;
  if (h.control()) return take_control(h);
  return plain(h) ? take_whole(h, out) : take_data(h, out);
}

// One message in one frame, neither compressed nor too large for the usual input, and nothing to
// object to in its header.
bool codec::plain(const frame_header& h) const noexcept {
  constexpr unsigned char final_text = 0x81, final_binary = 0x82;
  if ((h.first != final_text && h.first != final_binary) || in_message_) return false;
  if (h.masked != (side_ == role::server) || h.payload_size > std::min(max_message_, largest_whole)) return false;
  return frame_size(h.masked ? role::client : role::server, static_cast<std::size_t>(h.payload_size)) ==
         h.header_size + h.payload_size;  // the length in its shortest form
}

codec::progress codec::take_whole(const frame_header& h, std::vector<message>& out) {
  const auto size = static_cast<std::size_t>(h.payload_size);
  if (wire_.input().size() < h.header_size + size) return progress::starved;
  char* const payload = wire_.input().data() + h.header_size;
  std::uint32_t key = 0;
  if (h.masked) std::memcpy(&key, payload - sizeof(key), sizeof(key));
  const auto kind = h.op() == opcode::text ? payload_kind::text : payload_kind::binary;
  if (message::fits_in_place(size)) {
    char* const to = out.emplace_back().make_room(kind, size);
    apply_mask(to, payload, size, key);
    if (kind == payload_kind::text && !policy::valid_utf8({to, size})) {
      out.pop_back();
      return take_data(h, out);
    }
    wire_.consume(h.header_size + size);
    return progress::made;
  }
  if (h.masked) apply_mask(payload, payload, size, key);
  if (kind == payload_kind::text && !policy::valid_utf8({payload, size})) {
    apply_mask(payload, payload, size, key);
    return take_data(h, out);
  }
  out.emplace_back(kind, std::string(payload, size));
  wire_.consume(h.header_size + size);
  return progress::made;
}

// Of a control frame that is handled without Beast, or a part of one that is waited for.
bool codec::well_formed(const frame_header& h) const noexcept {
  if (h.masked != (side_ == role::server) || h.reserved_bits() != 0) return false;
  if (!h.fin() || h.op() > opcode::pong || h.payload_size > largest_control_payload) return false;
  return h.header_size == (h.masked ? 6U : 2U);  // the length in its shortest form
}

// What is not is shown to Beast at once, which names the error and closes.
bool codec::acceptable(const frame_header& h) const noexcept {
  if (h.masked != (side_ == role::server) || h.op() > opcode::binary) return false;
  const bool deflated = compressed_ == compression::on && !in_message_;
  if ((h.reserved_bits() & ~(deflated ? deflated_bit : 0U)) != 0) return false;
  return in_message_ == (h.op() == opcode::continuation);
}

// What is deflated is measured as a whole, later.
bool codec::fits(const frame_header& h) const noexcept {
  if ((h.first & deflated_bit) != 0) return true;
  return h.payload_size <= max_message_ && partial_.size() <= max_message_ - h.payload_size;
}

codec::progress codec::take_control(const frame_header& h) {
  if (!well_formed(h)) return reject(h.header_size);
  const std::size_t size = h.header_size + static_cast<std::size_t>(h.payload_size);
  if (wire_.input().size() < size) return progress::starved;
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
  if (h.op() == opcode::close) return answer_close({plain.data(), size});
  if (h.op() == opcode::pong) {
    if (observer_ != nullptr) observer_->on_pong({plain.data(), size});
    return;
  }
  if (wire_.bytes_flushed() >= pongs_end_at_) pong_bytes_ = 0;
  put_frame(opcode::pong, {plain.data(), size});
  pong_bytes_ += frame_size(side_, size);
  pongs_end_at_ = wire_.bytes_flushed() + wire_.unflushed();
}

void codec::answer_close(std::string_view payload) {
  unsigned code = 1005;  // says that there is none
  if (!payload.empty()) {
    const std::string_view reason = payload.substr(std::min<std::size_t>(2, payload.size()));
    code =
        payload.size() < 2 ? 0 : static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
    if (!may_be_sent(code) || !policy::valid_utf8(reason)) return fail(errc::protocol_error, 1002);
    close_reason_ = reason;
  }
  close_code_ = static_cast<std::uint16_t>(code);
  write_close(code == 1005 ? std::uint16_t{1000} : close_code_, {});
  ended_ = errc::closed;
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

error_code codec::write(std::string_view payload, payload_kind kind) {
  if (ended_) return ended_;
  if (wire_.output_shut()) return errc::closed;
  if (compressed_ == compression::on) return write_compressed(payload, kind);
  put_frame(kind == payload_kind::text ? opcode::text : opcode::binary, payload);
  return {};
}

error_code codec::write(std::string_view head, std::string_view payload, payload_kind kind) {
  if (ended_) return ended_;
  if (wire_.output_shut()) return errc::closed;
  if (compressed_ == compression::on) return write_compressed(std::string(head).append(payload), kind);
  char* const to = wire_.reserve(frame_size(side_, head.size() + payload.size()));
  if (to != nullptr) write_frame(to, side_, kind == payload_kind::text ? opcode::text : opcode::binary, head, payload);
  return {};
}

error_code codec::write_control(opcode op, std::string_view payload) {
  if (ended_) return ended_;
  if (wire_.output_shut()) return errc::closed;
  put_frame(op, payload.substr(0, largest_control_payload));
  return {};
}

void codec::put_frame(opcode op, std::string_view payload) {
  char* const to = wire_.reserve(frame_size(side_, payload.size()));
  if (to != nullptr) write_frame(to, side_, op, {}, payload);
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
