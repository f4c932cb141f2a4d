// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Replays test/fuzz/corpus/<target>/* and test/fuzz/crashes/<target>/*.
#include "memory_stream.hpp"
#include "target.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path home = fs::path(TAUTLINE_SOURCE_DIR) / "test" / "fuzz";

std::vector<fs::path> files_of(const char* kind, const std::string& target) {
  std::vector<fs::path> files;
  if (!fs::exists(home / kind / target)) return files;
  for (const auto& entry : fs::directory_iterator(home / kind / target)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void replay(fuzz::function run, const std::vector<fs::path>& files) {
  for (const auto& file : files) {
    // Named if the process dies of it.
    BOOST_TEST_CHECKPOINT(file.string());
    BOOST_TEST_CONTEXT(file.string()) BOOST_CHECK_NO_THROW(run(contents(file)));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fuzz_targets)

BOOST_AUTO_TEST_CASE(the_corpus_of_every_target_runs_through) {
  BOOST_TEST(fuzz::targets().size() >= 9U);
  for (const auto& [name, run] : fuzz::targets()) {
    const auto files = files_of("corpus", name);
    BOOST_TEST(files.size() >= 3U, name << " has too few seeds");
    replay(run, files);
  }
}

BOOST_AUTO_TEST_CASE(what_once_crashed_does_not_any_more) {
  for (const auto& [name, run] : fuzz::targets()) replay(run, files_of("crashes", name));
}

BOOST_AUTO_TEST_CASE(no_input_at_all_is_an_input) {
  for (const auto& [name, run] : fuzz::targets()) BOOST_TEST_CONTEXT(name) BOOST_CHECK_NO_THROW(run({}));
}

BOOST_AUTO_TEST_CASE(kept_inputs_belong_to_a_target) {
  for (const char* const kind : {"corpus", "crashes"}) {
    if (!fs::exists(home / kind)) continue;
    for (const auto& entry : fs::directory_iterator(home / kind))
      if (entry.is_directory()) BOOST_TEST(fuzz::targets().count(entry.path().filename().string()) == 1U, entry.path());
  }
}

BOOST_AUTO_TEST_CASE(what_the_peer_of_a_target_says_arrives) {
  std::string came;
  const auto read = [&came](std::shared_ptr<tautline::transport::wire> w) -> boost::asio::awaitable<void> {
    for (bool more = true; more;) {
      const tautline::transport::read_outcome got = co_await w->async_fill(0);
      more = !got.ec;
    }
    came.assign(w->input().data(), w->input().size());
  };
  fuzz::over_a_wire(std::string_view("\0hello", 6), read);
  BOOST_TEST(came == "hello");
}

BOOST_AUTO_TEST_SUITE_END()
