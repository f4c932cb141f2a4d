// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The sessions of a server: a hello comes in with a connection, and goes to its link, to a new one,
// or away.
#ifndef TAUTLINE_SRC_SERVER_SESSION_REGISTRY_HPP
#define TAUTLINE_SRC_SERVER_SESSION_REGISTRY_HPP

#include <tautline/server.hpp>

#include "delivery/session_directory.hpp"
#include "link/session_engine.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace tautline::detail {

/// Everything on the server's strand.
class session_registry : public std::enable_shared_from_this<session_registry> {
 public:
  /// Of a connection that has said hello: with nothing pending.
  struct newcomer {
    newcomer() = default;
    std::shared_ptr<transport::connection> conn;
    delivery::hello hello;
    asio::any_io_executor strand;  ///< of the connection
    std::string url;               ///< of the peer, for the status
    std::uint64_t number = 0;      ///< of the connection, in the census
  };
  struct hooks {
    hooks() = default;
    /// A new session: its link, before it runs.
    std::function<void(const newcomer&, engine_ptr)> created;
    /// An older session went on with this connection.
    std::function<void(const newcomer&, const engine_ptr&)> resumed;
    std::function<void(const newcomer&, std::string why)> refused;
    /// It could not go on with it: its end, and a new one, follow.
    std::function<void()> not_resumed;
    std::function<void(session_end)> ended;
  };

  session_registry(asio::any_io_executor executor, asio::any_io_executor strand,
                   std::shared_ptr<const server_options> opts, environment env, hooks h);

  void arrive(newcomer n);
  void refuse(newcomer n, const delivery::session_directory::refuse& why);
  /// Without a word.
  static void drop(newcomer n);
  /// The server goes down: the sessions whose clients are not here end.
  void leave_absent();
  [[nodiscard]] std::size_t live() const noexcept { return directory_.live(); }

 private:
  struct entry {
    std::string origin;
    std::weak_ptr<engine> link;
    std::shared_ptr<session_ledger> ledger;
  };
  using decision = delivery::session_directory::decision;

  void act(newcomer n, decision d);
  void create(newcomer n, delivery::session_directory::create how);
  void attach(newcomer n, delivery::session_directory::attach how);
  void replace(newcomer n, const std::string& old_id);
  void over(const std::string& id, session_end how);
  void forget(std::unordered_map<std::string, entry>::iterator which, session_end how);
  [[nodiscard]] std::size_t held_bytes();
  [[nodiscard]] session_terms terms() const;
  [[nodiscard]] delivery::session_directory::seal seal_of(const std::string& id) const;

  const asio::any_io_executor executor_;
  const asio::any_io_executor strand_;
  const std::shared_ptr<const server_options> opts_;
  const environment env_;
  const hooks hooks_;
  delivery::session_directory directory_;
  std::unordered_map<std::string, entry> live_;
  std::size_t held_bytes_ = 0;
  time_point measure_again_ = time_point::min();
};

}  // namespace tautline::detail

#endif
