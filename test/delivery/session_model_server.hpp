// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The server of the session model: its directory, its sessions, and those that are long over.
#ifndef TAUTLINE_TEST_DELIVERY_SESSION_MODEL_SERVER_HPP
#define TAUTLINE_TEST_DELIVERY_SESSION_MODEL_SERVER_HPP

#include "delivery/server_session.hpp"
#include "delivery/session_directory.hpp"
#include "delivery/session_model_halves.hpp"

#include <memory>

namespace tautline::delivery::model {

struct server_habits {
  session_window window;
  responsibility when = responsibility::consumed;
  std::size_t max_ended = 10;
  std::uint64_t refuses_one_in = 0;  ///< says it cannot resume; 0: never
};

/// One session at the server. It is never removed: the model has to know what became of it.
struct server_link {
  server_link(std::string i, sender& client, const server_habits& h, std::uint64_t recv)
      : id(std::move(i)), numbers(h.window), in(client, numbers, h.when, recv) {}
  std::string id;
  sender out;
  session_inbound numbers;
  receiver in;
  wire* connection = nullptr;
  bool live = true;        ///< the directory has it
  bool forgotten = false;  ///< no trace of it may be left
  bool seen = false;       ///< the client saw a welcome of it
  std::uint64_t ended_as = 0;
};

class server_end {
 public:
  server_end(sender& client, const server_habits& h, chance& c) : client_(client), habits_(h), chance_(c) { boot(); }

  void read(wire& from, time_point now) {
    while (!from.left(wire::server)) {
      const auto frame = from.read(wire::server);
      if (!frame) break;
      if (frame->text)
        on_control(from, frame->body, now);
      else
        on_data(from, frame->body, now);
    }
    if (from.ended(wire::server) && !from.left(wire::server)) drop(from);
  }

  void push(std::uint32_t content, std::size_t padding, duration ttl, time_point now) {
    if (server_link* l = current()) l->out.push(content, padding, ttl, now);
  }
  void write(std::size_t messages, time_point now) {
    server_link* l = current();
    if (!l || !l->connection) return;
    l->out.write(*l->connection, wire::server, messages, chance_.one_in(2) ? &l->in.in : nullptr, now);
  }
  void acknowledge_if_due(time_point now) {
    server_link* l = current();
    if (l && l->connection && l->in.in.ack_due(now))
      l->connection->write(wire::server, true, encode(session_ack(l->in.in.tell())));
  }
  /// The application takes from any session that has something, the ended ones included.
  bool consume(time_point now) {
    for (const auto& l : links_)
      if (l->in.consume(now)) return true;
    return false;
  }
  bool application_acknowledges(time_point now) {
    for (const auto& l : links_)
      if (l->in.acknowledge(chance_, now)) return true;
    return false;
  }

  void expire(std::vector<std::unique_ptr<wire>>& wires, time_point now) {
    server_link* l = current();
    if (!l || l->connection) return;
    if (habits_.max_ended == 0) time_out_hellos(wires);
    tell("server: ", l->id, " expires");
    finish(*l);
    directory_->end(origin, l->id, session_directory::why::expired, seal_of(*l), now + far_);
    if (habits_.max_ended == 0) forget(*l);
  }
  void forget_the_ended(std::vector<std::unique_ptr<wire>>& wires) {
    tell("server: a day passes for what has ended");
    time_out_hellos(wires);
    far_ += std::chrono::hours(25);
    for (const auto& l : links_)
      if (!l->live) forget(*l);
  }
  void restart(std::vector<std::unique_ptr<wire>>& wires) {
    tell("server: restarts");
    for (const auto& w : wires)
      if (!w->left(wire::server)) w->leave(wire::server, chance_.below(300));
    for (const auto& l : links_) {
      l->connection = nullptr;
      l->in.lose_memory();
      if (l->live) finish(*l);
      forget(*l);
    }
    boot();
  }
  /// The connection broke, and the server sees it first.
  void break_off(wire& w) { drop(w); }

  [[nodiscard]] server_link* current() {
    return !links_.empty() && links_.back()->live ? links_.back().get() : nullptr;
  }
  [[nodiscard]] server_link& named(const std::string& id) {
    for (const auto& l : links_)
      if (l->id == id) return *l;
    throw std::logic_error("a welcome names a session that exists");
  }
  /// Is the directory bound to know it still?
  [[nodiscard]] bool remembers(const server_link& l) const {
    return !l.live && !l.forgotten && ended_ - l.ended_as < 4;
  }
  [[nodiscard]] bool idle() {
    const server_link* l = current();
    return std::all_of(links_.begin(), links_.end(), [](const auto& i) { return i->in.idle(); }) &&
           (!l || l->out.box.empty());
  }
  [[nodiscard]] std::uint64_t duplicates() const {
    std::uint64_t sum = 0;
    for (const auto& l : links_) sum += l->in.in.duplicates();
    return sum;
  }
  /// Sessions of which no trace is left and which the client never heard of, when it had no other.
  bool client_has_none = true;

