// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A program that a test starts, watches and, at the latest after its deadline, ends.
#ifndef TAUTLINE_TEST_EXAMPLES_CHILD_HPP
#define TAUTLINE_TEST_EXAMPLES_CHILD_HPP

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

extern char** environ;

namespace tautline_test {

[[nodiscard]] inline std::string bin_dir() {
  const char* given = std::getenv("TAUTLINE_BIN_DIR");
  return given != nullptr ? given : TAUTLINE_BIN_DIR;
}

/// For `boost::unit_test::precondition`: the case is skipped, visibly, if the program was not built.
struct is_built {
  explicit is_built(std::string n) : name(std::move(n)) {}
  boost::test_tools::assertion_result operator()(boost::unit_test::test_unit_id) const {
    boost::test_tools::assertion_result found(std::filesystem::exists(bin_dir() + '/' + name));
    found.message() << name << " is not built";
    return found;
  }
  std::string name;
};

class child {
 public:
  using clock = std::chrono::steady_clock;

  child(const std::string& program, std::vector<std::string> arguments, std::chrono::seconds deadline)
      : deadline_(clock::now() + deadline) {
    int ends[2];
    BOOST_REQUIRE_EQUAL(::pipe2(ends, O_CLOEXEC), 0);
    output_ = ends[0];
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    arguments.insert(arguments.begin(), bin_dir() + '/' + program);
    std::vector<char*> argv;
    for (auto& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    const int failed = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    BOOST_REQUIRE_MESSAGE(failed == 0, arguments[0] << ": " << std::generic_category().message(failed));
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  ~child() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(output_);
  }

  void signal(int number) const { ::kill(pid_, number); }

  /// Reads until the output, of both streams, holds `wanted`; returns its first line that does.
  std::string line_with(const std::string& wanted) {
    std::size_t at = 0;
    while ((at = read_.find(wanted)) == std::string::npos || read_.find('\n', at) == std::string::npos)
      BOOST_REQUIRE_MESSAGE(read_more(), "'" << wanted << "' did not come, but:\n" << read_);
    const auto begin = read_.rfind('\n', at) + 1;  // npos + 1 is the first line
    return read_.substr(begin, read_.find('\n', at) - begin);
  }

  /// Reads to the end; returns the exit code, or 128 and the signal.
  int exit_code() {
    while (read_more()) {}
    BOOST_REQUIRE_MESSAGE(clock::now() < deadline_, "it did not end in time; its output:\n" << read_);
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  [[nodiscard]] const std::string& output() const noexcept { return read_; }

 private:
  bool read_more() {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - clock::now()).count();
    pollfd waiting{output_, POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) return false;
    char buffer[4096];
    const auto n = ::read(output_, buffer, sizeof buffer);
    if (n <= 0) return false;
    read_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  clock::time_point deadline_;
  pid_t pid_ = -1;
  int output_ = -1;
  std::string read_;
};

}  // namespace tautline_test

#endif
