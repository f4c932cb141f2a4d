// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// RFC 6455, 8.1, and RFC 3629: texts are UTF-8, and nothing else is.
#include "script.hpp"

namespace conformance {
namespace {

struct sample {
  const char* name;
  std::string bytes;
};

std::vector<sample> valid() {
  return {
      {"U+0000", std::string(1, '\0')},
      {"U+007F", "\x7f"},
      {"U+0080", "\xc2\x80"},
      {"U+07FF", "\xdf\xbf"},
      {"U+0800", "\xe0\xa0\x80"},
      {"U+0FFF", "\xe0\xbf\xbf"},
      {"U+1000", "\xe1\x80\x80"},
      {"U+CFFF", "\xec\xbf\xbf"},
      {"U+D7FF the last in front of the surrogates", "\xed\x9f\xbf"},
      {"U+E000 the first behind the surrogates", "\xee\x80\x80"},
      {"U+FEFF a byte order mark", "\xef\xbb\xbf"},
      {"U+FFFD", "\xef\xbf\xbd"},
      {"U+FFFE no character and yet valid", "\xef\xbf\xbe"},
      {"U+FFFF no character and yet valid", "\xef\xbf\xbf"},
      {"U+10000", "\xf0\x90\x80\x80"},
      {"U+1FFFE", "\xf0\x9f\xbf\xbe"},
      {"U+3FFFF", "\xf0\xbf\xbf\xbf"},
      {"U+40000", "\xf1\x80\x80\x80"},
      {"U+FFFFF", "\xf3\xbf\xbf\xbf"},
      {"U+100000", "\xf4\x80\x80\x80"},
      {"U+10FFFF the last of all", "\xf4\x8f\xbf\xbf"},
      {"a Greek word", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"},
      {"combining characters", "e\xcc\x81 o\xcc\x88"},
      {"an emoji of several code points", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"},
      {"a character across the eighth byte",
       "1234567\xe2\x82\xac"
       "890"},
      {"a character across the 32nd byte", std::string(31, 'x') + "\xf0\x9f\x98\x80" + std::string(31, 'y')},
  };
}

std::vector<sample> invalid() {
  return {
      {"a lone continuation 80", "\x80"},
      {"a lone continuation BF", "\xbf"},
      {"two lone continuations", "\x80\xbf"},
      {"a continuation behind a whole character", "\xc3\xa9\x80"},
      {"a continuation behind ASCII", "a\x80"},
      {"C0 80 an overlong NUL", "\xc0\x80"},
      {"C0 AF an overlong slash", "\xc0\xaf"},
      {"C1 BF an overlong U+007F", "\xc1\xbf"},
      {"E0 80 80 an overlong NUL", "\xe0\x80\x80"},
      {"E0 80 AF an overlong slash", "\xe0\x80\xaf"},
      {"E0 9F BF an overlong U+07FF", "\xe0\x9f\xbf"},
      {"F0 80 80 80 an overlong NUL", "\xf0\x80\x80\x80"},
      {"F0 80 80 AF an overlong slash", "\xf0\x80\x80\xaf"},
      {"F0 8F BF BF an overlong U+FFFF", "\xf0\x8f\xbf\xbf"},
      {"U+D800 the first surrogate", "\xed\xa0\x80"},
      {"U+DB7F a surrogate", "\xed\xad\xbf"},
      {"U+DBFF the last high surrogate", "\xed\xaf\xbf"},
      {"U+DC00 the first low surrogate", "\xed\xb0\x80"},
      {"U+DFFF the last surrogate", "\xed\xbf\xbf"},
      {"a pair of surrogates", "\xed\xa0\x81\xed\xb0\x81"},
      {"U+110000", "\xf4\x90\x80\x80"},
      {"U+13FFFF", "\xf4\xbf\xbf\xbf"},
      {"F5", "\xf5\x80\x80\x80"},
      {"F7", "\xf7\xbf\xbf\xbf"},
      {"F8 five bytes", "\xf8\x88\x80\x80\x80"},
      {"FC six bytes", "\xfc\x84\x80\x80\x80\x80"},
      {"FE", "\xfe"},
      {"FF", "\xff"},
      {"FE FE FF FF", "\xfe\xfe\xff\xff"},
      {"one of two bytes", "\xc3"},
      {"one of three bytes", "\xe2"},
      {"two of three bytes", "\xe2\x82"},
      {"one of four bytes", "\xf0"},
      {"two of four bytes", "\xf0\x9f"},
      {"three of four bytes", "\xf0\x9f\x98"},
      {"one of two bytes and ASCII",
       "\xc3"
       "A"},
      {"two of three bytes and ASCII",
       "\xe2\x82"
       "A"},
      {"three of four bytes and ASCII",
       "\xf0\x9f\x98"
       "A"},
      {"two of three bytes and another beginning", "\xe2\x82\xc3\xa9"},
      {"a bad byte behind a long text", std::string(10'000, 'x') + "\xff"},
      {"a bad byte in front of a long text", "\xff" + std::string(10'000, 'x')},
      {"a bad byte across the eighth byte", "1234567\xe2\x28\xa1"},
      {"a Greek word and a surrogate",
       "\xce\xba\xe1\xbd\xb9\xcf\x83\xed\xa0\x80"
       "edited"},
      {"Latin-1", "na\xefve"},
      {"UTF-16", std::string("\xff\xfeh\0i\0", 6)},
  };
}

std::vector<script> whole() {
  std::vector<script> all;
  for (const auto& s : valid())
    all.push_back(script(std::string("valid ") + s.name).sends({text(s.bytes)}).delivers(s.bytes));
  for (const auto& s : invalid())
    all.push_back(script(std::string("invalid ") + s.name).sends({text(s.bytes)}).is_not_utf8());
  all.push_back(
      script("what is no text may be anything").sends({binary("\xff\xc0\x80")}).delivers_binary("\xff\xc0\x80"));
  all.push_back(script("a binary message in fragments may be anything")
                    .sends({first_binary("\xff\xe2"), last("\xc0")})
                    .delivers_binary("\xff\xe2\xc0"));
  all.push_back(script("a ping may be anything").sends({ping("\xff\xe2")}).pongs({"\xff\xe2"}));
  all.push_back(script("valid texts in front of an invalid one")
                    .sends({text("\xc3\xa9"), text("\xe2\x82\xac"), text("\xe2\x82")})
                    .delivers("\xc3\xa9")
                    .delivers("\xe2\x82\xac")
                    .is_not_utf8());
  return all;
}

// One, two, three and four bytes.
const std::string each_length = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";

std::vector<script> broken_in_two() {
  std::vector<script> all;
  for (std::size_t at = 1; at < each_length.size(); ++at) {
    const auto place = "at byte " + std::to_string(at);
    const auto head = each_length.substr(0, at), rest = each_length.substr(at);
    all.push_back(script("two fragments broken " + place).sends({first_text(head), last(rest)}).delivers(each_length));
    all.push_back(script("three fragments of which one is empty " + place)
                      .sends({first_text(head), more(""), last(rest)})
                      .delivers(each_length));
    all.push_back(script("fragments with a ping between " + place)
                      .sends({first_text(head), ping(head), last(rest)})
                      .delivers(each_length)
                      .pongs({head}));
    all.push_back(script("two writes broken " + place)
                      .sends({text(each_length)})
                      .delivers(each_length)
                      .broken_before_the_last(each_length.size() - at));
  }
  frames single{first_text("")};
  for (const char c : each_length) single.push_back(more(std::string(1, c)));
  single.back().first |= 0x80U;
  all.push_back(script("each byte is a fragment").sends(single).delivers(each_length));
  all.push_back(script("each byte is a fragment and a write").sends(single).delivers(each_length).byte_by_byte());
  all.push_back(script("each byte is a write").sends({text(each_length)}).delivers(each_length).byte_by_byte());
  return all;
}

// Broken inside of what is wrong; the error is known at the latest when the message is whole.
std::vector<script> invalid_and_broken_in_two() {
  std::vector<script> all;
  const sample samples[] = {{"an overlong slash", "\xe0\x80\xaf"},
                            {"an overlong U+FFFF", "\xf0\x8f\xbf\xbf"},
                            {"a surrogate", "\xed\xa0\x80"},
                            {"U+110000", "\xf4\x90\x80\x80"},
                            {"two of three bytes and ASCII",
                             "\xe2\x82"
                             "A"}};
  for (const auto& s : samples) {
    for (std::size_t at = 1; at < s.bytes.size(); ++at) {
      const auto name = std::string(s.name) + " at byte " + std::to_string(at);
      all.push_back(script("two fragments of " + name)
                        .sends({first_text("ok" + s.bytes.substr(0, at)), last(s.bytes.substr(at))})
                        .is_not_utf8());
      all.push_back(script("two writes of " + name)
                        .sends({text("ok" + s.bytes)})
                        .is_not_utf8()
                        .broken_before_the_last(s.bytes.size() - at));
    }
  }
  all.push_back(
      script("the last fragment ends in a character").sends({first_text("a"), last("\xe2\x82")}).is_not_utf8());
  all.push_back(script("a character is left open by an empty last fragment")
                    .sends({first_text("\xe2\x82"), last("")})
                    .is_not_utf8());
  all.push_back(
      script("a bad first fragment ends it before the message is whole").sends({first_text("ok\xff")}).is_not_utf8());
  all.push_back(script("a bad fragment in the middle ends it before the message is whole")
                    .sends({first_text("\xe2\x82"), more("\xac\xc0\xaf")})
                    .is_not_utf8());
  all.push_back(script("a bad byte in a large frame ends it before the frame is whole")
                    .sends({text("ok\xff" + letters(1000)).announcing(100'000)})
                    .is_not_utf8());
  return all;
}

const table t1("utf8", whole());
const table t2("utf8_broken_in_two", broken_in_two());
const table t3("utf8_invalid_and_broken_in_two", invalid_and_broken_in_two());

}  // namespace
}  // namespace conformance