 private:
  void boot() {
    directory_limits limits;
    limits.max_ended = habits_.max_ended;
    directory_ = std::make_unique<session_directory>(limits);
  }

  /// A hello comes within ten seconds or never: none is older than what the server remembers.
  void time_out_hellos(std::vector<std::unique_ptr<wire>>& wires) {
    for (const auto& w : wires)
      if (!w->left(wire::server) && !on(*w)) drop(*w);
  }

  static session_directory::seal seal_of(server_link& l) {
    return [&l] {
      require(!l.forgotten, "what is forgotten is not asked");
      require(!l.in.sealed(), "counters are asked for once");
      l.in.seal();
      return session_counters(l.in.in.recv(), l.out.written());
    };
  }
  void finish(server_link& l) {
    l.live = false;
    l.ended_as = ++ended_;
  }
  void forget(server_link& l) {
    if (l.forgotten) return;
    l.forgotten = true;
    // A client that knows of no session cannot be told that it lost one.
    for (std::uint64_t n = 1; client_has_none && !l.seen && n <= l.in.in.accepted(); ++n)
      client_.at(n).may_repeat = true;
  }

  void drop(wire& w) {
    if (!w.left(wire::server)) w.leave(wire::server, chance_.below(400));
    for (const auto& l : links_)
      if (l->connection == &w) l->connection = nullptr;
  }
  void fence(server_link& l) {
    if (l.connection) drop(*l.connection);
  }
  server_link* on(const wire& w) {
    for (const auto& l : links_)
      if (l->connection == &w) return l.get();
    return nullptr;
  }

  void on_data(wire& from, std::string_view whole, time_point now) {
    data_head head;
    require(decode_head(whole, head) == nullptr, "data is well-formed");
    server_link* l = on(from);
    require(l != nullptr, "data comes behind an accepted hello");
    if (head.ack) l->out.confirm(*head.ack);
    l->in.on_data(whole, head, now);
  }

  void on_control(wire& from, std::string_view text, time_point now) {
    control c;
    require(decode_control(text, c).empty(), "control is well-formed");
    if (const auto* h = std::get_if<hello>(&c)) return on_hello(from, *h, now);
    const auto* ack = std::get_if<session_ack>(&c);
    require(ack && on(from), "nothing else comes than acks");
    on(from)->out.confirm(ack->recv);
  }

  void on_hello(wire& from, const hello& h, time_point now) {
    std::string id = "s" + std::to_string(links_.size());
    auto decided = directory_->on_hello(h, id, now + far_);
    if (const auto* a = std::get_if<session_directory::attach>(&decided)) {
      server_link& l = named(a->id);
      server_counts counts;
      counts.recv = l.in.in.recv();
      counts.acknowledged = l.out.acknowledged();
      counts.written = l.out.written();
      require(can_resume(l.id, counts, h), "two honest ends can always resume");
      const bool unwilling = habits_.refuses_one_in > 0 && chance_.one_in(habits_.refuses_one_in);
      if (!unwilling) return go_on(from, l, counts, *a, h);
      fence(l);
      finish(l);
      decided = directory_->replace(h, id, l.id, seal_of(l), now + far_);
      if (habits_.max_ended == 0) forget(l);
    }
    if (const auto* c = std::get_if<session_directory::create>(&decided)) return begin(from, *c, h);
    const auto& r = std::get<session_directory::refuse>(decided);
    require(r.fault == session_fault::superseded, "a client that is honest is refused for its age alone");
    tell("server: refuses a hello that is too old");
    drop(from);
  }

  void go_on(wire& from, server_link& l, const server_counts& counts, const session_directory::attach& a,
             const hello& h) {
    welcome w = some_welcome();
    const std::uint64_t held = fill_welcome(w, l.id, counts, h);
    w.previous = a.previous;
    fence(l);
    l.connection = &from;
    (void)l.in.in.tell();
    l.out.box.rewind();
    l.out.window = h.window;
    l.out.confirm(held);
    tell("server: goes on with ", l.id, " recv ", w.recv, " from ", w.from);
    from.write(wire::server, true, encode(w));
  }

  void begin(wire& from, const session_directory::create& c, const hello& h) {
    links_.push_back(std::make_unique<server_link>(c.id, client_, habits_, c.recv));
    links_.back()->connection = &from;
    links_.back()->out.window = h.window;
    welcome w = some_welcome();
    w.session = c.id;
    w.reason = c.reason;
    w.previous = c.previous;
    w.recv = c.recv;
    tell("server: begins ", c.id, " recv ", c.recv, c.previous ? ", knows the previous" : "");
    from.write(wire::server, true, encode(w));
  }

  [[nodiscard]] welcome some_welcome() const {
    welcome w;
    w.window = habits_.window;
    return w;
  }

  sender& client_;
  server_habits habits_;
  chance& chance_;
  std::unique_ptr<session_directory> directory_;
  std::vector<std::unique_ptr<server_link>> links_;  // of all times
  std::uint64_t ended_ = 0;
  duration far_{};  // how much later it is for the directory
};

}  // namespace tautline::delivery::model

#endif
