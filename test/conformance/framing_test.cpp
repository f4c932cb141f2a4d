// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// RFC 6455, 5.2: whole messages in one frame, every form of a length.
#include "script.hpp"

#include <cstdint>

namespace conformance {
namespace {

std::vector<script> sizes() {
  std::vector<script> all;
  for (const std::size_t n :
       {0U, 1U, 2U, 124U, 125U, 126U, 127U, 128U, 255U, 256U, 65'534U, 65'535U, 65'536U, 65'537U, 70'000U, 131'072U}) {
    const auto size = std::to_string(n) + " bytes";
    all.push_back(script("a text of " + size).sends({text(letters(n))}).delivers(letters(n)));
    all.push_back(script("a binary message of " + size).sends({binary(letters(n))}).delivers_binary(letters(n)));
  }
  return all;
}

std::vector<script> arrivals() {
  std::vector<script> all;
  for (const std::size_t n : {0U, 5U, 126U, 300U}) {
    const auto size = std::to_string(n) + " bytes byte by byte";
    all.push_back(script("a text of " + size).sends({text(letters(n))}).delivers(letters(n)).byte_by_byte());
  }
  // Behind a header of 14 bytes to a server and of 10 to a client.
  for (const std::size_t n : {1U, 2U, 65'535U, 65'536U}) {
    all.push_back(script("a long frame broken before its last " + std::to_string(n))
                      .sends({text(letters(65'536))})
                      .delivers(letters(65'536))
                      .broken_before_the_last(n));
  }
  for (std::size_t n = 65'537; n <= 65'536 + 9; ++n) {
    all.push_back(script("a long header broken " + std::to_string(n - 65'536) + " before the payload")
                      .sends({binary(letters(65'536))})
                      .delivers_binary(letters(65'536))
                      .broken_before_the_last(n));
  }
  script two("two messages in one write");
  all.push_back(two.sends({text("one"), binary("two")}).delivers("one").delivers_binary("two"));
  script hundred("a hundred messages in one write");
  for (int i = 0; i < 100; ++i) {
    hundred.sent.push_back(text("number " + std::to_string(i)));
    hundred = hundred.delivers("number " + std::to_string(i));
  }
  all.push_back(hundred);
  all.push_back(script("a whole message and the beginning of the next")
                    .sends({text("whole"), text("broken")})
                    .delivers("whole")
                    .delivers("broken")
                    .broken_before_the_last(3));
  all.push_back(script("short and long messages by turns")
                    .sends({text(letters(10)), text(letters(66'000)), text(""), binary(letters(66'000)), text("end")})
                    .delivers(letters(10))
                    .delivers(letters(66'000))
                    .delivers("")
                    .delivers_binary(letters(66'000))
                    .delivers("end"));
  return all;
}

std::vector<script> lengths_that_are_longer_than_need_be() {
  std::vector<script> all;
  for (const std::size_t n : {0U, 1U, 125U})
    all.push_back(script("two bytes of length for " + std::to_string(n))
                      .sends({text(letters(n)).with_length(length_form::two_bytes)})
                      .breaks_the_protocol());
  for (const std::size_t n : {0U, 1U, 125U, 126U, 65'535U})
    all.push_back(script("eight bytes of length for " + std::to_string(n))
                      .sends({binary(letters(n)).with_length(length_form::eight_bytes)})
                      .breaks_the_protocol());
  all.push_back(script("two bytes of length for a fragment of 5")
                    .sends({first_text("a"), last("Hello").with_length(length_form::two_bytes)})
                    .breaks_the_protocol());
  all.push_back(script("eight bytes of length for a first fragment of 200")
                    .sends({first_binary(letters(200)).with_length(length_form::eight_bytes)})
                    .breaks_the_protocol());
  all.push_back(script("two bytes of length for a ping of 5")
                    .sends({ping("Hello").with_length(length_form::two_bytes)})
                    .breaks_the_protocol());
  all.push_back(script("eight bytes of length for a ping of 5")
                    .sends({ping("Hello").with_length(length_form::eight_bytes)})
                    .breaks_the_protocol());
  all.push_back(script("two bytes of length for a pong of 5")
                    .sends({pong("Hello").with_length(length_form::two_bytes)})
                    .breaks_the_protocol());
  all.push_back(script("two bytes of length for a close")
                    .sends({close(1000).with_length(length_form::two_bytes)})
                    .breaks_the_protocol());
  all.push_back(script("valid messages in front of a length that is longer than need be")
                    .sends({text("one"), binary("two"), text("x").with_length(length_form::eight_bytes)})
                    .delivers("one")
                    .delivers_binary("two")
                    .breaks_the_protocol());
  return all;
}

// All are beyond any limit; that the highest bit is not zero is one more reason.
std::vector<script> lengths_of_64_bits() {
  std::vector<script> all;
  const std::pair<const char*, std::uint64_t> lengths[] = {{"2 to the 32", std::uint64_t{1} << 32U},
                                                           {"2 to the 62", std::uint64_t{1} << 62U},
                                                           {"2 to the 63 less 1", (std::uint64_t{1} << 63U) - 1},
                                                           {"2 to the 63", std::uint64_t{1} << 63U},
                                                           {"2 to the 63 and 5", (std::uint64_t{1} << 63U) + 5},
                                                           {"2 to the 64 less 1", ~std::uint64_t{0}}};
  for (const auto& [name, n] : lengths) {
    all.push_back(
        script(std::string("a text that says it has ") + name).sends({text("").announcing(n)}).is_too_large());
    all.push_back(script(std::string("a fragment that says it has ") + name)
                      .sends({first_binary("x"), more("").announcing(n)})
                      .is_too_large());
    all.push_back(
        script(std::string("a ping that says it has ") + name).sends({ping("").announcing(n)}).breaks_the_protocol());
  }
  return all;
}

std::vector<script> ends_of_file() {
  return {script("an end of file between messages").sends({text("whole")}).delivers("whole").is_cut_off(),
          script("an end of file with nothing said").is_cut_off(),
          script("an end of file in a header").sends({text(letters(300)).announcing(65'536)}).is_cut_off(),
          script("an end of file in a payload").sends({text("half").announcing(8)}).is_cut_off(),
          script("an end of file in a ping").sends({ping("half").announcing(8)}).is_cut_off(),
          script("an end of file in a close").sends({peer_frame(0x88, "\x03").announcing(2)}).is_cut_off(),
          script("an end of file between fragments").sends({first_text("half")}).is_cut_off(),
          script("an end of file behind an empty first fragment").sends({first_text("")}).is_cut_off()};
}

const table t1("framing_sizes", sizes());
const table t2("framing_arrivals", arrivals());
const table t3("framing_lengths_too_long", lengths_that_are_longer_than_need_be());
const table t4("framing_lengths_of_64_bits", lengths_of_64_bits());
const table t5("framing_ends_of_file", ends_of_file());

}  // namespace
}  // namespace conformance
