// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// docs/protocol.md against the codec, and its conversations against what both ends decide.
#define BOOST_TEST_DYN_LINK
#include "delivery/client_session.hpp"
#include "delivery/server_session.hpp"
#include "delivery/session_codec.hpp"
#include "delivery/session_directory.hpp"
#include "docs/markdown.hpp"

#include <boost/algorithm/hex.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace {

using namespace tautline::delivery;
using tautline_test::read_source;
namespace json = boost::json;

const std::string& page() {
  static const std::string text = read_source("docs/protocol.md");
  return text;
}

/// What stands between ```kind and ```.
std::vector<std::string> blocks(const std::string& kind) {
  std::vector<std::string> found;
  const std::string begin = "\n```" + kind + "\n";
  for (auto at = page().find(begin); at != std::string::npos; at = page().find(begin, at + 1)) {
    const auto from = at + begin.size();
    found.push_back(page().substr(from, page().find("```\n", from) - from));
  }
  BOOST_REQUIRE_MESSAGE(!found.empty(), "the page has no " << kind);
  return found;
}

std::vector<std::string> lines_of(const std::string& block) {
  std::vector<std::string> lines;
  std::istringstream in(block);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string bytes_of(std::string hex) {
  std::erase(hex, ' ');
  std::string bytes;
  boost::algorithm::unhex(hex, std::back_inserter(bytes));
  return bytes;
}

/// What the line says behind `name`, for example the number of "seq 5".
std::optional<std::uint64_t> number_in(const std::string& text, const std::string& name) {
  std::smatch m;
  if (!std::regex_search(text, m, std::regex("(^|[ \n])" + name + " (\\d+)"))) return std::nullopt;
  return std::stoull(m[2]);
}

json::value encoded(const control& c) {
  return std::visit(
      [](const auto& m) {
        using kind = std::decay_t<decltype(m)>;
        if constexpr (std::is_same_v<kind, unknown_control>)
          return json::value();
        else
          return json::parse(encode(m));
      },
      c);
}

/// Reads it, and writes it again: nothing of it may get lost.
control read_whole(const std::string& text) {
  control c;
  BOOST_TEST_CONTEXT(text) {
    BOOST_TEST(decode_control(text, c).empty());
    BOOST_TEST(encoded(c) == json::parse(text));
  }
  return c;
}

data_head read_data(const std::string& bytes) {
  data_head h;
  const char* wrong = decode_head(bytes, h);
  BOOST_REQUIRE_MESSAGE(wrong == nullptr, wrong);
  return h;
}

// The conversations.

struct play {
  std::optional<hello> opening;
  std::optional<welcome> answer;
  std::vector<std::uint64_t> from_client, from_server;  // the numbers of the data
  std::string verdict;                                  // "certain 4, uncertain 0, lost 3"
};

void add(play& p, const std::string& line) {
  if (line.starts_with("=> ")) {
    p.verdict = line.substr(3);
    return;
  }
  const bool client = line.starts_with("C> ");
  BOOST_REQUIRE_MESSAGE(client || line.starts_with("S> "), line);
  const auto what = line.substr(3);
  if (!what.starts_with('{')) {
    (client ? p.from_client : p.from_server).push_back(read_data(bytes_of(what)).seq);
    return;
  }
  const control c = read_whole(what);
  if (const auto* h = std::get_if<hello>(&c)) p.opening = *h;
  if (const auto* w = std::get_if<welcome>(&c)) p.answer = *w;
}

std::vector<play> plays() {
  std::vector<play> found;
  for (const auto& block : blocks("conversation")) {
    play& p = found.emplace_back();
    for (const auto& line : lines_of(block)) add(p, line);
    BOOST_REQUIRE(p.opening.has_value());
    BOOST_REQUIRE(p.answer.has_value());
  }
  return found;
}

constexpr std::uint64_t written_in_session = 112, sent_by_server = 44, taken_over_by_server = 110;

/// A client that has seen the welcome of the session that the hello names, and lost the connection.
client_session client_of(const hello& h) {
  client_session c(h.origin, h.token);
  hello first;
  c.fill_hello(first, client_counts(), 0, h.attach - 1);
  welcome w;
  w.session = h.session;
  BOOST_REQUIRE(c.on_welcome(w, client_counts()).fault.empty());
  c.on_down(written_in_session);
  return c;
}

client_counts counts_of(const hello& h) {
  client_counts c;
  c.acknowledged = h.from - 1;
  c.written = written_in_session;
  c.next = written_in_session + 1;
  c.accepted = h.recv;
  return c;
}

std::string words_of(const client_session::outcome::reset& r) {
  return "certain " + std::to_string(r.certain) + ", uncertain " + std::to_string(r.uncertain) + ", lost " +
         (r.lost ? std::to_string(*r.lost) : "unknown");
}

/// What a server makes of the hello if it does not have the session any more.
session_directory::decision without_session(const play& p) {
  session_directory d{directory_limits()};
  const auto now = tautline::time_point(std::chrono::hours(1));
  if (p.answer->reason == "expired") {
    hello earlier = *p.opening;
    earlier.session.clear();
    earlier.attach -= 1;
    (void)d.on_hello(earlier, p.opening->session, now);
    d.end(
        earlier.origin, p.opening->session, session_directory::why::expired,
        [] { return session_counters(taken_over_by_server, sent_by_server); }, now);
  }
  return d.on_hello(*p.opening, p.answer->session, now);
}

void expect_resumed(const play& p) {
  server_counts has;
  has.recv = p.answer->recv;
  has.acknowledged = p.opening->recv - 1;
  has.written = p.from_server.back();
  BOOST_TEST(can_resume(p.opening->session, has, *p.opening));
  welcome w = *p.answer;
  fill_welcome(w, p.opening->session, has, *p.opening);
  BOOST_TEST(encode(w) == encode(*p.answer));
}

void expect_new(const play& p) {
  const auto decided = without_session(p);
  const auto* made = std::get_if<session_directory::create>(&decided);
  BOOST_REQUIRE(made != nullptr);
  welcome w = *p.answer;
  w.reason = made->reason;
  w.previous = made->previous;
  w.recv = made->recv;
  BOOST_TEST(encode(w) == encode(*p.answer));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(protocol_page)

BOOST_AUTO_TEST_CASE(every_control_message_is_read_whole_and_written_again) {
  std::set<std::size_t> kinds;
  for (const auto& block : blocks("json")) kinds.insert(read_whole(block).index());
  BOOST_TEST(kinds.count(0) == 0U, "an example is of a type that nobody knows");
  BOOST_TEST(kinds.size() == std::variant_size_v<control> - 1, "a type of control message has no example");
}

BOOST_AUTO_TEST_CASE(every_data_message_means_what_stands_beside_it) {
  bool text = false, binary = false, voided = false;
  for (const auto& block : blocks("hex")) BOOST_TEST_CONTEXT(block) {
      std::string hex, words;
      for (const auto& line : lines_of(block)) {
        const auto gap = line.find("  ");
        hex += line.substr(0, gap);
        words += tautline_test::trimmed(line.substr(gap)) + '\n';
      }
      const std::string bytes = bytes_of(hex);
      const data_head h = read_data(bytes);
      BOOST_TEST(h.text == words.starts_with("text\n"));
      BOOST_TEST(h.is_void == words.starts_with("void\n"));
      BOOST_TEST((h.seq == number_in(words, "seq")));
      BOOST_TEST((h.ack == number_in(words, "ack")));
      if (h.is_void) BOOST_TEST((h.count == number_in(words, "count")));
      if (h.text && bytes.size() > h.size)
        BOOST_TEST(words.find("payload \"" + bytes.substr(h.size) + "\"") != std::string::npos);
      std::array<char, max_head_bytes> again{};
      BOOST_TEST(std::string(again.data(), encode_head(h, again.data())) == bytes.substr(0, h.size));
      text = text || h.text;
      voided = voided || h.is_void;
      binary = binary || (!h.text && !h.is_void);
    }
  BOOST_TEST((text && binary && voided), "a kind of data message has no example");
}

BOOST_AUTO_TEST_CASE(what_is_no_data_message_is_refused_with_the_words_of_the_page) {
  for (const auto& r : tautline_test::table(page(), "bytes")) {
    data_head h;
    const char* wrong = decode_head(bytes_of(r[0]), h);
    BOOST_TEST(std::string(wrong != nullptr ? wrong : "nothing") == r[1], r[0]);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_control_message_is_refused_with_the_words_of_the_page) {
  for (const auto& r : tautline_test::table(page(), "text")) {
    control c;
    BOOST_TEST(decode_control(r[0], c) == r[1], r[0]);
  }
}

BOOST_AUTO_TEST_CASE(every_error_is_on_the_page_with_its_close_code) {
  const auto rows = tautline_test::table(page(), "code");
  BOOST_TEST(rows.size() == static_cast<std::size_t>(session_fault::overloaded) + 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto fault = static_cast<session_fault>(i);
    BOOST_TEST(rows[i][0] == name_of(fault));
    BOOST_TEST(rows[i][1] == std::to_string(close_code_of(fault)));
  }
}

BOOST_AUTO_TEST_CASE(data_in_the_conversations_goes_on_where_hello_and_welcome_say) {
  for (const auto& p : plays()) {
    for (std::size_t i = 0; i < p.from_client.size(); ++i) BOOST_TEST(p.from_client[i] == p.opening->from + i);
    for (std::size_t i = 0; i < p.from_server.size(); ++i) BOOST_TEST(p.from_server[i] == p.answer->from + i);
  }
}

BOOST_AUTO_TEST_CASE(the_server_answers_the_hellos_as_on_the_page) {
  std::set<std::string> seen;
  for (const auto& p : plays()) {
    seen.insert(p.answer->resumed ? "resumed" : p.answer->reason);
    if (p.answer->resumed)
      expect_resumed(p);
    else
      expect_new(p);
  }
  BOOST_TEST(seen == (std::set<std::string>{"resumed", "expired", "restarted"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_client_says_these_hellos_and_counts_as_on_the_page) {
  for (const auto& p : plays()) {
    auto client = client_of(*p.opening);
    hello said = *p.opening;
    client.fill_hello(said, counts_of(*p.opening), p.opening->recv, 0);
    BOOST_TEST(encode(said) == encode(*p.opening));
    const auto heard = client.on_welcome(*p.answer, counts_of(*p.opening));
    BOOST_TEST(heard.fault == "");
    BOOST_TEST(heard.resumed == p.answer->resumed);
    BOOST_TEST((heard.ended ? words_of(*heard.ended) : "") == p.verdict);
  }
}

BOOST_AUTO_TEST_SUITE_END()
