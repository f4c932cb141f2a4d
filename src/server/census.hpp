// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Who is here: counts connections from accept to their end, and knows the links among them.
#ifndef TAUTLINE_SRC_SERVER_CENSUS_HPP
#define TAUTLINE_SRC_SERVER_CENSUS_HPP

#include <tautline/link.hpp>
#include <tautline/server.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace tautline::detail {

/// Thread-safe: connections end on their own strands, long after the server if need be.
class census : public std::enable_shared_from_this<census> {
 public:
  /// Held by whatever keeps a connection open; its end is the connection's end.
  class ticket {
   public:
    ticket() = default;
    ticket(std::shared_ptr<census> owner, std::uint64_t number) noexcept;
    ticket(ticket&& other) noexcept = default;
    ticket& operator=(ticket&&) = delete;
    ~ticket();
    [[nodiscard]] explicit operator bool() const noexcept { return owner_ != nullptr; }
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

   private:
    std::shared_ptr<census> owner_;
    std::uint64_t number_ = 0;
  };

  /// Empty if `limit` connections are open.
  [[nodiscard]] ticket try_enter(std::size_t limit);
  /// The connection of this ticket became a link.
  void became_link(std::uint64_t number, const engine_ptr& engine);
  /// In the order in which they came.
  [[nodiscard]] std::vector<engine_ptr> links() const;

  void count_accepted();
  void count_refused();
  void count_failed();
  void count_session_opened();
  void count_session_resumed();
  void count_not_resumed();
  void count_session_ended(bool agreed);
  [[nodiscard]] server_metrics metrics() const;
  [[nodiscard]] bool empty() const;
  /// Called, on any thread, whenever the last connection ends; null: no more.
  void on_empty(std::function<void()> call);

 private:
  void leave(std::uint64_t number) noexcept;

  mutable std::mutex mutex_;
  server_metrics metrics_;
  std::map<std::uint64_t, std::weak_ptr<engine>> open_;  // null: still in its handshake
  std::uint64_t last_ = 0;
  std::function<void()> on_empty_;
};

}  // namespace tautline::detail

#endif
