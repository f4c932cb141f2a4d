// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Whatever a user can set, be told or type is on some page.
#define BOOST_TEST_DYN_LINK
#include "docs/markdown.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using tautline_test::read_source;

std::string all_pages() {
  std::string text = read_source("README.md");
  for (const auto& entry : std::filesystem::directory_iterator(TAUTLINE_SOURCE_DIR "/docs"))
    if (entry.path().extension() == ".md") text += read_source("docs/" + entry.path().filename().string());
  return text;
}

// The text between the braces of the first definition of that name.
std::string body_of(const std::string& header, const std::string& definition) {
  const auto text = read_source("include/tautline/" + header);
  const auto at = text.find(definition + " {");
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, definition << " is not in " << header);
  return text.substr(at, text.find("\n};", at) - at);
}

// The members of a struct of plain data: the word before "=", ";" or "{}" of each declaration.
std::vector<std::string> fields_of(const std::string& header, const std::string& name) {
  static const std::regex declaration("\n  [\\w:<>, {}()*&]*[ >](\\w+)(\\{\\}| = [^;]*)?;");
  const auto body = body_of(header, "struct " + name);
  std::vector<std::string> fields;
  for (std::sregex_iterator it(body.begin(), body.end(), declaration), end; it != end; ++it)
    if (!(*it)[1].str().starts_with("default")) fields.push_back((*it)[1]);
  return fields;
}

std::string output_of(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  BOOST_REQUIRE(pipe);
  std::string out;
  std::array<char, 4096> buffer;
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;)
    out.append(buffer.data(), n);
  return out;
}

std::set<std::string> options_in(const std::string& text) {
  static const std::regex option("--[a-z][a-z-]*[a-z]");
  return {std::sregex_token_iterator(text.begin(), text.end(), option), std::sregex_token_iterator()};
}

std::string program() {
  const char* bin = std::getenv("TAUTLINE_BIN_DIR");
  return std::string(bin != nullptr ? bin : TAUTLINE_BIN_DIR) + "/tautline";
}

boost::test_tools::assertion_result program_is_built(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result found(std::filesystem::exists(program()));
  found.message() << "the program is not built";
  return found;
}

// The options in the table of that section of docs/cli.md.
std::set<std::string> options_on_page(const std::string& command) {
  const auto page = read_source("docs/cli.md");
  const auto begin = page.find("\n## " + command + "\n");
  BOOST_REQUIRE(begin != std::string::npos);
  const auto section = page.substr(begin + 1, page.find("\n## ", begin + 1) - begin - 1);
  std::set<std::string> found;
  for (const auto& row : tautline_test::table(section, "option"))
    for (const auto& o : options_in(row[0])) found.insert(o);
  return found;
}

void expect_on_some_page(const std::vector<std::string>& names, const std::string& what) {
  BOOST_TEST(!names.empty(), what << " seems to be empty");
  const auto pages = all_pages();
  for (const auto& name : names) {
    const std::regex word("`([\\w.]*\\.)?" + name + "`");
    BOOST_TEST(std::regex_search(pages, word), what << ": " << name << " is on no page");
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(completeness)

BOOST_AUTO_TEST_CASE(every_field_of_the_options_is_on_some_page) {
  const std::vector<std::pair<std::string, std::string>> structs = {
      {"options.hpp", "options"},       {"options.hpp", "tls_options"},     {"options.hpp", "heartbeat_options"},
      {"options.hpp", "queue_options"}, {"options.hpp", "inbox_options"},   {"options.hpp", "delivery_options"},
      {"options.hpp", "log_options"},   {"backoff.hpp", "backoff_options"}, {"server.hpp", "server_options"}};
  for (const auto& [header, name] : structs) expect_on_some_page(fields_of(header, name), name);
}

BOOST_AUTO_TEST_CASE(the_fields_are_really_found) {
  const auto fields = fields_of("options.hpp", "options");
  for (const char* name :
       {"endpoints", "provider", "compress", "connect_timeout", "tls", "session", "max_queued_events"})
    BOOST_TEST((std::find(fields.begin(), fields.end(), name) != fields.end()), name);
}

BOOST_AUTO_TEST_CASE(every_event_is_on_the_page_about_embedding) {
  const auto body = body_of("status.hpp", "enum class event_kind : unsigned char");
  static const std::regex enumerator("\n  (\\w+),");
  std::set<std::string> declared;
  for (std::sregex_iterator it(body.begin(), body.end(), enumerator), end; it != end; ++it) declared.insert((*it)[1]);
  std::set<std::string> page;
  for (const auto& row : tautline_test::table(read_source("docs/embedding.md"), "event")) page.insert(row[0]);
  BOOST_TEST(declared == page, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_reference_has_the_options_of_each_command, *boost::unit_test::precondition(program_is_built)) {
  for (const std::string command : {"connect", "serve", "demo", "faults"}) {
    const auto help = options_in(output_of(program() + " " + command + " --help"));
    BOOST_TEST_CONTEXT(command) BOOST_TEST(options_on_page(command) == help, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_SUITE_END()
