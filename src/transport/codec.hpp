// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The WebSocket protocol between a wire and messages, without I/O. Messages that arrive in one
// whole frame and uncompressed, and those that go out uncompressed, take a short way from and to
// the wire's memory. Beast checks and takes apart all else, names every breach of the protocol,
// and compresses; it is there only once it is needed.
#ifndef TAUTLINE_SRC_TRANSPORT_CODEC_HPP
#define TAUTLINE_SRC_TRANSPORT_CODEC_HPP

#include <tautline/message.hpp>
#include <tautline/server.hpp>

#include "transport/connection.hpp"
#include "transport/frame.hpp"
#include "transport/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::transport {

/// permessage-deflate, or not.
enum class compression { off, on };

class codec {
 public:
  /// `w` outlives the codec.
  codec(wire& w, role side, std::size_t max_message_bytes);
  codec(const codec&) = delete;
  codec& operator=(const codec&) = delete;
  ~codec();

  /// After the upgrade was agreed on. `extensions`: the server's Sec-WebSocket-Extensions.
  [[nodiscard]] error_code open_client(const std::string& extensions);
  /// Puts the answer 101 with these extra fields on the wire.
  [[nodiscard]] error_code open_server(const upgrade_request& request, const std::vector<header>& fields,
                                       compression offer);
  [[nodiscard]] compression compressed() const noexcept { return compressed_; }

  /// What a peer is told, in place of a bare 1009, whose message is over the limit. `words` live on.
  void answer_too_large(std::string_view words, std::uint16_t code);

  /// Appends at most `max` messages that are wholly in the wire's input to `out`, answers pings,
  /// tells `observer` of pongs. Sets `ended()` when the peer closes or breaks the protocol.
  void take(std::vector<message>& out, std::size_t max, connection_observer* observer);
  /// How much input `take` may need at once; zero: the usual.
  [[nodiscard]] std::size_t input_needed() const noexcept;
  [[nodiscard]] const error_code& ended() const noexcept { return ended_; }
  /// Answers to pings that wait to be written: a peer that asks and does not read.
  [[nodiscard]] std::size_t unwritten_pongs() const noexcept;

  [[nodiscard]] error_code write(std::string_view payload, payload_kind kind);
  /// One message of two parts.
  error_code write(std::string_view head, std::string_view payload, payload_kind kind);
  [[nodiscard]] error_code write_control(opcode op, std::string_view payload);
  /// Puts a close frame and drops what is written after it.
  void write_close(std::uint16_t code, std::string_view reason);

  [[nodiscard]] std::uint16_t close_code() const noexcept { return close_code_; }
  [[nodiscard]] const std::string& close_reason() const noexcept { return close_reason_; }

 private:
  struct machine;
  enum class progress { made, starved };

  machine& beast();
  progress step(std::vector<message>& out);
  [[nodiscard]] bool plain(const frame_header& h) const noexcept;
  progress take_whole(const frame_header& h, std::vector<message>& out);
  progress take_control(const frame_header& h);
  progress take_data(const frame_header& h, std::vector<message>& out);
  progress take_deflated(std::vector<message>& out);
  progress take_payload(std::vector<message>& out, std::size_t header_size);
  progress scan_deflated(std::size_t& message_end);
  progress reject(std::size_t header_size);
  void answer_control(const frame_header& h, std::size_t offset);
  void answer_close(std::string_view payload);
  void finish_message(std::vector<message>& out);
  [[nodiscard]] bool well_formed(const frame_header& h) const noexcept;
  [[nodiscard]] bool acceptable(const frame_header& h) const noexcept;
  [[nodiscard]] bool fits(const frame_header& h) const noexcept;
  [[nodiscard]] bool hold_empty_fragment(const frame_header& h);
  void fail(error_code why, std::uint16_t code);
  void fail_too_large();
  void on_beast_error(error_code ec, std::size_t written_before);
  void put_frame(opcode op, std::string_view payload);
  error_code write_compressed(std::string_view payload, payload_kind kind);

  wire& wire_;
  role side_;
  std::size_t max_message_;
  std::unique_ptr<machine> machine_;  ///< null until `beast()` is asked for
  compression compressed_ = compression::off;
  connection_observer* observer_ = nullptr;

  std::string partial_;              ///< of the message that is arriving
  std::uint64_t frame_left_ = 0;     ///< payload of the present frame that has not arrived
  unsigned char held_fragment_ = 0;  ///< first byte of an empty first fragment; 0: none
  bool in_message_ = false;          ///< between the fragments of one
  bool deflated_message_ = false;    ///< a compressed one is arriving
  std::size_t scanned_ = 0;          ///< of the input: known frames of a compressed message
  std::uint64_t pongs_end_at_ = 0;
  std::size_t pong_bytes_ = 0;

  std::string_view too_large_words_;
  std::uint16_t too_large_code_ = 1009;

  error_code ended_;
  std::uint16_t close_code_ = 0;
  std::string close_reason_;
};

}  // namespace tautline::transport

#endif
