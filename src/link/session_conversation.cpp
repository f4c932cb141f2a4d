// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/session_conversation.hpp"

#include "policy/utf8.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace tautline::detail {
namespace {

using delivery::session_fault;
using verdict_of_data = delivery::session_inbound::verdict;

// One write carries at most this much: see docs/benchmarks.md, "Batching".
constexpr std::size_t batch_messages = 4096;
constexpr std::size_t batch_bytes = 64 * 1024;
// So many bad messages in a row are no accident (docs/protocol.md, "Ending").
constexpr int most_bad_messages = 3;
// How often a side that waits for the last acknowledgements asks for them.
constexpr auto ask_interval = std::chrono::seconds(1);

class session_source final : public message_source {
 public:
  session_source(std::string name, std::uint64_t epoch, session_conversation::acknowledger ack)
      : message_source(std::move(name)), epoch_(epoch), ack_(std::move(ack)) {}
  void acknowledge(std::uint64_t seq) const override {
    if (ack_) ack_(epoch_, seq);
  }

 private:
  const std::uint64_t epoch_;
  const session_conversation::acknowledger ack_;
};

std::size_t as_size(std::uint64_t n) { return static_cast<std::size_t>(std::min<std::uint64_t>(n, SIZE_MAX)); }

}  // namespace

duration duration_of_ms(std::uint64_t ms) noexcept {
  constexpr std::uint64_t most = std::uint64_t{365} * 24 * 3600 * 1000;
  return std::chrono::milliseconds(std::min(ms, most));
}

session_conversation::session_conversation(conversation_host& host, const options& o, acknowledger ack)
    : host_(host),
      opts_(o),
      own_window_(o.inbox.max_messages, o.inbox.max_bytes),
      inbound_(own_window_),
      ack_(o.delivery.responsibility == responsibility::manual ? std::move(ack) : acknowledger()),
      prompt_(quarter_of(o.queue.max_messages), quarter_of(o.queue.max_bytes)) {}

// The life of a connection.

void session_conversation::begin(transport::connection& to) {
  to_ = &to;
  attached_ = failed_ = false;
  // What the peer allows now is not known yet: it may be another than the last.
  const delivery::session_window before_the_welcome;
  peer_window_.messages = std::min(peer_window_.messages, before_the_welcome.messages);
  peer_window_.bytes = std::min(peer_window_.bytes, before_the_welcome.bytes);
  awaits_the_last_ = false;
  ask_again_ = time_point::min();
  prompt_.reset();
  unanswered_.reset();
  retry_after_ms_.reset();
  error_text_.clear();
}

void session_conversation::attach(const delivery::session_window& theirs, std::uint64_t largest, session_state how) {
  attached_ = true;
  peer_window_ = theirs;
  peer_largest_ = largest;
  host_.attached(how);
}

void session_conversation::count_anew(std::uint64_t recv, std::string name) {
  inbound_.reset(recv);
  source_ = message::source_ptr(new session_source(std::move(name), ++epoch_, ack_));
}

void session_conversation::on_moved() { to_ = nullptr; }

void session_conversation::on_down(cause& why) {
  to_ = nullptr;
  attached_ = false;
  const auto fault = delivery::fault_of(why.close_code);
  const bool bad = std::exchange(bad_here_, false) || fault == session_fault::bad_message;
  bad_in_a_row_ = bad ? bad_in_a_row_ + 1 : 0;
  if (bad_in_a_row_ >= most_bad_messages) why.what_follows = verdict::fatal;
  if (!fault) return;
  if (fault == session_fault::too_large) host_.fail_refused(peer_largest_);
  why.where = phase::session;
  if (why.detail.empty()) why.detail = error_text_;
  if (retry_after_ms_) {
    why.retry_after = duration_of_ms(*retry_after_ms_);
    if (why.what_follows == verdict::retry) why.what_follows = verdict::retry_after;
  }
}

void session_conversation::fail(session_fault f, const std::string& text) {
  if (std::exchange(failed_, true)) return;
  bad_here_ = f == session_fault::bad_message;
  host_.end_session_connection(f, text);
}

// Writing.

delivery::take_limit session_conversation::window() const {
  delivery::take_limit l;
  if (said_bye_ || failed_ || !may_send_data()) return l;
  l.messages = batch_messages;
  l.bytes = batch_bytes;
  l.window_messages = as_size(peer_window_.messages);
  l.window_bytes = as_size(peer_window_.bytes);
  return l;
}

