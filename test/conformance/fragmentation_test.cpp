// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// RFC 6455, 5.4: messages in fragments.
#include "script.hpp"

namespace conformance {
namespace {

// `n` bytes in fragments of `piece` each.
frames in_fragments(std::size_t n, std::size_t piece) {
  const auto whole = letters(n);
  frames all{first_text(whole.substr(0, piece))};
  for (std::size_t at = piece; at < n; at += piece) all.push_back(more(whole.substr(at, piece)));
  all.back().first |= 0x80U;
  return all;
}

std::vector<script> whole_messages() {
  std::vector<script> all = {
      script("a text in two").sends({first_text("Hel"), last("lo")}).delivers("Hello"),
      script("a binary message in two").sends({first_binary("Hel"), last("lo")}).delivers_binary("Hello"),
      script("a text in three").sends({first_text("H"), more("el"), last("lo")}).delivers("Hello"),
      script("a binary message in three").sends({first_binary("H"), more("el"), last("lo")}).delivers_binary("Hello"),
      script("an empty first fragment").sends({first_text(""), last("Hello")}).delivers("Hello"),
      script("an empty first fragment of a binary message")
          .sends({first_binary(""), last("Hello")})
          .delivers_binary("Hello"),
      script("an empty last fragment").sends({first_text("Hello"), last("")}).delivers("Hello"),
      script("an empty fragment in the middle").sends({first_text("Hel"), more(""), last("lo")}).delivers("Hello"),
      script("empty fragments everywhere")
          .sends({first_text(""), more(""), more("Hel"), more(""), more(""), more("lo"), more(""), last("")})
          .delivers("Hello"),
      script("a text of two empty fragments").sends({first_text(""), last("")}).delivers(""),
      script("a binary message of three empty fragments")
          .sends({first_binary(""), more(""), last("")})
          .delivers_binary(""),
      script("two messages in fragments")
          .sends({first_text("a"), last("b"), first_binary("c"), last("d")})
          .delivers("ab")
          .delivers_binary("cd"),
      script("a whole message behind one in fragments")
          .sends({first_text("a"), last("b"), text("c")})
          .delivers("ab")
          .delivers("c"),
      script("a message in fragments behind a whole one")
          .sends({binary("c"), first_text("a"), last("b")})
          .delivers_binary("c")
          .delivers("ab"),
      script("fragments with each form of a length")
          .sends({first_text(letters(125)), more(letters(126)), more(letters(65'535)), last(letters(65'536))})
          .delivers(letters(125) + letters(126) + letters(65'535) + letters(65'536)),
      script("a large fragment between small ones")
          .sends({first_binary("a"), more(letters(100'000)), last("z")})
          .delivers_binary("a" + letters(100'000) + "z"),
      script("a hundred empty fragments in front of the last")
          .sends([] {
            frames f{first_text("x")};
            f.insert(f.end(), 100, more(""));
            f.push_back(last("y"));
            return f;
          }())
          .delivers("xy"),
  };
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U})
    all.push_back(script("a text of 300 bytes in fragments of " + std::to_string(piece))
                      .sends(in_fragments(300, piece))
                      .delivers(letters(300)));
  for (const std::size_t piece : {100U, 1'000U, 16'384U, 65'535U, 65'536U})
    all.push_back(script("a text of 200000 bytes in fragments of " + std::to_string(piece))
                      .sends(in_fragments(200'000, piece))
                      .delivers(letters(200'000)));
  all.push_back(script("three fragments byte by byte")
                    .sends({first_text("one "), more("two "), last("three")})
                    .delivers("one two three")
                    .byte_by_byte());
  all.push_back(script("empty fragments byte by byte")
                    .sends({first_text(""), more(""), last("end")})
                    .delivers("end")
                    .byte_by_byte());
  return all;
}

std::vector<script> control_frames_between() {
  return {
      script("a ping between two fragments").sends({first_text("a"), ping("p"), last("b")}).delivers("ab").pongs({"p"}),
      script("a ping between two fragments of a binary message")
          .sends({first_binary("a"), ping("p"), last("b")})
          .delivers_binary("ab")
          .pongs({"p"}),
      script("a ping behind an empty first fragment")
          .sends({first_text(""), ping("p"), last("b")})
          .delivers("b")
          .pongs({"p"}),
      script("a ping in front of an empty last fragment")
          .sends({first_text("a"), ping("p"), last("")})
          .delivers("a")
          .pongs({"p"}),
      script("a ping between all of five fragments")
          .sends(
              {first_text("a"), ping("1"), more("b"), ping("2"), more("c"), ping("3"), more("d"), ping("4"), last("e")})
          .delivers("abcde")
          .pongs({"1", "2", "3", "4"}),
      script("three pings between two fragments")
          .sends({first_text("a"), ping("1"), ping("2"), ping("3"), last("b")})
          .delivers("ab")
          .pongs({"1", "2", "3"}),
      script("an empty ping between two fragments")
          .sends({first_text("a"), ping(""), last("b")})
          .delivers("ab")
          .pongs({""}),
      script("a ping of 125 bytes between two fragments")
          .sends({first_text("a"), ping(letters(125)), last("b")})
          .delivers("ab")
          .pongs({letters(125)}),
      script("a pong between two fragments").sends({first_text("a"), pong("p"), last("b")}).delivers("ab"),
      script("a ping and a pong between two fragments")
          .sends({first_binary("a"), pong(""), ping("p"), pong("q"), last("b")})
          .delivers_binary("ab")
          .pongs({"p"}),
      script("a ping between fragments byte by byte")
          .sends({first_text("ab"), ping("ping"), last("cd")})
          .delivers("abcd")
          .pongs({"ping"})
          .byte_by_byte(),
      script("a close between two fragments").sends({first_text("never"), close(1001)}).closes(1001),
      script("a close behind an empty first fragment").sends({first_text(""), close(1000)}).closes(1000),
      script("a whole message and a close between two fragments")
          .sends({text("whole"), first_text("never"), more("ever"), close(4000, "bye")})
          .delivers("whole")
          .closes(4000, "bye"),
      script("a ping between fragments is answered before the message ends")
          .sends({first_text("a"), ping("p"), close(1000)})
          .pongs({"p"})
          .closes(1000),
  };
}

std::vector<script> breaches() {
  return {
      script("a last fragment of nothing").sends({last("x")}).breaks_the_protocol(),
      script("an empty last fragment of nothing").sends({last("")}).breaks_the_protocol(),
      script("a fragment of nothing").sends({more("x")}).breaks_the_protocol(),
      script("an empty fragment of nothing").sends({more("")}).breaks_the_protocol(),
      script("a fragment behind a whole message").sends({text("a"), more("x")}).delivers("a").breaks_the_protocol(),
      script("a last fragment behind a last fragment")
          .sends({first_text("a"), last("b"), last("c")})
          .delivers("ab")
          .breaks_the_protocol(),
      script("a fragment behind a last fragment")
          .sends({first_binary("a"), last("b"), more("c"), last("d")})
          .delivers_binary("ab")
          .breaks_the_protocol(),
      script("a fragment of nothing behind a ping").sends({ping("p"), last("x")}).pongs({"p"}).breaks_the_protocol(),
      script("a text within a text").sends({first_text("a"), text("b")}).breaks_the_protocol(),
      script("a binary message within a text").sends({first_text("a"), binary("b")}).breaks_the_protocol(),
      script("a text within a binary message").sends({first_binary("a"), text("b")}).breaks_the_protocol(),
      script("a binary message within a binary message").sends({first_binary("a"), binary("b")}).breaks_the_protocol(),
      script("an empty text within a text").sends({first_text("a"), text("")}).breaks_the_protocol(),
      script("another first fragment within a text").sends({first_text("a"), first_text("b")}).breaks_the_protocol(),
      script("another first fragment within a binary message")
          .sends({first_binary("a"), first_binary("b"), last("c")})
          .breaks_the_protocol(),
      script("a text behind an empty first fragment").sends({first_text(""), text("b")}).breaks_the_protocol(),
      script("a first fragment behind an empty one").sends({first_text(""), first_text("b")}).breaks_the_protocol(),
      script("a text in place of the third fragment")
          .sends({first_text("a"), more("b"), text("c")})
          .breaks_the_protocol(),
      script("a text in place of the last of many fragments")
          .sends({first_text("a"), more(""), more("b"), more(""), binary("c")})
          .breaks_the_protocol(),
      script("a text within a text behind a ping")
          .sends({first_text("a"), ping("p"), text("b")})
          .pongs({"p"})
          .breaks_the_protocol(),
      script("a message in fragments in front of a breach")
          .sends({first_text("a"), last("b"), first_text("c"), text("d")})
          .delivers("ab")
          .breaks_the_protocol(),
  };
}

const table t1("fragmentation", whole_messages());
const table t2("fragmentation_control_frames_between", control_frames_between());
const table t3("fragmentation_breaches", breaches());

}  // namespace
}  // namespace conformance
