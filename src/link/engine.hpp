// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What the five loops share. Its members are touched on the strand only, unless said otherwise.
#ifndef TAUTLINE_SRC_LINK_ENGINE_HPP
#define TAUTLINE_SRC_LINK_ENGINE_HPP

#include <tautline/link.hpp>

#include "link/abandon.hpp"
#include "link/board.hpp"
#include "link/channel.hpp"
#include "link/conversation.hpp"
#include "link/intake.hpp"
#include "link/make_engine.hpp"
#include "link/wakeup.hpp"
#include "policy/backoff.hpp"
#include "policy/endpoint_list.hpp"
#include "policy/heartbeat.hpp"
#include "status/logger.hpp"
#include "transport/connection.hpp"

#include <boost/asio/dispatch.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tautline::detail {

/// The present connection. Owned by the connect loop; `generation` tells it from all others.
struct present_connection {
  present_connection() = default;
  std::uint64_t generation = 0;
  std::shared_ptr<transport::connection> conn;  ///< null while down
  time_point up_since{};
  bool something_confirmed = false;
  time_point reading_since{};   ///< the last time that reading began
  bool reading_paused = false;  ///< the inbox is full: silence is our own doing
  std::optional<policy::heartbeat_monitor> watch;
  std::optional<time_point> json_ping_sent;
  std::string json_pong_due;                  ///< waits for what is before it to be out
  std::uint64_t acknowledged = 0;             ///< of the flushed, at the last look; 0: no backlog
  time_point backlog_moved{};                 ///< the last time that some of a backlog was acknowledged
  std::unique_ptr<const cause> ended;         ///< the first cause wins
  bool told_why = false;                      ///< last words are on their way: they end it
  std::unique_ptr<const cause> write_failed;  ///< wins only if the reader has nothing better to say
  time_point attach_by = time_point::max();   ///< when a peer must have answered the hello
  bool announced = false;                     ///< the status shows it
  bool welcome_is_read = true;                ///< false: by a move, and the receive loop waits
};

/// A client that was asked to leave its server, and stays until it has somewhere to go.
struct move_order {
  move_order() = default;
  time_point when;
  std::string url;  ///< empty: by the link's own list
};

/// What the backoff loop is told of an end.
struct ended_connection {
  ended_connection() = default;
  cause_ptr why;
  bool stable = false;
};