error_code session_conversation::write(transport::connection& to, std::uint64_t seq, const delivery::entry& e) {
  if (e.body.size() > peer_largest_) {
    host_.fail_taken(seq, errc::message_too_large);
    return write_void(to, seq, 1);
  }
  delivery::data_head head;
  head.text = e.body.is_text();
  head.seq = seq;
  // Before the welcome nobody knows which session the number would be taken for.
  if (attached_ && inbound_.anything_to_say()) head.ack = inbound_.tell();
  char bytes[delivery::max_head_bytes];
  const auto size = delivery::encode_head(head, bytes);
  return to.write(std::string_view(bytes, size), e.body.payload(), payload_kind::binary);
}

error_code session_conversation::write_void(transport::connection& to, std::uint64_t seq, std::uint64_t count) {
  delivery::data_head head;
  head.is_void = true;
  head.seq = seq;
  head.count = count;
  char bytes[delivery::max_head_bytes];
  const auto size = delivery::encode_head(head, bytes);
  return to.write(std::string_view(bytes, size), {}, payload_kind::binary);
}

bool session_conversation::ask(transport::connection& to, const flush_state& s) {
  if (unanswered_) answer(*std::exchange(unanswered_, std::nullopt));
  if (attached_ && inbound_.ack_due(s.now))
    (void)to.write(delivery::encode(delivery::session_ack(inbound_.tell())), payload_kind::text);
  const bool all_confirmed = s.size.unconfirmed_messages == 0;
  // Who is told goodbye answers when its own messages on the way have arrived; the others wait for
  // the next session.
  if (attached_ && peer_bye_ && !said_bye_ && all_confirmed && !s.closing) (void)say_bye(to);
  // A close waits for the acknowledgement: a pong brings it at once. But the peer's application may
  // take its time, and then the path may be gone: so it is asked again.
  awaits_the_last_ = attached_ && s.closing && !all_confirmed && s.dry;
  if (awaits_the_last_ && s.now >= ask_again_) {
    ask_again_ = s.now + ask_interval;
    return !ping(to, s.now, s.last_written);
  }
  const auto bytes = to.bytes_flushed() + to.unflushed();
  if (!attached_ || !prompt_.due(s.size, s.last_written, bytes)) return false;
  prompt_.asked(s.last_written, bytes);
  return !ping(to, s.now, s.last_written);
}

time_point session_conversation::next_ask(std::uint64_t) const {
  if (!attached_) return time_point::max();
  return std::min(inbound_.next_ack(), awaits_the_last_ ? ask_again_ : time_point::max());
}

error_code session_conversation::ping(transport::connection& to, time_point now, std::uint64_t last_written) {
  ping_sent_ = now;
  // Before the peer has answered nobody knows whether it speaks the protocol: every stack knows this one.
  if (!attached_) return to.write_ping("tautline");
  delivery::session_ping p;
  p.id = last_written;
  return to.write(delivery::encode(p), payload_kind::text);
}

std::optional<confirmation> session_conversation::on_pong(std::string_view payload, time_point now) {
  if (payload != "tautline") return std::nullopt;
  confirmation c;
  c.round_trip = now - ping_sent_;
  return c;
}

bool session_conversation::say_bye(transport::connection& to) {
  if (!attached_) return false;
  if (!std::exchange(said_bye_, true)) {
    (void)to.write(delivery::encode(delivery::session_bye()), payload_kind::text);
    host_.wake_writer();
  }
  return true;
}

// Reading.

bool session_conversation::on_message(message& m) {
  if (failed_ || to_ == nullptr) return false;
  if (!m.is_text()) return on_data(m);
  on_text(m.payload());
  return false;
}

bool session_conversation::on_data(message& m) {
  if (!attached_) {
    fail(session_fault::bad_message, "data before the session is open");
    return false;
  }
  delivery::data_head head;
  if (const char* wrong = delivery::decode_head(m.payload(), head)) {
    fail(session_fault::bad_message, wrong);
    return false;
  }
  const auto payload = m.payload().substr(head.size);
  if (payload.size() > opts_.max_message_bytes) {
    fail(session_fault::too_large, "a message over max_message_bytes");
    return false;
  }
  if (head.text && !policy::valid_utf8(payload)) {
    fail(session_fault::bad_message, "a text message that is not UTF-8");
    return false;
  }
  if (head.ack) on_ack(*head.ack);
  if (failed_) return false;
  const bool could_say = inbound_.anything_to_say();
  switch (inbound_.on_data(head, payload.size(), host_.now())) {
    case verdict_of_data::deliver:
      m.become(head.text ? payload_kind::text : payload_kind::binary, head.size);
      m.came_from(source_, head.seq);
      return true;
    case verdict_of_data::duplicate: break;
    case verdict_of_data::voided: tell_when_due(could_say); break;
    case verdict_of_data::gap: fail(session_fault::gap, "a number beyond the next one"); break;
    case verdict_of_data::too_much: fail(session_fault::too_large, "more than the window allows"); break;
  }
  return false;
}

