// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// RFC 6455, 5.2: bits and opcodes that mean nothing yet.
#include "script.hpp"

#include <fmt/format.h>

namespace conformance {
namespace {

std::vector<script> bits() {
  std::vector<script> all;
  const std::pair<const char*, peer_frame> kinds[] = {
      {"text", text("x")}, {"binary", binary("x")}, {"first fragment", first_text("x")},
      {"ping", ping("x")}, {"pong", pong("x")},     {"close", close(1000)}};
  const std::pair<const char*, unsigned> ones[] = {{"RSV1", 4}, {"RSV2", 2}, {"RSV3", 1}};
  for (const auto& [name, kind] : kinds)
    for (const auto& [bit_name, bit] : ones)
      all.push_back(
          script(fmt::format("{} on a {}", bit_name, name)).sends({kind.reserved(bit)}).breaks_the_protocol());
  for (const auto& [bit_name, bit] : ones) {
    all.push_back(script(fmt::format("{} on a last fragment", bit_name))
                      .sends({first_text("a"), last("b").reserved(bit)})
                      .breaks_the_protocol());
    all.push_back(
        script(fmt::format("{} on an empty text", bit_name)).sends({text("").reserved(bit)}).breaks_the_protocol());
    all.push_back(script(fmt::format("{} behind good messages", bit_name))
                      .sends({text("good"), ping("p"), text("bad").reserved(bit)})
                      .delivers("good")
                      .pongs({"p"})
                      .breaks_the_protocol());
  }
  const std::pair<const char*, unsigned> several[] = {
      {"RSV1 and RSV2", 6}, {"RSV1 and RSV3", 5}, {"RSV2 and RSV3", 3}, {"all three", 7}};
  for (const auto& [name, set] : several)
    all.push_back(script(fmt::format("{} on a text", name)).sends({text("x").reserved(set)}).breaks_the_protocol());
  all.push_back(script("all three on an empty fragment within a message")
                    .sends({first_text("a"), more("").reserved(7), last("b")})
                    .breaks_the_protocol());
  return all;
}

std::vector<script> opcodes() {
  std::vector<script> all;
  for (const unsigned op : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    all.push_back(script(fmt::format("opcode {}", op)).sends({peer_frame(0x80U | op, "x")}).breaks_the_protocol());
    all.push_back(script(fmt::format("opcode {} with nothing in it", op))
                      .sends({peer_frame(0x80U | op, "")})
                      .breaks_the_protocol());
  }
  for (const unsigned op : {3U, 7U, 11U, 15U}) {
    all.push_back(
        script(fmt::format("opcode {} as a fragment", op)).sends({peer_frame(op, "x")}).breaks_the_protocol());
    all.push_back(script(fmt::format("opcode {} within a message", op))
                      .sends({first_text("a"), peer_frame(0x80U | op, "x"), last("b")})
                      .breaks_the_protocol());
    all.push_back(script(fmt::format("opcode {} behind good messages", op))
                      .sends({text("good"), binary("too"), peer_frame(0x80U | op, "x"), text("late")})
                      .delivers("good")
                      .delivers_binary("too")
                      .breaks_the_protocol());
  }
  all.push_back(
      script("opcode 3 with a large payload").sends({peer_frame(0x83, letters(70'000))}).breaks_the_protocol());
  all.push_back(script("opcode 11 with a large payload").sends({peer_frame(0x8B, letters(300))}).breaks_the_protocol());
  return all;
}

// RFC 6455, 5.1. Every frame that our ends send is checked in every case.
std::vector<script> masks() {
  return {
      script("a text").sends({text("Hello").reversed_mask()}).breaks_the_protocol(),
      script("a binary message").sends({binary("Hello").reversed_mask()}).breaks_the_protocol(),
      script("an empty text").sends({text("").reversed_mask()}).breaks_the_protocol(),
      script("a large text").sends({text(letters(70'000)).reversed_mask()}).breaks_the_protocol(),
      script("a first fragment").sends({first_text("Hel").reversed_mask()}).breaks_the_protocol(),
      script("an empty first fragment").sends({first_text("").reversed_mask()}).breaks_the_protocol(),
      script("a last fragment").sends({first_text("Hel"), last("lo").reversed_mask()}).breaks_the_protocol(),
      script("an empty fragment in the middle")
          .sends({first_text("Hel"), more("").reversed_mask(), last("lo")})
          .breaks_the_protocol(),
      script("a ping").sends({ping("p").reversed_mask()}).breaks_the_protocol(),
      script("an empty ping").sends({ping("").reversed_mask()}).breaks_the_protocol(),
      script("a pong").sends({pong("p").reversed_mask()}).breaks_the_protocol(),
      script("a close").sends({close(1000).reversed_mask()}).breaks_the_protocol(),
      script("an empty close").sends({close().reversed_mask()}).breaks_the_protocol(),
      script("a ping between fragments")
          .sends({first_text("Hel"), ping("p").reversed_mask(), last("lo")})
          .breaks_the_protocol(),
      script("a message behind good ones")
          .sends({text("good"), binary("too"), text("bad").reversed_mask(), text("late")})
          .delivers("good")
          .delivers_binary("too")
          .breaks_the_protocol(),
      script("a text with a key of zeros")
          .sends({text("Hello").reversed_mask().masked_with(0)})
          .breaks_the_protocol()
          .only_to(tested::client),
  };
}

std::vector<script> keys() {
  std::vector<script> all = {
      script("a key of zeros").sends({text("Hello").masked_with(0)}).delivers("Hello"),
      script("a key of ones").sends({text("Hello").masked_with(0xFFFFFFFF)}).delivers("Hello"),
      script("a key for each fragment")
          .sends({first_text("Hel").masked_with(1), more("lo ").masked_with(0x01020304), last("you").masked_with(0)})
          .delivers("Hello you"),
      script("a key for each of two messages and a ping")
          .sends({text("a").masked_with(0x80000000), ping("p").masked_with(7), binary("b").masked_with(0x7F7F7F7F)})
          .delivers("a")
          .delivers_binary("b")
          .pongs({"p"}),
      script("a key that turns the text into its own header")
          .sends({text(bytes({0x81, 0x05, 0x7F, 0x7F})).masked_with(0x81058105)})
          .fails(1007, tautline::errc::invalid_utf8),
  };
  for (const std::size_t n : {1U, 2U, 3U, 5U, 7U, 31U, 33U})
    all.push_back(script(fmt::format("a payload of {} bytes under a key of four unlike bytes", n))
                      .sends({binary(letters(n)).masked_with(0xA1B2C3D4)})
                      .delivers_binary(letters(n)));
  all.push_back(script("a large payload broken inside of the key's turn")
                    .sends({binary(letters(70'001)).masked_with(0xA1B2C3D4)})
                    .delivers_binary(letters(70'001))
                    .broken_before_the_last(1'003));
  for (auto& s : all) s = s.only_to(tested::server);
  return all;
}

const table t1("reserved_bits", bits());
const table t2("reserved_opcodes", opcodes());
const table t3("masking_reversed", masks());
const table t4("masking_keys", keys());

}  // namespace
}  // namespace conformance