class engine final : public std::enable_shared_from_this<engine>,
                     public abandonable,
                     private transport::connection_observer,
                     private intake::observer,
                     private conversation_host {
 public:
  engine(asio::any_io_executor ex, asio::any_io_executor s, std::shared_ptr<const options> o, environment e);
  ~engine();

  // Given at construction; any thread.
  const std::shared_ptr<const options> shared_opts;
  const options& opts;
  const asio::any_io_executor executor;
  asio::any_io_executor strand;  ///< empty once the context is gone
  const std::shared_ptr<time_service> time;
  const std::shared_ptr<random_source> random;
  const status_room::logger log;

  // Thread-safe by themselves.
  board shown;
  const std::shared_ptr<receipt_watch> receipts;
  intake outbox;
  std::atomic<std::size_t> inbox_bytes{0};  ///< of a session

  // Where the loops meet.
  channel<message> inbox;
  channel<event, queued_event> events;
  wakeup gate;    ///< of the connect loop
  wakeup ending;  ///< of the connect loop, while up
  wakeup delay;   ///< of the backoff loop
  wakeup beat;    ///< of the heartbeat loop
  wakeup work;    ///< of the flush loop
  wakeup room;    ///< of the receive loop
  wakeup drain;   ///< of the closing sequence

  std::shared_ptr<transport::connector> connector;
  conversation* talk = nullptr;  ///< of the present connection, or the last
  policy::round_trip rtt;
  policy::endpoint_list endpoints;
  policy::backoff retries;
  present_connection now_up;
  std::vector<const delivery::entry*> taken;  ///< of the flush loop, kept for its memory

  // The life of a run (engine.cpp).
  void start_run(operation_ptr<void(error_code)> op);
  /// Every loop ends soon; the run ends with `why`. The first call counts.
  void stop(error_code why);
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  [[nodiscard]] bool running() const noexcept { return running_.load(std::memory_order_acquire); }
  [[nodiscard]] bool leaving() const noexcept override { return close_.has_value(); }
  void cancel_run();
  /// `moving`: see `closing`.
  void start_close(operation_ptr<void(error_code)> op, std::uint16_t code, std::string reason, duration drain_limit,
                   bool moving = false);
  /// A server goes down: a session's peer gets `to_move` to be elsewhere, any other a close, once all
  /// is delivered or `to_drain` has passed.
  void start_leaving(std::uint16_t code, std::string reason, duration to_drain, duration to_move);
  void cancel_close_wait(std::uint64_t id);
  void start_wait(link_state s, operation_ptr<void(error_code)> op);
  void cancel_wait(std::uint64_t id);
  void cancel_all();
  void destroy();
  void abandon() noexcept override;
  [[nodiscard]] bool abandoned() const noexcept { return abandoned_.load(std::memory_order_acquire); }

  // The gate between backoff and connect.
  void open_gate(unsigned attempt);
  [[nodiscard]] asio::awaitable<bool> through_gate();  ///< false: stopping
  std::optional<ended_connection> just_ended;          ///< for the backoff loop, until it has decided
  cause_ptr last_cause;
  bool retry_asked = false;
  unsigned attempt = 1;
  wakeup* asking = nullptr;  ///< while a provider is asked

  // The present connection (connection_state.cpp).
  void publish_attempt(const std::string& endpoint);
  void publish_up(std::shared_ptr<transport::connection> conn);
  /// Puts another connection in place of the present one, without an end in between. Returns the old
  /// one, on which nothing counts any more: it has to be aborted soon, because the loops wait on it.
  [[nodiscard]] std::shared_ptr<transport::connection> publish_move(std::shared_ptr<transport::connection> conn);
  [[nodiscard]] time_point move_at() const { return move ? move->when : time_point::max(); }
  [[nodiscard]] bool move_due() const { return time->now() >= move_at(); }
  /// That attempt failed: another one, at once if an endpoint has not been tried yet, else later,
  /// while the old connection lasts.
  void postpone_move();
  std::optional<move_order> move;
  void end_connection(std::uint64_t generation, cause why);
  void report_write_failure(std::uint64_t generation, cause why);
  [[nodiscard]] asio::awaitable<void> until_ended();
  void publish_end();  ///< `publish_down` with what was found out
  void publish_down(cause why);
  void publish_retry(const policy::backoff::decision& d, time_point when);
  void publish_degraded(bool degraded);
  /// Waits on `w` until a connection newer than `seen` is up; its generation, or 0: stopping.
  [[nodiscard]] asio::awaitable<std::uint64_t> until_up(wakeup& w, std::uint64_t seen);
  [[nodiscard]] bool is_up(std::uint64_t generation) const noexcept {
    return !stopping_ && now_up.conn && now_up.generation == generation && !now_up.ended;
  }
  /// A ping has been framed. Its time runs from when it is out: behind a long message on a narrow
  /// path no pong can come any sooner.
  void question_framed();
  /// What the socket has taken, for the watch. Before and after each wait for it.
  void note_writing(time_point now);
  void apply(const confirmation& c);
  void answer_json_ping();  ///< the last, if one waits and there is room
  void take_in(std::vector<message> batch);
  /// What the application has taken changed.
  void inbox_changed();
  /// To the receive loop, once it has stopped because the inbox was full (receive_loop.cpp).
  [[nodiscard]] bool may_read_on() const;
  void notice_silence();          ///< of a peer that answers no pings
  bool written_suffices = false;  ///< it was noticed, and the options allow for it
  bool answered_ever = false;     ///< a pong came, on any connection
  [[nodiscard]] bool may_fall_back() const noexcept { return opts.delivery.written_is_enough && !answered_ever; }
  void take_written_for_delivered(std::uint64_t upto);

  void emit(event_kind kind, cause_ptr why = nullptr, duration after = {}) {
    emit(queued_event(kind, std::move(why), after));
  }
  void emit(queued_event e);

  // The closing sequence (close.cpp).
  struct closing {
    closing() = default;
    std::uint16_t code = 1000;
    std::string reason;
    duration drain_limit{};
    bool moving = false;  ///< the peer is asked to go elsewhere, instead of a drain
    error_code result;
    std::vector<operation_ptr<void(error_code)>> waiting;
  };
  std::optional<closing> close_;
  bool close_frame_sent = false;
  bool said_bye = false;  ///< and the peer closes
  /// The end of the connection is part of a close: no cause for an event or another attempt.
  [[nodiscard]] bool ends_quietly() const noexcept { return close_frame_sent || said_bye; }

  // Sessions (session_host.cpp).
  /// Of a server's link: it ends with `errc::session_expired`.
  void end_session();
  /// The same: set before it runs.
  void become_session(std::unique_ptr<conversation> c);
  [[nodiscard]] bool offers_session() const noexcept { return opts.session != session_use::off && offer_session_; }
  void acknowledge(std::uint64_t epoch, std::uint64_t seq) { talk->acknowledged(epoch, seq); }
  conversation_host& host() noexcept { return *this; }
  /// Asked by the inbox of a link that has ended, before it hands a message out.
  void guard_inbox(std::function<bool(const message&)> may_leave) { inbox.guard(std::move(may_leave)); }

 private:
  void on_bytes() override;
  void on_pong(std::string_view payload) override;
  void on_work() override;
  void on_lost(std::vector<delivery::ended> gone) override;
  void on_turned_away(error_code why, const message& m) override;

  time_point now() const override { return taking_in_ != time_point() ? taking_in_ : time->now(); }
  std::uint64_t utc_ms() const override;
  std::string secret(std::size_t bytes) override { return random->secret(bytes); }
  delivery::outbox_numbers numbers() const override { return outbox.numbers(); }
  std::size_t queued() const override { return outbox.size().queued_messages; }
  std::uint64_t last_written() const override { return outbox.last_written(); }
  void limit_silence(duration d) override;
  void confirmed(const confirmation& c) override { apply(c); }
  void attached(session_state how) override;
  void session_was_reset(std::uint64_t certain, std::uint64_t uncertain, std::optional<std::uint64_t> lost) override;
  void give_up(std::uint64_t seq) override { outbox.give_up(seq); }
  void fail_taken(std::uint64_t seq, error_code why) override { outbox.fail_taken(seq, why); }
  void fail_refused(std::uint64_t largest) override { outbox.fail_refused(largest); }
  void end_session_connection(delivery::session_fault fault, const std::string& text,
                              std::optional<std::uint64_t> retry_after_ms) override;
  void session_not_spoken() override;
  void asked_to_move(const delivery::session_drain& d) override;
  void peer_said_bye() override;
  void wake_writer() override { work.notify(); }

  void choose_conversation();
  void announce_up();
  void spawn_loops();
  void loop_ended(const char* name, std::exception_ptr failure);

  void run_ended();
  void fail_pending(error_code why);
  void set_state(link_state s, cause_ptr why);
  void notify_all();
  [[nodiscard]] bool took_for_heartbeat(const message& m, time_point now);
  void json_pong_came(time_point now);
  void let_go(std::shared_ptr<transport::connection> old);
  void tell(queued_event e);
  void step_forward();

  std::unique_ptr<conversation> plain_, session_;
  bool offer_session_ = true;

  std::atomic<bool> running_{false};
  std::atomic<bool> abandoned_{false};
  bool stopping_ = false;
  bool gate_open_ = false;
  bool closed_for_good_ = false;
  bool silence_noticed_ = false;
  bool standing_back_ = false;  ///< an attempt begins: events are told a little later
  std::vector<queued_event> untold_;
  int loops_ = 0;
  time_point taking_in_;   ///< of the messages that are being looked at; the epoch: none
  std::string attempted_;  ///< the URL that the shown endpoint was made from
  error_code result_;
  cause_ptr final_cause_;
  operation_ptr<void(error_code)> run_op_;
  std::vector<std::pair<link_state, operation_ptr<void(error_code)>>> waits_;
};

