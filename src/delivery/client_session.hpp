// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The client's half of what a hello and its welcome decide: whether the session goes on, and what
// became of the messages if it does not.
#ifndef TAUTLINE_SRC_DELIVERY_CLIENT_SESSION_HPP
#define TAUTLINE_SRC_DELIVERY_CLIENT_SESSION_HPP

#include "delivery/session_codec.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tautline::delivery {

/// What a link knows of its own messages when it says hello or hears the welcome.
struct client_counts {
  client_counts() = default;
  std::uint64_t acknowledged = 0;  ///< the highest number that is delivered
  std::uint64_t written = 0;       ///< the highest number written on any connection; 0: none
  std::uint64_t next = 1;          ///< the number that the next new message will get
  std::uint64_t accepted = 0;      ///< of the session's inbound half
};

/// Kept for the life of a link, across connections. Not thread-safe.
class client_session {
 public:
  /// `origin` and `token` as they go into the hello.
  client_session(std::string origin, std::string token);

  /// The hello of a new connection: fills in origin, token, session, `attach` (the larger of the
  /// last one plus one and `utc_ms`), `recv` (`taken_over`, 0 if no session is named) and `from`
  /// (`counts.acknowledged` + 1). The other members stay as they are.
  void fill_hello(hello& h, const client_counts& counts, std::uint64_t taken_over, std::uint64_t utc_ms);

  /// What a welcome said.
  struct outcome {
    outcome() = default;
    std::string fault;            ///< not empty: the welcome is a lie (naming the member); nothing was changed
    bool resumed = false;         ///< the session that the hello named goes on
    bool new_numbers = false;     ///< the peer starts at 1: reset the inbound half to 0
    std::uint64_t delivered = 0;  ///< our messages up to here are
    struct reset {
      reset() = default;
      std::uint64_t certain = 0;          ///< messages that the ended session took over, unknown until now
      std::uint64_t uncertain = 0;        ///< messages that it may have taken over
      std::optional<std::uint64_t> lost;  ///< messages to us that will never come; nullopt: unknown
    };
    std::optional<reset> ended;  ///< a session whose welcome we had seen is over
  };
  /// `counts`: `acknowledged` as it was when the hello was filled in; the others as of now, so
  /// `written` with what was written on this connection since. Faults: a version that was not offered, `resumed`
  /// without a session named or with another id, `recv` beyond what was written or (resumed) below what is
  /// acknowledged, `from` that is not the next we expect (resumed: hello's `recv` + 1; else 1), an
  /// empty session id, `previous` beyond what was written or less sent than we had accepted; a new
  /// session that has the name of the old one, or whose `recv` is below what is acknowledged or
  /// below that of `previous` (it would have to refuse what comes next). `previous` counts only if
  /// a session was named.
  /// A session of which no welcome was seen yet may be older than this connection: what was written
  /// meanwhile counts as seen by it, too.
  [[nodiscard]] outcome on_welcome(const welcome& w, const client_counts& counts);

  /// The connection ended, or is left for another (call it before the next `fill_hello`); all up to
  /// `written`, the highest number on this connection, may have been taken over by the session that
  /// its hello named, if no welcome has said otherwise. 0: nothing was written, not even a hello.
  void on_down(std::uint64_t written) noexcept;
  /// The peer has forgotten the session by agreement (bye), or does not speak the protocol any
  /// more: the next hello names none.
  void forget() noexcept;

  [[nodiscard]] const std::string& origin() const noexcept { return origin_; }
  [[nodiscard]] const std::string& session() const noexcept { return session_; }  ///< empty: none
  [[nodiscard]] std::uint64_t attach() const noexcept { return attach_; }

 private:
  [[nodiscard]] const char* fault_of(const welcome& w, const client_counts& counts) const noexcept;
  [[nodiscard]] outcome::reset account(const welcome& w, const client_counts& counts) const noexcept;

  std::string origin_, token_, session_;
  std::uint64_t attach_ = 0;
  std::uint64_t hello_recv_ = 0;
  std::uint64_t exposed_ = 0;  // the highest number that the named session may have seen
  std::uint64_t strayed_ = 0;  // the highest that a session may have seen whose welcome got lost
  bool welcomed_ = false;      // on the present connection
};

}  // namespace tautline::delivery

#endif
