// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Standard input and output as pipes, files and devices.
#define BOOST_TEST_DYN_LINK
#include "cli/line_source.hpp"
#include "cli/standard_stream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace tautline;
using namespace tautline::cli;

namespace {

struct pipe_ends {
  pipe_ends() {
    std::array<int, 2> fds{};
    BOOST_REQUIRE(::pipe(fds.data()) == 0);
    read_end = fds[0];
    write_end = fds[1];
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() {
    close_read();
    close_write();
  }
  void close_read() { close_one(read_end); }
  void close_write() { close_one(write_end); }
  int read_end = -1, write_end = -1;

 private:
  static void close_one(int& fd) {
    if (fd != -1) ::close(fd);
    fd = -1;
  }
};

// A file without a name that holds this text.
struct file_of {
  explicit file_of(const std::string& text) : file(std::tmpfile()) {
    BOOST_REQUIRE(file != nullptr);
    std::fwrite(text.data(), 1, text.size(), file);
    std::rewind(file);
  }
  file_of(const file_of&) = delete;
  file_of& operator=(const file_of&) = delete;
  ~file_of() { std::fclose(file); }
  [[nodiscard]] int fd() const { return ::fileno(file); }
  std::FILE* file;
};

struct reading {
  std::vector<std::string> lines;
  error_code end;
};

asio::awaitable<void> read_all(line_source& source, reading& result) {
  std::vector<piece> pieces;
  while (!result.end) {
    pieces.clear();
    result.end = co_await source.async_read(pieces);
    for (auto& p : pieces) result.lines.push_back(std::move(p.text));
  }
}

// Reads to the end; what `meanwhile` does happens when the first read waits.
reading read_lines(int fd, const std::function<void(line_source&)>& meanwhile = nullptr) {
  asio::io_context io(1);
  line_source source(io.get_executor(), fd, 1'000'000);
  reading result;
  asio::co_spawn(io, read_all(source, result), asio::detached);
  io.poll();
  if (meanwhile) meanwhile(source);
  io.restart();
  io.run();
  return result;
}

void put(int fd, const std::string& text) {
  BOOST_REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

asio::awaitable<void> drain_to(output_stream& out, std::size_t leave, error_code& ec, bool& done) {
  ec = co_await out.async_drain(leave);
  done = true;
}

std::string some_lines(int n) {
  std::string text;
  for (int i = 0; i < n; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(standard_streams)

BOOST_AUTO_TEST_CASE(a_pipe_is_read_as_its_lines_come) {
  pipe_ends p;
  put(p.write_end, "one\ntw");
  const auto result = read_lines(p.read_end, [&](line_source&) {
    put(p.write_end, "o\nlast");
    p.close_write();
  });
  BOOST_TEST(result.lines == std::vector<std::string>({"one", "two", "last"}), boost::test_tools::per_element());
  BOOST_TEST(result.end == asio::error::eof);
}

BOOST_AUTO_TEST_CASE(a_file_is_read_to_its_end) {
  const file_of f(some_lines(50'000));
  const auto result = read_lines(f.fd());
  BOOST_TEST(result.lines.size() == 50'000U);
  BOOST_TEST(result.lines.back() == "line 49999");
  BOOST_TEST(result.end == asio::error::eof);
}

BOOST_AUTO_TEST_CASE(the_null_device_ends_at_once) {
  const int fd = ::open("/dev/null", O_RDONLY);
  const auto result = read_lines(fd);
  ::close(fd);
  BOOST_TEST(result.lines.empty());
  BOOST_TEST(result.end == asio::error::eof);
}

BOOST_AUTO_TEST_CASE(a_directory_is_an_error_and_not_an_end) {
  const int fd = ::open("/", O_RDONLY);
  const auto result = read_lines(fd);
  ::close(fd);
  BOOST_TEST(result.end.value() == EISDIR);
}

BOOST_AUTO_TEST_CASE(a_cancelled_read_keeps_half_a_line_to_itself) {
  pipe_ends p;
  put(p.write_end, "one\nhal");
  const auto result = read_lines(p.read_end, [](line_source& s) { s.cancel(); });
  BOOST_TEST(result.lines == std::vector<std::string>({"one"}), boost::test_tools::per_element());
  BOOST_TEST(result.end == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(others_who_hold_the_pipe_do_not_see_it_become_non_blocking) {
  pipe_ends p;
  asio::io_context io(1);
  const line_source in(io.get_executor(), p.read_end, 100);
  const output_stream out(io.get_executor(), p.write_end);
  BOOST_TEST((::fcntl(p.read_end, F_GETFL) & O_NONBLOCK) == 0);
  BOOST_TEST((::fcntl(p.write_end, F_GETFL) & O_NONBLOCK) == 0);
}

BOOST_AUTO_TEST_CASE(output_is_there_before_the_call_returns) {
  pipe_ends p;
  asio::io_context io(1);
  output_stream out(io.get_executor(), p.write_end);
  out.write("hello\n");
  std::array<char, 16> got{};
  BOOST_TEST(::read(p.read_end, got.data(), got.size()) == 6);
  BOOST_TEST(out.pending() == 0U);
}

BOOST_AUTO_TEST_CASE(what_a_full_pipe_does_not_take_goes_out_as_it_is_read) {
  pipe_ends p;
  asio::io_context io(1);
  output_stream out(io.get_executor(), p.write_end);
  const std::string text = some_lines(50'000);
  out.write(text.substr(0, 300'000));
  out.write(text.substr(300'000));
  BOOST_TEST(out.pending() > 0U);
  error_code ec;
  bool done = false;
  asio::co_spawn(io, drain_to(out, 0, ec, done), asio::detached);
  std::string got;
  std::array<char, 65'536> buffer{};
  while (got.size() < text.size()) {
    io.poll();
    const auto n = ::read(p.read_end, buffer.data(), buffer.size());
    BOOST_REQUIRE(n > 0);
    got.append(buffer.data(), static_cast<std::size_t>(n));
  }
  io.poll();
  BOOST_TEST((got == text));
  BOOST_TEST((done && !ec));
}

BOOST_AUTO_TEST_CASE(a_reader_who_left_is_an_error_and_no_signal) {
  secure_standard_streams();
  pipe_ends p;
  asio::io_context io(1);
  output_stream out(io.get_executor(), p.write_end);
  p.close_read();
  out.write("hello\n");
  BOOST_TEST(out.error() == asio::error::broken_pipe);
}

BOOST_AUTO_TEST_CASE(abandoned_output_ends_the_waiting) {
  pipe_ends p;
  asio::io_context io(1);
  output_stream out(io.get_executor(), p.write_end);
  out.write(some_lines(50'000));
  error_code ec;
  bool done = false;
  asio::co_spawn(io, drain_to(out, 0, ec, done), asio::detached);
  io.poll();
  BOOST_TEST(!done);
  out.abandon();
  io.run();
  BOOST_TEST(done);
  BOOST_TEST(ec == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(a_file_takes_everything_at_once) {
  const file_of f("");
  asio::io_context io(1);
  output_stream out(io.get_executor(), f.fd());
  const std::string text = some_lines(50'000);
  out.write(text);
  BOOST_TEST(out.pending() == 0U);
  BOOST_TEST(::lseek(f.fd(), 0, SEEK_END) == static_cast<off_t>(text.size()));
}

BOOST_AUTO_TEST_SUITE_END()
