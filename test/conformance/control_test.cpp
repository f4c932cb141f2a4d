// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// RFC 6455, 5.5: pings, pongs and closes.
#include "script.hpp"

namespace conformance {
namespace {

std::string every_byte(std::size_t from, std::size_t to) {
  std::string all;
  for (std::size_t c = from; c < to; ++c) all += static_cast<char>(c);
  return all;
}

std::vector<script> pings_and_pongs() {
  std::vector<script> all;
  for (const std::size_t n : {0U, 1U, 2U, 4U, 64U, 124U, 125U})
    all.push_back(script("a ping of " + std::to_string(n) + " bytes").sends({ping(letters(n))}).pongs({letters(n)}));
  for (const std::size_t n : {0U, 1U, 124U, 125U})
    all.push_back(script("an unsolicited pong of " + std::to_string(n) + " bytes").sends({pong(letters(n))}));
  for (const std::size_t from : {0U, 100U, 200U}) {
    const auto payload = every_byte(from, std::min<std::size_t>(from + 100, 256));
    all.push_back(script("a ping with all bytes from " + std::to_string(from)).sends({ping(payload)}).pongs({payload}));
  }
  const std::vector<std::string> ten = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  script many("ten pings at once are answered in order");
  for (const auto& n : ten) many.sent.push_back(ping(n));
  all.push_back(many.pongs(ten));
  all.push_back(many.pongs(ten).byte_by_byte());
  all.back().name = "ten pings byte by byte are answered in order";
  all.push_back(script("the same ping twice is answered twice").sends({ping("p"), ping("p")}).pongs({"p", "p"}));
  all.push_back(script("a ping behind a message").sends({text("m"), ping("p")}).delivers("m").pongs({"p"}));
  all.push_back(script("a ping in front of a message").sends({ping("p"), text("m")}).delivers("m").pongs({"p"}));
  all.push_back(script("a ping behind a large message")
                    .sends({binary(letters(100'000)), ping("p")})
                    .delivers_binary(letters(100'000))
                    .pongs({"p"}));
  all.push_back(
      script("a ping of 125 bytes byte by byte").sends({ping(letters(125))}).pongs({letters(125)}).byte_by_byte());
  all.push_back(script("ten unsolicited pongs and a message")
                    .sends([] {
                      frames f(10, pong("unasked"));
                      f.push_back(text("m"));
                      return f;
                    }())
                    .delivers("m"));
  all.push_back(script("a pong byte by byte").sends({pong("unasked")}).byte_by_byte());
  all.push_back(
      script("a ping that looks like a close").sends({ping(bytes({0x88, 0x00}))}).pongs({bytes({0x88, 0x00})}));
  return all;
}

std::vector<script> breaches() {
  std::vector<script> all;
  const std::pair<const char*, peer_frame> kinds[] = {{"ping", ping("")}, {"pong", pong("")}, {"close", close()}};
  for (const auto& [name, kind] : kinds) {
    const auto sized = [&whole = kind](std::size_t n) {
      auto f = whole;
      f.payload = bytes({0x03, 0xE8}) + letters(n - 2);
      return f;
    };
    for (const std::size_t n : {126U, 127U, 65'535U, 65'536U})
      all.push_back(script(std::string("a ") + name + " of " + std::to_string(n) + " bytes")
                        .sends({sized(n)})
                        .breaks_the_protocol());
    all.push_back(script(std::string("a ") + name + " that only says that it is too long")
                      .sends({sized(2).announcing(126)})
                      .breaks_the_protocol());
    auto fragment = sized(2);
    fragment.first &= 0x7FU;
    all.push_back(script(std::string("a fragmented ") + name).sends({fragment, last("x")}).breaks_the_protocol());
    auto empty = kind;
    empty.first &= 0x7FU;
    all.push_back(script(std::string("an empty fragmented ") + name).sends({empty}).breaks_the_protocol());
    all.push_back(script(std::string("a fragmented ") + name + " within a message")
                      .sends({first_text("a"), empty, last("b")})
                      .breaks_the_protocol());
    all.push_back(script(std::string("a message and a ") + name + " that is too long")
                      .sends({text("m"), sized(126)})
                      .delivers("m")
                      .breaks_the_protocol());
    all.push_back(script(std::string("a ") + name + " that is too long within a message")
                      .sends({first_binary("m"), sized(200)})
                      .breaks_the_protocol());
  }
  all.push_back(script("a good ping in front of a fragmented one")
                    .sends({ping("good"), peer_frame(0x09, "bad")})
                    .pongs({"good"})
                    .breaks_the_protocol());
  return all;
}

const table t1("control", pings_and_pongs());
const table t2("control_breaches", breaches());

}  // namespace
}  // namespace conformance
