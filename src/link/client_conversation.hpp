// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The client's role in a session: says hello, hears the welcome.
#ifndef TAUTLINE_SRC_LINK_CLIENT_CONVERSATION_HPP
#define TAUTLINE_SRC_LINK_CLIENT_CONVERSATION_HPP

#include "delivery/client_session.hpp"
#include "link/session_conversation.hpp"

#include <string>
#include <vector>

namespace tautline::detail {

/// Lives as long as its link, across sessions.
class client_conversation final : public session_conversation {
 public:
  client_conversation(conversation_host& host, const options& o, acknowledger ack);

  void on_up(transport::connection& to, std::uint64_t salt) override;
  void on_down(cause& why) override;
  void on_moved() override;
  bool ask(transport::connection& to, const flush_state& s) override;
  [[nodiscard]] time_point next_ask(std::uint64_t last_written) const override;
  [[nodiscard]] std::optional<confirmation> on_pong(std::string_view payload, time_point now) override;
  void forget() override;

 private:
  void on_control(const delivery::control& c) override;
  [[nodiscard]] bool may_send_data() const override;
  [[nodiscard]] delivery::client_counts counts() const;
  void on_welcome(const delivery::welcome& w);
  void tell_reset(const delivery::client_session::outcome::reset& r, std::uint64_t acknowledged);
  void change_session(const std::string& id);
  void note_end();

  struct former {
    std::string id;
    std::uint64_t accepted = 0;
  };

  delivery::client_session session_;
  delivery::client_counts at_hello_;
  time_point said_hello_{};
  std::string current_;         ///< whose numbers count now
  std::vector<former> former_;  ///< sessions that were left, and may still live at their servers
  bool ever_welcomed_ = false;
  bool waits_for_welcome_ = false;
  bool asks_behind_hello_ = false;
  time_point give_up_at_ = time_point::max();  ///< of a peer that seems not to speak the protocol
};

}  // namespace tautline::detail

#endif
