// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// tautline.v1 behind the loops: what both ends of a session have in common.
#ifndef TAUTLINE_SRC_LINK_SESSION_CONVERSATION_HPP
#define TAUTLINE_SRC_LINK_SESSION_CONVERSATION_HPP

#include "delivery/ack_prompt.hpp"
#include "delivery/session_inbound.hpp"
#include "link/conversation.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tautline::detail {

/// Of a number that a peer sent: a year at the most.
[[nodiscard]] duration duration_of_ms(std::uint64_t ms) noexcept;

/// Data, acknowledgements, heartbeat and bye. The roles add hello and welcome.
class session_conversation : public conversation {
 public:
  /// Acknowledgements of messages by session and number, from any thread.
  using acknowledger = std::function<void(std::uint64_t epoch, std::uint64_t seq)>;

  session_conversation(conversation_host& host, const options& o, acknowledger ack);

  void on_down(cause& why) override;
  void on_moved() override;
  [[nodiscard]] bool is_session() const noexcept override { return true; }
  [[nodiscard]] bool attached() const noexcept override { return attached_; }
  [[nodiscard]] delivery::take_limit window() const override;
  error_code write(transport::connection& to, std::uint64_t seq, const delivery::entry& e) override;
  error_code write_void(transport::connection& to, std::uint64_t seq, std::uint64_t count) override;
  bool ask(transport::connection& to, const flush_state& s) override;
  [[nodiscard]] time_point next_ask(std::uint64_t last_written) const override;
  error_code ping(transport::connection& to, time_point now, std::uint64_t last_written) override;
  [[nodiscard]] std::optional<confirmation> on_pong(std::string_view payload, time_point now) override;
  [[nodiscard]] bool on_message(message& m) override;
  void on_inbox(const inbox_state& s) override;
  void acknowledged(std::uint64_t epoch, std::uint64_t seq) override;
  bool say_bye(transport::connection& to) override;
  [[nodiscard]] bool peer_said_bye() const noexcept override { return peer_bye_; }

 protected:
  /// A control message that only one role understands.
  virtual void on_control(const delivery::control& c) = 0;
  /// Data may go, also before the peer has answered.
  [[nodiscard]] virtual bool may_send_data() const { return attached_; }

  void begin(transport::connection& to);
  /// Both sides know each other: the peer may have this much outstanding from us.
  void attach(const delivery::session_window& theirs, std::uint64_t largest, session_state how);
  /// A new session: what comes is counted from 1, and named after `name`.
  void count_anew(std::uint64_t recv, std::string name);
  void fail(delivery::session_fault f, const std::string& text);
  template <class Control>
  void say(const Control& c) {
    (void)to_->write(delivery::encode(c), payload_kind::text);
    host_.wake_writer();
  }

  conversation_host& host_;
  const options& opts_;
  delivery::session_window own_window_;
  delivery::session_inbound inbound_;
  transport::connection* to_ = nullptr;  ///< while up
  bool said_bye_ = false, peer_bye_ = false;

 private:
  struct reader;
  void on_text(std::string_view text);
  [[nodiscard]] bool on_data(message& m);
  void on_ack(std::uint64_t upto);
  void on_ping(const delivery::session_ping& p);
  void answer(const delivery::session_ping& p);
  void on_session_pong(const delivery::session_pong& p);
  void on_error(const delivery::session_error& e);
  void on_bye();
  void taken_over(std::uint64_t upto);
  void tell_when_due(bool could_say);
  [[nodiscard]] bool takes_at_once(const inbox_state& s) const noexcept;

  const acknowledger ack_;
  message::source_ptr source_;
  delivery::session_window peer_window_;
  std::uint64_t peer_largest_ = UINT64_MAX;
  bool attached_ = false;
  bool failed_ = false;    ///< this connection is being ended: nothing counts any more
  bool bad_here_ = false;  ///< this connection ends for a message that was no such
  int bad_in_a_row_ = 0;
  std::uint64_t epoch_ = 0;       ///< rises with every new numbering of what comes
  bool awaits_the_last_ = false;  ///< leaving, and nothing is left but to be acknowledged
  time_point ask_again_{};        ///< while it does
  time_point ping_sent_{};
  delivery::ack_prompt prompt_;
  std::optional<delivery::session_ping> unanswered_;  ///< the last one that has to wait
  std::optional<std::uint64_t> retry_after_ms_;
  std::string error_text_;
};

}  // namespace tautline::detail

#endif