/// Runs `f(engine&)` on the strand, inside this call if that is where it is made.
template <class F>
void on_strand(const engine_ptr& e, F f) {
  if (e->abandoned()) return;
  asio::dispatch(e->strand, [e, f = std::move(f)]() mutable { f(*e); });
}

// The loops. Each is alone in the file of its name.
[[nodiscard]] asio::awaitable<void> connect_loop(engine_ptr e);
[[nodiscard]] asio::awaitable<void> backoff_loop(engine_ptr e);
[[nodiscard]] asio::awaitable<void> heartbeat_loop(engine_ptr e);
[[nodiscard]] asio::awaitable<void> flush_loop(engine_ptr e);
[[nodiscard]] asio::awaitable<void> receive_loop(engine_ptr e);

/// One attempt, redirects included (attempt.cpp). To `url` if it is not empty: a provider is asked for
/// its headers all the same.
[[nodiscard]] asio::awaitable<transport::connect_result> make_attempt(engine_ptr e, std::string url);
/// While up, until the end: makes the moves that the peer asks for (move.cpp).
[[nodiscard]] asio::awaitable<void> stay_up(engine_ptr e);
/// Drain, close handshake, stop (close.cpp).
[[nodiscard]] asio::awaitable<void> closing_sequence(engine_ptr e);

[[nodiscard]] cause make_cause(phase where, error_code ec);
/// Of what a read ended with.
[[nodiscard]] cause read_cause(error_code ec, const transport::connection& conn);

}  // namespace tautline::detail

#endif
