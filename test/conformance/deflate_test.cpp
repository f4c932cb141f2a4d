// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// RFC 7692: compressed messages, whole and broken. Negotiation has its own file.
#include "deflate.hpp"

#include "script.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

namespace conformance {
namespace {

// The RFC's own examples, section 7.2.3.
const std::string hello = bytes({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00});
const std::string hello_again_by_reference = bytes({0xf2, 0x00, 0x11, 0x00, 0x00});
const std::string hello_stored = bytes({0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00});
const std::string hello_final = bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00});
const std::string hello_two_blocks =
    bytes({0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00});

std::string noise(std::size_t n) {
  std::mt19937 dice(7);
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += static_cast<char>(dice() & 0xFFU);
  return out;
}

// A message in stored blocks: longer than what is in it.
std::string stored(const std::string& text) {
  std::string out(1, '\0');
  const auto size = static_cast<unsigned>(text.size());
  out += bytes({size & 0xFFU, size >> 8U, ~size & 0xFFU, (~size >> 8U) & 0xFFU}) + text;
  return out + '\0';
}

std::vector<script> valid() {
  const auto compressed = deflate(letters(50'000));
  std::vector<script> all = {
      script("a text").sends({text(hello).deflated()}).delivers("Hello"),
      script("a binary message").sends({binary(hello).deflated()}).delivers_binary("Hello"),
      script("the same twice")
          .sends({text(hello).deflated(), text(hello).deflated()})
          .delivers("Hello")
          .delivers("Hello"),
      script("a reference to the message before")
          .sends({text(hello).deflated(), text(hello_again_by_reference).deflated()})
          .delivers("Hello")
          .delivers("Hello"),
      script("a stored block").sends({text(hello_stored).deflated()}).delivers("Hello"),
      script("two blocks").sends({text(hello_two_blocks).deflated()}).delivers("Hello"),
      script("an empty message").sends({text(bytes({0})).deflated()}).delivers(""),
      script("an empty binary message").sends({binary(bytes({0})).deflated()}).delivers_binary(""),
      script("a message that is not compressed").sends({text("plain")}).delivers("plain"),
      script("an empty message that is not compressed").sends({text("")}).delivers(""),
      script("plain and compressed by turns")
          .sends({text("plain"), text(hello).deflated(), binary("plain"), text(hello_again_by_reference).deflated()})
          .delivers("plain")
          .delivers("Hello")
          .delivers_binary("plain")
          .delivers("Hello"),
      script("plain fragments").sends({first_text("pl"), last("ain")}).delivers("plain"),
      script("a long message").sends({text(compressed).deflated()}).delivers(letters(50'000)),
      script("a message that does not shrink")
          .sends({binary(deflate(noise(20'000))).deflated()})
          .delivers_binary(noise(20'000)),
      script("a stored block of 60000 bytes")
          .sends({text(stored(letters(60'000))).deflated()})
          .delivers(letters(60'000)),
      script("UTF-8").sends({text(deflate("\xc3\xa9\xe2\x82\xac")).deflated()}).delivers("\xc3\xa9\xe2\x82\xac"),
      script("a binary message that is not UTF-8")
          .sends({binary(deflate("\xff\xfe")).deflated()})
          .delivers_binary("\xff\xfe"),
      script("a ping in front and behind")
          .sends({ping("1"), text(hello).deflated(), ping("2")})
          .delivers("Hello")
          .pongs({"1", "2"}),
      script("byte by byte").sends({text(hello).deflated()}).delivers("Hello").byte_by_byte(),
      script("a close behind a compressed message")
          .sends({text(hello).deflated(), close(1001, "bye")})
          .delivers("Hello")
          .closes(1001, "bye"),
  };
  const std::vector<std::string> three = {"first message, first message", "second message, first message",
                                          "third message, second message, first message"};
  const auto in_one_context = deflate(three);
  script sharing("three messages that share a context");
  for (std::size_t i = 0; i < 3; ++i) {
    sharing.sent.push_back(text(in_one_context[i]).deflated());
    sharing = sharing.delivers(three[i]);
  }
  all.push_back(sharing);
  return all;
}

std::vector<script> fragments() {
  std::vector<script> all;
  for (std::size_t at = 0; at <= hello.size(); ++at)
    all.push_back(script("two fragments broken at byte " + std::to_string(at))
                      .sends({first_text(hello.substr(0, at)).deflated(), last(hello.substr(at))})
                      .delivers("Hello"));
  frames single{first_text("").deflated()};
  for (const char c : hello) single.push_back(more(std::string(1, c)));
  single.push_back(last(""));
  all.push_back(script("each byte is a fragment").sends(single).delivers("Hello"));
  all.push_back(script("each byte is a fragment and a write").sends(single).delivers("Hello").byte_by_byte());
  all.push_back(script("a ping between fragments")
                    .sends({first_text(hello.substr(0, 3)).deflated(), ping("p"), last(hello.substr(3))})
                    .delivers("Hello")
                    .pongs({"p"}));
  all.push_back(script("pings and pongs between three fragments")
                    .sends({first_binary(hello.substr(0, 2)).deflated(), ping("1"), pong("x"), more(hello.substr(2, 2)),
                            ping("2"), last(hello.substr(4))})
                    .delivers_binary("Hello")
                    .pongs({"1", "2"}));
  all.push_back(
      script("a close between fragments").sends({first_text(hello.substr(0, 3)).deflated(), close(1000)}).closes(1000));
  all.push_back(
      script("an end of file between fragments").sends({first_text(hello.substr(0, 3)).deflated()}).is_cut_off());
  all.push_back(script("a reference from one fragmented message to another")
                    .sends({first_text(hello.substr(0, 3)).deflated(), last(hello.substr(3)),
                            first_text(hello_again_by_reference.substr(0, 1)).deflated(),
                            last(hello_again_by_reference.substr(1))})
                    .delivers("Hello")
                    .delivers("Hello"));
  return all;
}

std::vector<script> breaches() {
  return {
      script("RSV1 on a last fragment")
          .sends({first_text(hello.substr(0, 3)).deflated(), last(hello.substr(3)).deflated()})
          .breaks_the_protocol(),
      script("RSV1 on a fragment of a plain message")
          .sends({first_text("pl"), last("ain").deflated()})
          .breaks_the_protocol(),
      script("RSV1 on a ping").sends({ping("p").deflated()}).breaks_the_protocol(),
      script("RSV1 on a pong").sends({pong("p").deflated()}).breaks_the_protocol(),
      script("RSV1 on a close").sends({close(1000).deflated()}).breaks_the_protocol(),
      script("RSV2 on a compressed message").sends({text(hello).reserved(6)}).breaks_the_protocol(),
      script("RSV3 on a compressed message").sends({text(hello).reserved(5)}).breaks_the_protocol(),
      script("RSV2 on a plain message").sends({text("x").reserved(2)}).breaks_the_protocol(),
      script("a block type that does not exist")
          .sends({binary(bytes({0x07, 0xff, 0xff})).deflated()})
          .breaks_the_protocol(),
      script("a stored block whose lengths disagree")
          .sends({binary(bytes({0x00, 0x05, 0x00, 0x00, 0x00, 0x48})).deflated()})
          .breaks_the_protocol(),
      script("a reference to what never was")
          .sends({binary(hello_again_by_reference).deflated()})
          .breaks_the_protocol(),
      // RFC 7692, 7.2.3.4, allows it; Beast's decompressor does not.
      script("a block that says it is the last").sends({text(hello_final).deflated()}).breaks_the_protocol(),
      script("noise").sends({binary(std::string(2'000, '\x55')).deflated()}).breaks_the_protocol(),
      script("a compressed message within a plain one")
          .sends({first_text("a"), text(hello).deflated()})
          .breaks_the_protocol(),
      script("a compressed message within a compressed one")
          .sends({first_text(hello.substr(0, 3)).deflated(), text(hello).deflated()})
          .breaks_the_protocol(),
      script("a compressed message within a compressed one whose fragment is empty")
          .sends({first_text("").deflated(), text(hello).deflated()})
          .breaks_the_protocol(),
      script("an opcode that does not exist within a compressed message")
          .sends({first_text(hello.substr(0, 3)).deflated(), peer_frame(0x83, "x")})
          .breaks_the_protocol(),
      script("good messages in front of a broken one")
          .sends({text(hello).deflated(), text("plain"), binary(bytes({0x07})).deflated()})
          .delivers("Hello")
          .delivers("plain")
          .breaks_the_protocol(),
      script("a text that is not UTF-8").sends({text(deflate("ab\xff")).deflated()}).is_not_utf8(),
      script("a text that ends in a character").sends({text(deflate("ab\xe2\x82")).deflated()}).is_not_utf8(),
      script("a text in fragments that is not UTF-8")
          .sends({first_text(deflate("ab\xff").substr(0, 2)).deflated(), last(deflate("ab\xff").substr(2))})
          .is_not_utf8(),
  };
}

std::vector<script> limits() {
  const auto of_zeros = [](std::size_t n) { return deflate(std::string(n, '\0')); };
  std::vector<script> all = {
      script("exactly").sends({binary(of_zeros(1'000)).deflated()}).delivers_binary(std::string(1'000, '\0')),
      script("one over").sends({binary(of_zeros(1'001)).deflated()}).is_too_large(),
      script("a bomb of a megabyte").sends({binary(of_zeros(1'000'000)).deflated()}).is_too_large(),
      script("a bomb of 50 megabytes").sends({binary(of_zeros(50'000'000)).deflated()}).is_too_large(),
      script("a bomb in fragments")
          .sends([&] {
            const auto bomb = of_zeros(100'000);
            return frames{first_binary(bomb.substr(0, 10)).deflated(), more(bomb.substr(10, 10)),
                          last(bomb.substr(20))};
          }())
          .is_too_large(),
      script("exactly in stored blocks that are larger")
          .sends({binary(stored(letters(1'000))).deflated()})
          .delivers_binary(letters(1'000)),
      script("one over in stored blocks").sends({binary(stored(letters(1'001))).deflated()}).is_too_large(),
      script("a frame that only says that it is large")
          .sends({binary("").deflated().announcing(1'000'000)})
          .is_too_large(),
      script("a plain message over the limit").sends({text(letters(1'001))}).is_too_large(),
      script("a good message in front of a bomb")
          .sends({text(hello).deflated(), binary(of_zeros(100'000)).deflated()})
          .delivers("Hello")
          .is_too_large(),
  };
  for (auto& s : all) s = s.with_limit(1'000);
  return all;
}

std::vector<script> with_deflate(std::vector<script> all, const std::string& parameters = {}) {
  for (auto& s : all) s = s.with_deflate(parameters);
  return all;
}

// What was agreed on changes what may be sent.
std::vector<script> terms() {
  const script twice =
      script("").sends({text(hello).deflated(), text(hello).deflated()}).delivers("Hello").delivers("Hello");
  const script refers =
      script("").sends({text(hello).deflated(), text(hello_again_by_reference).deflated()}).delivers("Hello");
  std::vector<script> all;
  for (const char* const parameters :
       {"; client_no_context_takeover", "; server_no_context_takeover",
        "; client_no_context_takeover; server_no_context_takeover", "; server_max_window_bits=15",
        "; server_max_window_bits=10", "; client_max_window_bits=15", "; client_max_window_bits=10"}) {
    auto s = twice.with_deflate(parameters);
    s.name = std::string("messages of a context each with ") + parameters;
    all.push_back(s);
  }
  // A peer that has agreed to forget may still refer to a message before as far as its own side goes.
  auto s = refers.delivers("Hello").with_deflate("; client_no_context_takeover").only_to(tested::client);
  s.name = "a server refers back when only the client forgets";
  all.push_back(s);
  s = refers.delivers("Hello").with_deflate("; server_no_context_takeover").only_to(tested::server);
  s.name = "a client refers back when only the server forgets";
  all.push_back(s);
  return all;
}

const table t1("deflate", with_deflate(valid()));
const table t2("deflate_fragments", with_deflate(fragments()));
const table t3("deflate_breaches", with_deflate(breaches()));
const table t4("deflate_limits", with_deflate(limits()));
const table t5("deflate_terms", terms());

}  // namespace
}  // namespace conformance
