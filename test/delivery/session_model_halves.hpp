// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What both ends of the session model are made of: a sender around the real outbox, and a receiver
// with an application behind it. Both know what only the model can know, and check it.
#ifndef TAUTLINE_TEST_DELIVERY_SESSION_MODEL_HALVES_HPP
#define TAUTLINE_TEST_DELIVERY_SESSION_MODEL_HALVES_HPP

#include "delivery/outbox.hpp"
#include "delivery/session_inbound.hpp"
#include "delivery/session_model_wire.hpp"

#include <cstring>
#include <deque>
#include <set>
#include <vector>

namespace tautline::delivery::model {

inline queue_options wide_queue() {
  queue_options q;
  q.max_messages = 1'000'000;
  q.max_bytes = 100'000'000;
  return q;
}

inline const std::string origin(32, 'a');

class sender {
 public:
  /// All that is true of one number.
  struct fate {
    std::uint32_t content = 0;
    bool voided = false;
    bool may_repeat = false;  ///< its sender was told that it cannot be known
    unsigned taken = 0;       ///< how many sessions took it over
    unsigned handed = 0;      ///< how often an application saw it
  };

  sender() : box(wide_queue()) { box.keep_numbers(true); }

  void push(std::uint32_t content, std::size_t padding, duration ttl, time_point now) {
    std::string body(sizeof content + padding, '.');
    std::memcpy(body.data(), &content, sizeof content);
    message m(payload_kind::binary, std::move(body));
    if (ttl != duration::zero()) m.time_to_live(ttl);
    std::uint64_t id = 0;
    require(box.push(m, nullptr, now, id, gone_) == admission::accepted, "the queue of the model is wide enough");
  }

  /// Writes what the window lets through; `acks` may ride along.
  void write(wire& to, wire::side from, std::size_t messages, session_inbound* acks, time_point now) {
    take_limit limit;
    limit.messages = messages;
    limit.bytes = 1'000'000;
    limit.window_messages = window.messages;
    limit.window_bytes = window.bytes;
    const auto range = box.take(limit, now, gone_);
    settle();
    bool fresh = false;
    for (auto seq = range.first; seq < range.last;) {
      data_head head;
      head.seq = seq;
      if (acks && acks->anything_to_say()) head.ack = acks->tell();
      const entry* e = box.in_flight(seq);
      head.is_void = e == nullptr;
      for (; !e && seq + head.count < range.last && !box.in_flight(seq + head.count);) ++head.count;
      put(to, from, head, e ? e->body.payload() : std::string_view());
      if (e) remember(seq, e->body.payload());
      fresh = fresh || e != nullptr;
      seq += e ? 1 : head.count;
    }
    if (fresh) check_window();
  }

  void expire(time_point now) {
    box.expire(now, gone_);
    settle();
  }
  void fail_up_to(std::uint64_t seq) {
    box.fail_unconfirmed(seq, gone_);
    settle();
  }

  void confirm(std::uint64_t seq) {
    require(seq <= written(), "nothing is acknowledged that was not sent");
    std::vector<ended> done;
    box.confirm(seq, done);
    for (const ended& e : done) require(at(e.what.seq).taken > 0, "what is acknowledged was taken over");
  }

  [[nodiscard]] std::uint64_t written() const { return box.numbers().next - 1; }
  [[nodiscard]] std::uint64_t acknowledged() const { return box.numbers().oldest - 1; }
  [[nodiscard]] fate& at(std::uint64_t seq) {
    require(seq >= 1 && seq <= fates_.size(), "a number exists once it is written");
    return fates_[seq - 1];
  }

  outbox box;
  session_window window;

 private:
  static void put(wire& to, wire::side from, const data_head& head, std::string_view payload) {
    std::array<char, max_head_bytes> bytes;
    std::string whole(bytes.data(), encode_head(head, bytes.data()));
    whole += payload;
    to.write(from, false, whole);
    tell(from == wire::client ? "client" : "server", " writes ", head.seq, head.is_void ? " (void) " : "");
  }

  void remember(std::uint64_t seq, std::string_view payload) {
    std::uint32_t content = 0;
    std::memcpy(&content, payload.data(), sizeof content);
    if (seq > fates_.size()) {
      fates_.emplace_back();
      fates_.back().content = content;
    }
    require(at(seq).content == content, "a number names one message for ever");
    require(!at(seq).voided, "a void is never a message again");
  }

  void check_window() {
    std::uint64_t messages = 0, bytes = 0;
    for (std::uint64_t seq = box.numbers().oldest; seq <= box.last_written(); ++seq)
      if (const entry* e = box.in_flight(seq)) ++messages, bytes += e->body.size();
    require(messages <= window.messages, "no more messages are outstanding than the window says");
    require(messages == 1 || bytes <= window.bytes, "no more bytes are outstanding than the window says");
  }

