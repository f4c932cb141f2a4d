// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What a host's name means: asked, remembered, and asked again behind the back of an attempt.
#ifndef TAUTLINE_SRC_TRANSPORT_LOOKUP_HPP
#define TAUTLINE_SRC_TRANSPORT_LOOKUP_HPP

#include <tautline/config.hpp>

#include "transport/attempt.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tautline::transport {

using endpoints = std::vector<asio::ip::tcp::endpoint>;

/// The address that a host's name is, if it is one.
[[nodiscard]] std::optional<asio::ip::tcp::endpoint> literal_address(const std::string& host, std::uint16_t port);

/// Asks what a name means and calls `told` on the executor, once, not from inside, or never if the
/// context goes first. Returns how the question is called off, which does not own `told`.
using resolve_function =
    std::function<std::function<void()>(const asio::any_io_executor& executor, const std::string& host,
                                        std::uint16_t port, std::function<void(error_code, endpoints)> told)>;

class connector;
/// One that asks this resolver.
[[nodiscard]] std::shared_ptr<connector> make_connector(resolve_function resolve);

/// Asio's resolver: a thread of its own asks the system.
[[nodiscard]] resolve_function system_resolver();

/// The addresses by which a host was last reached, the one that took the last connection first. What a
/// lookup says takes their place; that a name server does not answer does not.
class known_addresses {
 public:
  [[nodiscard]] endpoints find(const std::string& host, std::uint16_t port) const;
  void reached(const std::string& host, std::uint16_t port, endpoints all, const asio::ip::tcp::endpoint& by);
  /// The name means this now; nothing is remembered of a host that was never reached.
  void looked_up(const std::string& host, std::uint16_t port, error_code ec, const endpoints& found);

 private:
  static constexpr std::size_t most = 16;  // hosts; the oldest goes
  struct entry {
    std::string host;
    std::uint16_t port = 0;
    endpoints addresses;
    [[nodiscard]] bool is(const std::string& h, std::uint16_t p) const { return port == p && host == h; }
  };
  std::vector<entry> entries_;
};

/// One question to the resolver. It belongs to the resolver's operation and goes on by itself, however
/// long after everybody has lost interest. A coroutine that waits for it holds it only weakly: it is what
/// this keeps alive. On one strand.
class lookup {
 public:
  struct findings {
    findings() = default;
    bool ended = false;
    error_code ec;
    endpoints addresses;
  };

  lookup(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}

  [[nodiscard]] bool asks_for(const std::string& host, std::uint16_t port) const {
    return host_ == host && port_ == port;
  }
  [[nodiscard]] std::shared_ptr<const findings> found() const { return found_; }
  /// Called when it has ended; replaces what was set before.
  void on_end(std::function<void()> f) { on_end_ = std::move(f); }

  void start(const resolve_function& resolve, const asio::any_io_executor& strand, std::weak_ptr<known_addresses> book,
             const std::shared_ptr<lookup>& self);
  void call_off() noexcept;

 private:
  void ended(error_code ec, endpoints addresses);

  const std::string host_;
  const std::uint16_t port_;
  const std::shared_ptr<findings> found_ = std::make_shared<findings>();
  std::weak_ptr<known_addresses> book_;
  std::function<void()> call_off_, on_end_;
};

/// Ends with the lookup, or when the attempt is stopped, with `operation_aborted`; the lookup goes on.
[[nodiscard]] asio::awaitable<error_code> async_wait_for(asio::any_io_executor strand, std::weak_ptr<lookup> asked,
                                                         std::shared_ptr<const lookup::findings> found,
                                                         std::shared_ptr<attempt_limits> limits);

/// Those of `some` that are not among `others`.
[[nodiscard]] endpoints without(const endpoints& some, const endpoints& others);

}  // namespace tautline::transport

#endif
