// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The server's role in a session: one link, one session, many connections.
#ifndef TAUTLINE_SRC_LINK_SERVER_CONVERSATION_HPP
#define TAUTLINE_SRC_LINK_SERVER_CONVERSATION_HPP

#include "delivery/server_session.hpp"
#include "link/session_conversation.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tautline::detail {

/// The counters of a session as they outlive its link. Thread-safe.
class session_ledger {
 public:
  /// From now on the application takes what is left through `may_take`.
  void close(const delivery::session_counters& last);
  /// Once told, the counters stay: what was not taken by then is not handed out any more.
  [[nodiscard]] delivery::session_counters seal();
  /// Of an ended session: may this still be handed out?
  [[nodiscard]] bool may_take(std::uint64_t seq);

 private:
  std::mutex mutex_;
  delivery::session_counters counters_;
  bool sealed_ = false;
};

/// A client that wants its session on a new connection.
struct session_arrival {
  session_arrival() = default;
  delivery::hello hello;
  std::string reason;  ///< of a new session
  std::optional<delivery::session_counters> previous;
};

/// What a server says of itself in every welcome.
struct session_terms {
  session_terms() = default;
  duration heartbeat{}, retain{};
  std::uint64_t max_message_bytes = 0;
};

/// How a session ended.
enum class session_end { agreed, expired };

struct session_setup {
  session_setup() = default;
  std::string id, origin;
  std::uint64_t recv = 0;  ///< the client's first message is the next
  session_terms terms;
  std::shared_ptr<session_ledger> ledger;
  std::function<void(session_end)> over;  ///< told once, on any thread; the ledger is closed by then
};

class server_conversation final : public session_conversation {
 public:
  server_conversation(conversation_host& host, const options& o, acknowledger ack, session_setup setup);
  ~server_conversation() override;

  /// For the next `on_up`. False: the session cannot go on with this hello.
  [[nodiscard]] bool expect(session_arrival a);

  void on_up(transport::connection& to, std::uint64_t salt) override;
  void ask_to_move(transport::connection& to, const delivery::session_drain& d) override;
  void on_run_ended(bool for_good) override;
  /// Another session takes its place: the counters are final, and nobody is told of the end.
  void end_replaced();
  /// Both sides have said bye.
  [[nodiscard]] bool agreed() const noexcept { return said_bye_ && peer_bye_; }

 private:
  void on_control(const delivery::control& c) override;
  [[nodiscard]] delivery::server_counts counts() const;

  const session_setup setup_;
  std::optional<session_arrival> arrival_;
  bool over_ = false;
};

}  // namespace tautline::detail

#endif