  void settle() {
    for (const ended& e : gone_)
      if (e.what.seq > 0) at(e.what.seq).voided = true;
    gone_.clear();
  }

  std::vector<fate> fates_;
  std::vector<ended> gone_;
};

enum class responsibility : unsigned char { received, consumed, manual };

/// The receiving half of one session: its inbox, and the application that takes from it.
class receiver {
 public:
  /// `numbers` begin anew behind `recv`.
  receiver(sender& from, session_inbound& numbers, responsibility when, std::uint64_t recv)
      : in(numbers), from_(from), when_(when), noted_(recv), handed_(recv) {
    in.reset(recv);
  }

  void on_data(std::string_view whole, const data_head& head, time_point now) {
    const auto verdict = in.on_data(head, whole.size() - head.size, now);
    require(verdict != session_inbound::verdict::gap, "no number is skipped");
    require(verdict != session_inbound::verdict::too_much, "nobody sends more than twice the window");
    if (verdict == session_inbound::verdict::deliver) {
      item i;
      i.seq = head.seq;
      std::memcpy(&i.content, whole.data() + head.size, sizeof i.content);
      inbox_.push_back(i);
      messages_.push_back(head.seq);
      if (when_ == responsibility::received) in.taken_over(head.seq, now);
    }
    note();
  }

  /// The application takes the next one.
  bool consume(time_point now) {
    if (inbox_.empty()) return false;
    const item i = inbox_.front();
    inbox_.pop_front();
    sender::fate& f = from_.at(i.seq);
    require(i.seq > handed_, "a session delivers nothing twice and keeps the order");
    for (std::uint64_t n = handed_ + 1; n < i.seq; ++n) require(from_.at(n).voided, "a session leaves nothing out");
    require(f.content == i.content, "what arrives is what was sent");
    const bool over = sealed_ || detached_;
    handed_ = i.seq;
    ++f.handed;
    if (when_ == responsibility::consumed && !over) in.taken_over(i.seq, now);
    if (when_ == responsibility::manual && !over) unacknowledged_.push_back(i.seq);
    note();
    return true;
  }

  /// The application acknowledges one of those that it has, not always in order.
  bool acknowledge(chance& c, time_point now) {
    if (unacknowledged_.empty()) return false;
    const auto which = unacknowledged_.begin() + static_cast<std::ptrdiff_t>(c.below(unacknowledged_.size()));
    in.acknowledged(*which, now);
    acknowledged_.insert(*which);
    unacknowledged_.erase(which);
    note();
    return true;
  }

  /// The counters are told: what is not counted must never be seen any more.
  void seal() {
    sealed_ = true;
    std::erase_if(inbox_, [this](const item& i) { return i.seq > in.recv(); });
    unacknowledged_.clear();
  }
  /// A new session has begun: what has arrived in this one is still for the application, but nobody
  /// is told of it.
  void detach() {
    detached_ = true;
    unacknowledged_.clear();
  }
  void lose_memory() {
    inbox_.clear();
    unacknowledged_.clear();
  }

  [[nodiscard]] bool idle() const { return inbox_.empty() && unacknowledged_.empty(); }
  [[nodiscard]] bool sealed() const { return sealed_; }

  session_inbound& in;

 private:
  struct item {
    std::uint64_t seq = 0;
    std::uint32_t content = 0;
  };

  /// Whoever acknowledges has what was acknowledged.
  [[nodiscard]] bool is_answerable_for(std::uint64_t n) {
    if (when_ == responsibility::consumed) return n <= handed_;
    return when_ == responsibility::received || acknowledged_.erase(n) > 0;
  }

  void note() {
    if (detached_) return;
    require(in.recv() <= in.accepted(), "responsibility never goes beyond what was accepted");
    require(!sealed_ || in.recv() == noted_, "what is sealed stays");
    for (; !messages_.empty() && messages_.front() <= in.recv(); messages_.pop_front()) {
      require(is_answerable_for(messages_.front()), "responsibility is taken by whoever has the message");
      ++from_.at(messages_.front()).taken;
    }
    noted_ = in.recv();
  }

  sender& from_;
  responsibility when_;
  std::deque<item> inbox_;
  std::vector<std::uint64_t> unacknowledged_;
  std::set<std::uint64_t> acknowledged_;  // by the application, and not taken over
  std::deque<std::uint64_t> messages_;    // accepted and not taken over
  std::uint64_t noted_, handed_;
  bool sealed_ = false, detached_ = false;
};

}  // namespace tautline::delivery::model

#endif
