// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Descriptors 0, 1 and 2.
#include "standard_stream.hpp"

#include <boost/asio/write.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace tautline::cli {
namespace {

error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

int own_description(int fd, int access) {
  return ::open(fmt::format("/proc/self/fd/{}", fd).c_str(), access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

}  // namespace

void secure_standard_streams() noexcept {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) == -1) static_cast<void>(::open("/dev/null", O_RDWR));
  std::signal(SIGPIPE, SIG_IGN);
}

bool pollable::suits(int fd) noexcept {
  struct stat about{};
  if (::fstat(fd, &about) != 0) return false;
  return S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode) || ::isatty(fd) == 1;
}

pollable::pollable(const asio::any_io_executor& executor, int fd, int access) : stream_(executor) {
  int own = own_description(fd, access);
  if (own == -1) {
    own = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    flags_ = ::fcntl(fd, F_GETFL);
    shared_ = fd;
  }
  error_code ec;
  stream_.assign(own, ec);
  if (!ec) stream_.non_blocking(true, ec);
}

pollable::~pollable() {
  if (shared_ != -1) ::fcntl(shared_, F_SETFL, flags_);
}

output_stream::output_stream(const asio::any_io_executor& executor, int fd) : fd_(fd), progress_(executor) {
  if (!pollable::suits(fd)) return;
  pollable_.emplace(executor, fd, O_WRONLY);
  fd_ = pollable_->stream().native_handle();
}

void output_stream::write(std::string_view text) {
  if (error_) return;
  if (pending() == 0) text = write_now(text);
  if (error_ || text.empty()) return;
  waiting_ += text;
  start();
}

// Returns what is left.
std::string_view output_stream::write_now(std::string_view text) {
  while (!text.empty()) {
    const auto n = ::write(fd_, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN && pollable_) {
      return text;
    } else if (errno != EINTR) {
      error_ = last_error();
      return {};
    }
  }
  return text;
}

void output_stream::start() {
  if (!writing_.empty() || waiting_.empty()) return;
  writing_ = std::exchange(waiting_, {});
  asio::async_write(pollable_->stream(), asio::buffer(writing_),
                    [this](error_code ec, std::size_t) { on_written(ec); });
}

void output_stream::on_written(error_code ec) {
  writing_.clear();
  if (ec && !error_) error_ = ec;
  if (error_) waiting_.clear();
  start();
  progress_.notify();
}

asio::awaitable<error_code> output_stream::async_drain(std::size_t leave) {
  std::function<bool()> done = [this, leave] { return error_ || pending() <= leave; };
  co_await progress_.until(std::move(done));
  co_return error_;
}

void output_stream::abandon() {
  if (!error_) error_ = asio::error::operation_aborted;
  waiting_.clear();
  error_code ignored;
  if (pollable_) pollable_->stream().cancel(ignored);
  progress_.notify();
}

}  // namespace tautline::cli
