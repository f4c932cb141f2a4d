// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A link or a server of ours with a bare socket as its peer.
#ifndef TAUTLINE_TEST_CONFORMANCE_ENDS_HPP
#define TAUTLINE_TEST_CONFORMANCE_ENDS_HPP

#include <tautline/link.hpp>
#include <tautline/server.hpp>
#include <tautline/time.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace conformance {

namespace asio = boost::asio;
using asio::ip::tcp;

inline constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

/// The real time. A link looks at it whenever bytes have come: that is how a peer knows that
/// its last write was read.
class watched_time final : public tautline::time_service {
 public:
  [[nodiscard]] tautline::time_point now() const noexcept override {
    ++looks_;
    return real_->now();
  }
  [[nodiscard]] std::chrono::system_clock::time_point utc_now() const noexcept override { return real_->utc_now(); }
  [[nodiscard]] std::unique_ptr<tautline::sleeper> make_sleeper(const asio::any_io_executor& executor) override {
    return real_->make_sleeper(executor);
  }
  [[nodiscard]] std::uint64_t looks() const noexcept { return looks_; }

 private:
  std::shared_ptr<tautline::time_service> real_ = tautline::real_time();
  mutable std::uint64_t looks_ = 0;
};

/// Runs a test's coroutine to its end on a loop of its own and rethrows what it throws. A watchdog
/// ends what hangs.
void run(const std::function<asio::awaitable<void>(asio::io_context&)>& test);

/// Lets the loop turn until the condition holds.
asio::awaitable<void> eventually(std::function<bool()> condition);

asio::awaitable<void> write(tcp::socket& to, std::string text);
/// Up to the empty line that ends a header section, or what there was of it.
asio::awaitable<std::string> read_head(tcp::socket& from);
/// The first header of that name, trimmed; empty: none.
[[nodiscard]] std::string field_of(const std::string& head, const std::string& name);

[[nodiscard]] std::string upgrade_request_with(const std::string& more_headers);
/// The answer 101 to that request.
[[nodiscard]] std::string upgrade_answer_to(const std::string& request, const std::string& more_headers);

/// Both speak plain WebSocket, ask nothing by themselves, and do not try again.
[[nodiscard]] tautline::options client_options(const tcp::endpoint& to);
[[nodiscard]] tautline::server_options server_options();

}  // namespace conformance

#endif
