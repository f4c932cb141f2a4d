// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// RFC 6455, 10.4: the largest message, to the byte.
#include "script.hpp"

namespace conformance {
namespace {

std::vector<script> whole() {
  std::vector<script> all;
  // Each beginning and end of a form of length is one of the limits.
  for (const std::size_t limit : {6U, 125U, 126U, 1'000U, 65'535U, 65'536U}) {
    const auto of = " of a limit of " + std::to_string(limit);
    const auto exactly = letters(limit), over = letters(limit + 1);
    all.push_back(script("exactly" + of).sends({text(exactly)}).delivers(exactly).with_limit(limit));
    all.push_back(script("one over" + of).sends({text(over)}).is_too_large().with_limit(limit));
    all.push_back(script("one over and only announced" + of)
                      .sends({binary("").announcing(limit + 1)})
                      .is_too_large()
                      .with_limit(limit));
  }
  return all;
}

std::vector<script> of_a_thousand() {
  std::vector<script> all = {
      script("two fragments exactly")
          .sends({first_text(letters(500)), last(letters(500))})
          .delivers(letters(500) + letters(500)),
      script("two fragments and one byte over").sends({first_text(letters(500)), last(letters(501))}).is_too_large(),
      script("a first fragment over").sends({first_binary(letters(1'001))}).is_too_large(),
      script("a first fragment exactly and an empty last")
          .sends({first_binary(letters(1'000)), last("")})
          .delivers_binary(letters(1'000)),
      script("a first fragment exactly and one byte more")
          .sends({first_binary(letters(1'000)), last("x")})
          .is_too_large(),
      script("an empty first fragment and exactly")
          .sends({first_text(""), last(letters(1'000))})
          .delivers(letters(1'000)),
      script("an empty first fragment and one byte over").sends({first_text(""), last(letters(1'001))}).is_too_large(),
      script("three fragments and one byte over is known before the last comes")
          .sends({first_text(letters(500)), more(letters(501))})
          .is_too_large(),
      script("control frames between fragments do not count")
          .sends({first_text(letters(500)), ping(letters(125)), pong(letters(125)), last(letters(500))})
          .delivers(letters(500) + letters(500))
          .pongs({letters(125)}),
      script("messages do not add up")
          .sends({text(letters(1'000)), text(letters(1'000)), binary(letters(1'000))})
          .delivers(letters(1'000))
          .delivers(letters(1'000))
          .delivers_binary(letters(1'000)),
      script("fragments do not add up over messages")
          .sends({first_text(letters(999)), last("x"), first_text(letters(999)), last("x")})
          .delivers(letters(999) + "x")
          .delivers(letters(999) + "x"),
      script("a good message in front of one that is over")
          .sends({text("good"), text(letters(1'001))})
          .delivers("good")
          .is_too_large(),
      script("a good message behind one that is over is not delivered")
          .sends({text(letters(1'001)), text("good")})
          .is_too_large(),
      script("bytes count and not characters").sends({text(letters(999) + "\xc3\xa9")}).is_too_large(),
      script("a thousand bytes of two-byte characters")
          .sends({text([] {
            std::string s;
            for (int i = 0; i < 500; ++i) s += "\xc3\xa9";
            return s;
          }())})
          .delivers([] {
            std::string s;
            for (int i = 0; i < 500; ++i) s += "\xc3\xa9";
            return s;
          }()),
      script("one over byte by byte is known from its header")
          .sends({text("").announcing(1'001)})
          .is_too_large()
          .byte_by_byte(),
      script("a limit does not bind pings").sends({ping(letters(125))}).pongs({letters(125)}),
  };
  frames drops{first_binary("x")};
  for (int i = 0; i < 1'000; ++i) drops.push_back(more("x"));
  all.push_back(script("a thousand and one fragments of one byte").sends(drops).is_too_large());
  drops.pop_back();
  drops.push_back(last(""));
  all.push_back(script("a thousand fragments of one byte").sends(drops).delivers_binary(std::string(1'000, 'x')));
  for (auto& s : all) s = s.with_limit(1'000);
  return all;
}

const table t1("limits", whole());
const table t2("limits_of_a_thousand", of_a_thousand());

}  // namespace
}  // namespace conformance
