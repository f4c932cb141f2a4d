// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Messages of tautline.v1 as a hostile peer may say them, chosen by the bytes.
#ifndef TAUTLINE_TEST_FUZZ_SESSION_WORDS_HPP
#define TAUTLINE_TEST_FUZZ_SESSION_WORDS_HPP

#include <tautline/message.hpp>

#include "delivery/session_codec.hpp"
#include "target.hpp"

#include <array>
#include <string>

namespace fuzz {

inline std::string data_message(decisions& d) {
  tautline::delivery::data_head head;
  const unsigned kind = d.byte();
  head.text = (kind & 1U) != 0;
  head.is_void = (kind & 2U) != 0;
  head.seq = 1 + d.number();
  if ((kind & 4U) != 0) head.ack = d.number();
  if (head.is_void) head.count = 1 + d.number();
  std::array<char, tautline::delivery::max_head_bytes> bytes{};
  std::string whole(bytes.data(), tautline::delivery::encode_head(head, bytes.data()));
  if (!head.is_void) whole += d.bytes(d.byte() % 64);
  return whole;
}

/// Any but hello and welcome.
inline std::string control_message(decisions& d) {
  using namespace tautline::delivery;
  switch (d.below(8)) {
    case 0: return encode(session_ack(d.number()));
    case 1: {
      session_ping p;
      if (d.below(2) != 0) p.id = d.number();
      return encode(p);
    }
    case 2: {
      session_pong p;
      if (d.below(2) != 0) p.id = d.number();
      if (d.below(2) != 0) p.recv = d.number();
      return encode(p);
    }
    case 3: {
      session_drain drain;
      drain.min_ms = d.number();
      drain.max_ms = drain.min_ms + d.number();
      drain.deadline_ms = d.number();
      return encode(drain);
    }
    case 4: return encode(session_bye());
    case 5: {
      session_error e(std::string(name_of(static_cast<session_fault>(d.below(9)))), "so");
      if (d.below(2) != 0) e.retry_after_ms = d.number();
      return encode(e);
    }
    case 6: return "{\"type\":\"news\"}";
    default: return std::string(d.bytes(d.byte()));
  }
}

}  // namespace fuzz

#endif
