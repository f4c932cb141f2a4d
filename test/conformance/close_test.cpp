// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// RFC 6455, 5.5.1 and 7.4: closing, its codes and its reasons.
#include "script.hpp"

namespace conformance {
namespace {

std::vector<script> codes() {
  std::vector<script> all;
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U, 1013U,
                              1014U, 3000U, 3001U, 3999U, 4000U, 4001U, 4400U, 4404U, 4429U, 4999U}) {
    const auto name = "code " + std::to_string(code);
    all.push_back(script(name + " may be sent").sends({close(code)}).closes(code));
    all.push_back(script(name + " with a reason").sends({close(code, "because")}).closes(code, "because"));
  }
  for (const unsigned code : {0U,    1U,    125U,  500U,  999U,  1004U, 1005U, 1006U, 1015U,   1016U,  1017U,
                              1100U, 1999U, 2000U, 2500U, 2999U, 5000U, 5001U, 9999U, 32'768U, 65'535U}) {
    const auto name = "code " + std::to_string(code);
    all.push_back(script(name + " may not be sent").sends({close(code)}).breaks_the_protocol());
  }
  all.push_back(script("a code that may not be sent with a reason").sends({close(1005, "no")}).breaks_the_protocol());
  return all;
}

std::vector<script> payloads() {
  std::vector<script> all = {
      script("no payload").sends({close()}).closes(1005),
      script("half a code").sends({peer_frame(0x88, "\x03")}).breaks_the_protocol(),
      script("a reason of one byte").sends({close(1000, "x")}).closes(1000, "x"),
      script("a reason of 122 bytes").sends({close(1000, letters(122))}).closes(1000, letters(122)),
      script("a reason of 123 bytes").sends({close(1000, letters(123))}).closes(1000, letters(123)),
      script("a reason of several scripts")
          .sends({close(4000, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")})
          .closes(4000, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
      script("a reason of 123 bytes that ends with a character of three")
          .sends({close(1000, letters(120) + "\xe2\x82\xac")})
          .closes(1000, letters(120) + "\xe2\x82\xac"),
      script("a reason with a NUL").sends({close(1000, std::string("a\0b", 3))}).closes(1000, std::string("a\0b", 3)),
      script("a reason with line breaks").sends({close(1000, "a\r\nb")}).closes(1000, "a\r\nb"),
  };
  const std::pair<const char*, std::string> invalid[] = {{"a bad byte", "\xff"},
                                                         {"a lone continuation", "a\x80"},
                                                         {"an overlong slash", "\xc0\xaf"},
                                                         {"a surrogate", "\xed\xa0\x80"},
                                                         {"U+110000", "\xf4\x90\x80\x80"},
                                                         {"a character that is cut off", "caf\xc3"},
                                                         {"a character of three that is cut off", "\xe2\x82"}};
  for (const auto& [name, reason] : invalid)
    all.push_back(script(std::string("a reason with ") + name).sends({close(1000, reason)}).breaks_the_protocol());
  all.push_back(script("a reason of 123 bytes that ends in a character")
                    .sends({close(1000, letters(121) + "\xe2\x82")})
                    .breaks_the_protocol());
  return all;
}

std::vector<script> order() {
  return {
      script("a message in front of the close").sends({text("last"), close(1000)}).delivers("last").closes(1000),
      script("a hundred messages in front of the close")
          .sends([] {
            frames f(100, binary("m"));
            f.push_back(close(1001));
            return f;
          }())
          .closes(1001),
      script("a text behind the close is not delivered").sends({close(1000), text("late")}).closes(1000),
      script("a binary message behind the close is not delivered").sends({close(3000), binary("late")}).closes(3000),
      script("a ping behind the close is not answered").sends({close(1000), ping("late")}).closes(1000),
      script("a second close is not answered").sends({close(1000), close(1001)}).closes(1000),
      script("garbage behind the close does not matter")
          .sends({close(1001, "bye"), peer_frame(0xFF, "garbage")})
          .closes(1001, "bye"),
      script("a ping in front of the close is answered").sends({ping("p"), close(1000)}).pongs({"p"}).closes(1000),
      script("a close byte by byte").sends({close(4001, "slow")}).closes(4001, "slow").byte_by_byte(),
      script("an empty close byte by byte").sends({close()}).closes(1005).byte_by_byte(),
      script("a close whose code is broken in two").sends({close(1000)}).closes(1000).broken_before_the_last(1),
      script("a close whose reason is broken inside a character")
          .sends({close(1000, "\xe2\x82\xac")})
          .closes(1000, "\xe2\x82\xac")
          .broken_before_the_last(1),
      script("an end of file behind the close changes nothing")
          .sends({text("m"), close(1012)})
          .delivers("m")
          .closes(1012),
  };
}

std::vector<script> with_all_delivered(std::vector<script> all) {
  for (auto& s : all) {
    if (!s.name.starts_with("a hundred")) continue;
    for (int i = 0; i < 100; ++i) s = s.delivers_binary("m");
  }
  return all;
}

const table t1("close_codes", codes());
const table t2("close_payloads", payloads());
const table t3("close_order", with_all_delivered(order()));

}  // namespace
}  // namespace conformance
