// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The scripts of `tautline faults`: what they may say, and what is said about a slip.
#define BOOST_TEST_DYN_LINK
#include "cli/fault_script.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace tautline;
using namespace tautline::cli;
using std::chrono::milliseconds;
using testing::direction;

namespace {

fault_script parsed(const std::string& text) {
  std::string error;
  auto script = parse_fault_script(text, error);
  BOOST_REQUIRE_MESSAGE(script, error);
  return std::move(*script);
}

fault_step only_step(const std::string& text) {
  auto script = parsed("[" + text + "]");
  BOOST_REQUIRE(script.size() == 1U);
  return script.front();
}

struct slip {
  const char* text;
  const char* said;
};
std::ostream& operator<<(std::ostream& out, const slip& s) { return out << s.text; }

const slip slips[] = {
    {"", "line 1, column 1: this is not JSON: incomplete JSON"},
    {"[", "line 1, column 2: this is not JSON: incomplete JSON"},
    {"[{\"do\":\"reset\"}\n {\"do\":\"heal\"}]", "line 2, column 2: this is not JSON: syntax error"},
    {"[] x", "line 1, column 4: this is not JSON: extra data"},
    {"{}", "a script is a list of steps, not empty, for example [{\"after\":\"2s\",\"do\":\"reset\"}]"},
    {"[]", "a script is a list of steps, not empty, for example [{\"after\":\"2s\",\"do\":\"reset\"}]"},
    {"[7]", "step 1: it has to be an object, for example {\"do\":\"reset\"}"},
    {"[{}]", "step 1: 'do' is missing"},
    {"[{\"do\":1}]", "step 1: 'do' has to be a string"},
    {"[{\"do\":\"heal\"},{\"do\":\"explode\"}]",
     "step 2: 'do' is 'explode', and is one of reset, close, cut, latency, throttle, stall, black_hole, corrupt, "
     "refuse, "
     "hang, heal, retarget and repeat"},
    {"[{\"do\":\"reset\",\"how\":\"close\"}]",
     "step 1 (reset): there is no 'how' here; it may have do, after and connection"},
    {"[{\"do\":\"reset\",\"after\":5}]", "step 1 (reset): 'after' has to be a string"},
    {"[{\"do\":\"reset\",\"after\":\"5\"}]",
     "step 1 (reset): 'after': '5' is not a duration: write a whole number and ms, s, m or h, for example 250ms"},
    {"[{\"do\":\"close\",\"connection\":0}]", "step 1 (close): 'connection' counts from 1"},
    {"[{\"do\":\"close\",\"connection\":-1}]", "step 1 (close): 'connection' has to be a whole number, not negative"},
    {"[{\"do\":\"cut\"}]", "step 1 (cut): 'after_bytes' is missing"},
    {"[{\"do\":\"cut\",\"after_bytes\":1,\"how\":\"x\"}]", "step 1 (cut): 'how' is 'x', and is one of reset and close"},
    {"[{\"do\":\"latency\"}]", "step 1 (latency): 'delay' is missing"},
    {"[{\"do\":\"latency\",\"delay\":\"1ms\",\"direction\":\"left\"}]",
     "step 1 (latency): 'direction' is 'left', and is one of up, down and both"},
    {"[{\"do\":\"throttle\"}]", "step 1 (throttle): 'bytes_per_second' is missing"},
    {"[{\"do\":\"throttle\",\"bytes_per_second\":1.5}]",
     "step 1 (throttle): 'bytes_per_second' has to be a whole number, not negative"},
    {"[{\"do\":\"throttle\",\"bytes_per_second\":\"fast\"}]",
     "step 1 (throttle): 'bytes_per_second': 'fast' is not a size: write bytes, or a whole number and KiB, MiB or GiB, "
     "for example 64KiB"},
    {"[{\"do\":\"stall\"}]", "step 1 (stall): 'for' is missing"},
    {"[{\"do\":\"corrupt\"}]", "step 1 (corrupt): either 'at_byte' or 'rate' is needed"},
    {"[{\"do\":\"corrupt\",\"at_byte\":1,\"rate\":1}]", "step 1 (corrupt): either 'at_byte' or 'rate' is needed"},
    {"[{\"do\":\"corrupt\",\"rate\":0}]", "step 1 (corrupt): 'rate' has to be a number above 0 and not above 1"},
    {"[{\"do\":\"corrupt\",\"rate\":\"1\"}]", "step 1 (corrupt): 'rate' has to be a number above 0 and not above 1"},
    {"[{\"do\":\"retarget\"}]", "step 1 (retarget): 'target' is missing"},
    {"[{\"do\":\"retarget\",\"target\":\"here\"}]",
     "step 1 (retarget): 'target': 'here' is not an address: write HOST:PORT, for example 127.0.0.1:9001 or "
     "[::1]:9001"},
    {"[{\"do\":\"repeat\"}]", "step 1 (repeat): 'steps' is missing"},
    {"[{\"do\":\"repeat\",\"steps\":[]}]", "step 1 (repeat): 'steps' has to be a list of steps, not empty"},
    {"[{\"do\":\"repeat\",\"times\":0,\"steps\":[{\"do\":\"heal\",\"after\":\"1s\"}]}]",
     "step 1 (repeat): 'times' has to be a number from 1 to 1000000000"},
    {"[{\"do\":\"repeat\",\"steps\":[{\"do\":\"heal\"}]}]",
     "step 1 (repeat): its steps have to take time: give one of them an 'after'"},
    {"[{\"do\":\"heal\"},{\"do\":\"repeat\",\"steps\":[{\"do\":\"heal\"},{\"do\":\"stall\",\"after\":\"1s\"}]}]",
     "step 2.2 (stall): 'for' is missing"},
    {"[{\"do\":\"repeat\",\"steps\":[{\"do\":\"heal\",\"after\":\"1s\"}]},{\"do\":\"heal\"}]",
     "step 2: it is never reached, because the step before it repeats without end"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fault_scripts)

BOOST_DATA_TEST_CASE(a_slip_is_named_with_its_step, boost::unit_test::data::make(slips), s) {
  std::string error;
  BOOST_TEST(!parse_fault_script(s.text, error));
  BOOST_TEST(error == s.said);
}

BOOST_AUTO_TEST_CASE(words_of_a_script_cannot_drive_the_terminal) {
  std::string error;
  BOOST_TEST(!parse_fault_script("[{\"do\":\"\\u001b[2J\"}]", error));
  BOOST_TEST(error.find("'?[2J'") != std::string::npos, error);
  for (const char* script :
       {R"([{"do":"latency","delay":"1\n\u001b"}])", R"([{"do":"throttle","bytes_per_second":"\n"}])",
        R"([{"do":"retarget","target":"\n"}])", R"([{"do":"heal","\n":1}])"}) {
    BOOST_TEST(!parse_fault_script(script, error));
    BOOST_TEST(std::none_of(error.begin(), error.end(), [](char c) { return c >= 0 && c < ' '; }), error);
  }
}

BOOST_AUTO_TEST_CASE(repeats_are_not_nested_without_end) {
  std::string text = "[{\"do\":\"heal\",\"after\":\"1s\"}]", error;
  for (int i = 0; i < 9; ++i) text = "[{\"do\":\"repeat\",\"steps\":" + text + "}]";
  BOOST_TEST(!parse_fault_script(text, error));
  BOOST_TEST(error == "step 1.1.1.1.1.1.1.1.1 (repeat): repeats are nested more than 8 deep");
}

BOOST_AUTO_TEST_CASE(each_action_has_its_parameters) {
  auto s = only_step(R"({"do":"cut","after":"2s","after_bytes":"1KiB","how":"close"})");
  BOOST_TEST((s.what == fault_action::cut && s.after == milliseconds(2000) && s.bytes == 1024U));
  BOOST_TEST((s.how == testing::cut::close));
  s = only_step(R"({"do":"latency","delay":"50ms","direction":"up"})");
  BOOST_TEST((s.what == fault_action::latency && s.length == milliseconds(50) && s.way == direction::up));
  s = only_step(R"({"do":"throttle","bytes_per_second":1000})");
  BOOST_TEST((s.what == fault_action::throttle && s.bytes == 1000U && s.way == direction::both));
  s = only_step(R"({"do":"stall","for":"1s","direction":"down"})");
  BOOST_TEST((s.what == fault_action::stall && s.length == milliseconds(1000) && s.way == direction::down));
  s = only_step(R"({"do":"corrupt","rate":0.5,"seed":9})");
  BOOST_TEST((s.what == fault_action::corrupt && s.rate == 0.5 && s.seed == 9U));
  s = only_step(R"({"do":"corrupt","at_byte":100,"direction":"down"})");
  BOOST_TEST((s.what == fault_action::corrupt && s.rate == 0 && s.bytes == 100U));
  s = only_step(R"({"do":"reset","connection":3})");
  BOOST_TEST((s.what == fault_action::reset && s.connection == 3U));
  s = only_step(R"({"do":"retarget","target":"[::1]:9001"})");
  BOOST_TEST((s.what == fault_action::retarget && s.target == "[::1]:9001"));
  s = only_step(R"({"do":"repeat","times":3,"steps":[{"do":"hang","after":"1s"},{"do":"black_hole"}]})");
  BOOST_TEST((s.what == fault_action::repeat && s.times == 3U && s.steps.size() == 2U));
  BOOST_TEST((s.steps[1].what == fault_action::black_hole));
}

BOOST_AUTO_TEST_CASE(a_step_is_logged_as_text_and_as_json) {
  const auto said = [](const char* text) { return fault_text(only_step(text)); };
  const auto json = [](const char* text) { return fault_json(only_step(text), milliseconds(1500)); };
  BOOST_TEST(said(R"({"do":"reset"})") == "reset");
  BOOST_TEST(said(R"({"do":"close","connection":2})") == "close connection 2");
  BOOST_TEST(said(R"({"do":"cut","after_bytes":9})") == "cut after 9 bytes by reset");
  BOOST_TEST(said(R"({"do":"latency","delay":"50ms","direction":"up"})") == "latency up 50ms");
  BOOST_TEST(said(R"({"do":"throttle","bytes_per_second":10})") == "throttle both to 10 bytes/s");
  BOOST_TEST(said(R"({"do":"black_hole","direction":"down"})") == "black_hole down");
  BOOST_TEST(said(R"({"do":"corrupt","rate":0.25})") == "corrupt both at a rate of 0.25");
  BOOST_TEST(said(R"({"do":"corrupt","at_byte":7})") == "corrupt both byte 7");
  BOOST_TEST(said(R"({"do":"retarget","target":"a:1"})") == "retarget to a:1");
  BOOST_TEST(json(R"({"do":"heal"})") == R"({"event":"fault","at_ms":1500,"do":"heal"})");
  BOOST_TEST(json(R"({"do":"reset","connection":2})") ==
             R"({"event":"fault","at_ms":1500,"do":"reset","connection":2})");
  BOOST_TEST(json(R"({"do":"cut","after_bytes":9,"how":"close"})") ==
             R"({"event":"fault","at_ms":1500,"do":"cut","after_bytes":9,"how":"close"})");
  BOOST_TEST(json(R"({"do":"latency","delay":"50ms"})") ==
             R"({"event":"fault","at_ms":1500,"do":"latency","direction":"both","delay_ms":50})");
  BOOST_TEST(json(R"({"do":"stall","for":"2s","direction":"up"})") ==
             R"({"event":"fault","at_ms":1500,"do":"stall","direction":"up","for_ms":2000})");
  BOOST_TEST(json(R"({"do":"throttle","bytes_per_second":10})") ==
             R"({"event":"fault","at_ms":1500,"do":"throttle","direction":"both","bytes_per_second":10})");
  BOOST_TEST(json(R"({"do":"corrupt","rate":0.25})") ==
             R"({"event":"fault","at_ms":1500,"do":"corrupt","direction":"both","rate":0.25})");
  BOOST_TEST(json(R"({"do":"retarget","target":"a:1"})") ==
             R"({"event":"fault","at_ms":1500,"do":"retarget","target":"a:1"})");
}

BOOST_AUTO_TEST_CASE(a_seed_draws_the_same_script_again) {
  const auto a = draw_fault_script(7, milliseconds(2000)), b = draw_fault_script(7, milliseconds(2000));
  BOOST_REQUIRE(a.size() == 1U);
  BOOST_TEST((a[0].what == fault_action::repeat && !a[0].times));
  const auto words = [](const fault_script& s) {
    std::string out;
    for (const auto& step : s[0].steps) out += fault_json(step, step.after);
    return out;
  };
  BOOST_TEST(words(a) == words(b));
  BOOST_TEST(words(a) != words(draw_fault_script(8, milliseconds(2000))));
  duration pauses{};
  int faults = 0;
  for (const auto& step : a[0].steps) {
    if (step.what == fault_action::heal || step.after < milliseconds(900)) continue;
    pauses += step.after;
    ++faults;
  }
  BOOST_TEST((pauses / faults > milliseconds(1800) && pauses / faults < milliseconds(2200)));
}

BOOST_AUTO_TEST_SUITE_END()
