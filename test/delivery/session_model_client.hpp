// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The client of the session model. At each welcome it compares what it is told with what is true.
#ifndef TAUTLINE_TEST_DELIVERY_SESSION_MODEL_CLIENT_HPP
#define TAUTLINE_TEST_DELIVERY_SESSION_MODEL_CLIENT_HPP

#include "delivery/client_session.hpp"
#include "delivery/session_model_server.hpp"

#include <memory>
#include <utility>

namespace tautline::delivery::model {

struct client_habits {
  session_window window;
  responsibility when = responsibility::consumed;
  bool never_repeats = false;  ///< waits for the welcome, and gives up what is uncertain
};

class client_end {
 public:
  client_end(const client_habits& h, chance& c) : habits_(h), chance_(c), numbers_(h.window) {}

  /// A new connection, in place of one that may still be there.
  void connect(wire& fresh, time_point now) {
    if (connection_) leave();
    connection_ = &fresh;
    hello h;
    h.window = habits_.window;
    counts_ = client_counts();
    counts_.acknowledged = out.acknowledged();
    counts_.written = out.written();
    counts_.next = out.written() + 1;
    counts_.accepted = in_ ? in_->in.accepted() : 0;
    session_.fill_hello(h, counts_, in_ ? in_->in.tell() : 0, 1'000 + chance_.below(20));
    require(h.session.empty() || h.session == link_->id, "a hello names the session of the last welcome");
    tell("client: hello ", h.attach, " session ", h.session, " recv ", h.recv, " from ", h.from);
    named_ = h.session;
    welcomed_ = false;
    fresh.write(wire::client, true, encode(h));
    out.expire(now);
  }

  void read(server_end& server, time_point now) {
    while (connection_) {
      const auto frame = connection_->read(wire::client);
      if (!frame) break;
      if (frame->text)
        on_control(frame->body, server);
      else
        on_data(frame->body, now);
    }
    if (connection_ && connection_->ended(wire::client)) leave();
  }

  /// The connection is over for the client; of what it wrote some may still arrive.
  void leave() {
    tell("client: leaves its connection");
    session_.on_down(out.box.last_written());
    if (!welcomed_) unanswered_.emplace_back(named_, out.box.last_written());
    if (welcomed_) shown_ = std::max(shown_, out.box.last_written());
    connection_->leave(wire::client, chance_.one_in(2) ? SIZE_MAX : chance_.below(600));
    connection_ = nullptr;
    out.box.rewind();
  }

  void write(std::size_t messages, time_point now) {
    if (!connection_ || (habits_.never_repeats && !welcomed_)) return;
    // Before the welcome nobody knows to which session an acknowledgement would go.
    session_inbound* const acks = welcomed_ && chance_.one_in(2) ? &in_->in : nullptr;
    out.write(*connection_, wire::client, messages, acks, now);
  }
  void acknowledge_if_due(time_point now) {
    if (connection_ && welcomed_ && in_->in.ack_due(now))
      connection_->write(wire::client, true, encode(session_ack(in_->in.tell())));
  }
  bool consume(time_point now) {
    for (const auto& r : received_)
      if (r->consume(now)) return true;
    return false;
  }
  bool application_acknowledges(time_point now) {
    for (const auto& r : received_)
      if (r->acknowledge(chance_, now)) return true;
    return false;
  }

  [[nodiscard]] bool connected() const { return connection_ != nullptr; }
  [[nodiscard]] wire* connection() const { return connection_; }
  [[nodiscard]] bool idle() const {
    return connection_ && welcomed_ && out.box.empty() &&
           std::all_of(received_.begin(), received_.end(), [](const auto& r) { return r->idle(); });
  }

  sender out;
  unsigned resets = 0, resumes = 0, exact_resets = 0;

 private:
  void on_data(std::string_view whole, time_point now) {
    data_head head;
    require(decode_head(whole, head) == nullptr, "data is well-formed");
    require(welcomed_, "data comes behind the welcome");
    if (head.ack) out.confirm(*head.ack);
    in_->on_data(whole, head, now);
  }

  void on_control(std::string_view text, server_end& server) {
    control c;
    require(decode_control(text, c).empty(), "control is well-formed");
    if (const auto* w = std::get_if<welcome>(&c)) return on_welcome(*w, server);
    const auto* ack = std::get_if<session_ack>(&c);
    require(ack && welcomed_, "nothing else comes than acks");
    out.confirm(ack->recv);
  }

  void on_welcome(const welcome& w, server_end& server) {
    counts_.written = out.written();
    const auto outcome = session_.on_welcome(w, counts_);
    require(outcome.fault.empty(), outcome.fault.c_str());
    require(outcome.resumed == w.resumed && outcome.resumed == (named_ == w.session), "resumed is what was named");
    tell("client: welcome to ", w.session, " delivered ", outcome.delivered);
    require(outcome.ended.has_value() == (!outcome.resumed && link_), "a session that was seen does not vanish");
    if (outcome.ended) compare(*outcome.ended, w, server);
    server_link& l = server.named(w.session);
    if (outcome.new_numbers) adopt(l, server);
    require(&l == link_, "the numbers are those of the session that goes on");
    if (outcome.resumed) ++resumes;
    if (outcome.ended) ++resets;
    welcomed_ = true;
    out.window = w.window;
    out.confirm(outcome.delivered);
    if (outcome.ended && outcome.ended->uncertain > 0) {
      const std::uint64_t last = counts_.acknowledged + outcome.ended->uncertain;
      if (habits_.never_repeats)
        out.fail_up_to(last);
      else
        for (std::uint64_t n = counts_.acknowledged + 1; n <= last; ++n) out.at(n).may_repeat = true;
    }
  }

  void adopt(server_link& l, server_end& server) {
    if (in_) in_->detach();
    received_.push_back(std::make_unique<receiver>(l.out, numbers_, habits_.when, 0));
    in_ = received_.back().get();
    link_ = &l;
    l.seen = true;
    server.client_has_none = false;
    // Connections that were never answered may have been this session's.
    shown_ = 0;
    for (const auto& [named, written] : unanswered_) shown_ = std::max(shown_, written);
  }

  /// What the client is told of the session that is over, against what is true of it.
  void compare(const client_session::outcome::reset& told, const welcome& w, server_end& server) {
    server_link& s = *link_;
    const auto above = [&](std::uint64_t n) { return n - std::min(n, counts_.acknowledged); };
    require(!s.live, "a session is over only if it is");
    require(w.previous || !server.remembers(s), "a server tells what it knows");
    if (w.previous) {
      ++exact_resets;
      require(s.in.sealed(), "what is told is final");
      require(told.certain == above(s.in.in.recv()), "certain is what the ended session took over");
      require(told.uncertain == 0, "nothing is uncertain when the counters are known");
      require(told.lost && *told.lost == s.out.written() - counts_.accepted, "lost is what never arrived");
      return;
    }
    require(!told.lost && told.certain == 0, "nothing is said that is not known");
    require(counts_.acknowledged + told.uncertain >= s.in.in.accepted() || s.in.in.accepted() <= counts_.acknowledged,
            "what the ended session may have taken over is uncertain");
    std::uint64_t seen = shown_;
    for (const auto& [named, written] : unanswered_)
      if (named == s.id) seen = std::max(seen, written);
    require(told.uncertain == above(seen), "what the ended session cannot have seen is not uncertain");
  }

  client_habits habits_;
  chance& chance_;
  client_session session_{origin, std::string(64, 'b')};
  client_counts counts_;
  wire* connection_ = nullptr;
  std::string named_;
  bool welcomed_ = false;
  server_link* link_ = nullptr;
  session_inbound numbers_;  // of the present session
  receiver* in_ = nullptr;
  std::vector<std::unique_ptr<receiver>> received_;                // one for each session
  std::uint64_t shown_ = 0;                                        // to the session, on connections that were answered
  std::vector<std::pair<std::string, std::uint64_t>> unanswered_;  // what they named, and the highest number on them
};

}  // namespace tautline::delivery::model

#endif