struct session_conversation::reader {
  session_conversation& self;
  void operator()(const delivery::unknown_control&) const {}
  void operator()(const delivery::session_ack& a) const {
    if (self.attached_) return self.on_ack(a.recv);
    self.fail(session_fault::bad_message, "an ack before the session is open");
  }
  void operator()(const delivery::session_ping& p) const { self.on_ping(p); }
  void operator()(const delivery::session_pong& p) const { self.on_session_pong(p); }
  void operator()(const delivery::session_error& e) const { self.on_error(e); }
  void operator()(const delivery::session_bye&) const { self.on_bye(); }
  template <class Other>
  void operator()(const Other& c) const {
    self.on_control(c);
  }
};

void session_conversation::on_text(std::string_view text) {
  delivery::control c;
  const std::string wrong = delivery::decode_control(text, c);
  if (!wrong.empty() && !attached_) return on_control(delivery::unknown_control());
  if (!wrong.empty()) return fail(session_fault::bad_message, wrong);
  if (!attached_ && std::holds_alternative<delivery::unknown_control>(c)) return on_control(c);
  std::visit(reader{*this}, c);
}

void session_conversation::on_ack(std::uint64_t upto) {
  const auto numbers = host_.numbers();
  if (upto >= numbers.next) return fail(session_fault::bad_message, "an ack of what was never sent");
  if (upto < numbers.oldest) return;
  confirmation c;
  c.upto = upto;
  host_.confirmed(c);
}

void session_conversation::on_ping(const delivery::session_ping& p) {
  if (to_->unflushed() <= most_unflushed) return answer(p);
  unanswered_ = p;
  host_.wake_writer();
}

void session_conversation::answer(const delivery::session_ping& p) {
  delivery::session_pong pong;
  pong.id = p.id;
  pong.timestamp = host_.utc_ms();
  if (attached_) {
    pong.recv = inbound_.tell();
    inbound_.asked();
  }
  say(pong);
}

void session_conversation::on_session_pong(const delivery::session_pong& p) {
  if (!attached_) return;
  prompt_.answered();
  if (p.recv && *p.recv >= host_.numbers().next)
    return fail(session_fault::bad_message, "an ack of what was never sent");
  confirmation c;
  c.upto = p.recv.value_or(0);
  c.round_trip = host_.now() - ping_sent_;
  host_.confirmed(c);
}

// The close that follows says what it means; this has the words.
void session_conversation::on_error(const delivery::session_error& e) {
  error_text_ = e.code + (e.message.empty() ? "" : ": " + e.message);
  retry_after_ms_ = e.retry_after_ms;
}

void session_conversation::on_bye() {
  if (!attached_) return fail(session_fault::bad_message, "bye before the session is open");
  peer_bye_ = true;
  host_.peer_said_bye();
  host_.wake_writer();
}

// Responsibility.

bool session_conversation::takes_at_once(const inbox_state& s) const noexcept {
  return host_.leaving() || (opts_.delivery.responsibility == responsibility::received && !s.full);
}

void session_conversation::on_inbox(const inbox_state& s) {
  if (takes_at_once(s)) return taken_over(inbound_.accepted());
  if (opts_.delivery.responsibility != responsibility::consumed) return;
  if (s.front == nullptr) return taken_over(inbound_.accepted());
  if (s.front->source() == source_) taken_over(s.front->seq() - 1);
}

void session_conversation::acknowledged(std::uint64_t epoch, std::uint64_t seq) {
  if (epoch != epoch_) return;
  const bool could_say = inbound_.anything_to_say();
  inbound_.acknowledged(seq, host_.now());
  tell_when_due(could_say);
}

void session_conversation::taken_over(std::uint64_t upto) {
  const bool could_say = inbound_.anything_to_say();
  inbound_.taken_over(upto, host_.now());
  tell_when_due(could_say);
}

void session_conversation::tell_when_due(bool could_say) {
  if (!attached_ || !inbound_.anything_to_say()) return;
  if (!could_say || inbound_.ack_due(host_.now())) host_.wake_writer();
}

}  // namespace tautline::detail
