// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
#include "link/engine.hpp"

#include "link/strand.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <new>
#include <string>
#include <utility>

namespace tautline::detail {
namespace {

std::shared_ptr<const options> checked(std::shared_ptr<const options> o) {
  const auto fault = o ? o->validate() : "options must not be a null pointer";
  if (fault) throw boost::system::system_error(make_error_code(errc::invalid_options), *fault);
  return o;
}

std::size_t size_of_message(const message& m) { return m.size(); }
std::size_t size_of_event(const queued_event&) { return 0; }

std::string first_words(const message& m) { return std::string(m.payload().substr(0, 1024)); }

event loss_event(error_code why, const message& m) {
  event ev(why == errc::expired ? event_kind::expired : event_kind::overflow);
  if (why == errc::superseded) ev.policy = "key";
  if (why == errc::dropped) ev.policy = "drop_oldest";
  ev.message = first_words(m);
  return ev;
}

event refusal_event(error_code why, const message& m) {
  event ev(event_kind::overflow);
  ev.policy = why == errc::queue_full ? "reject" : "drop_newest";
  ev.message = first_words(m);
  return ev;
}

}  // namespace

cause make_cause(phase where, error_code ec) {
  cause c;
  c.where = where;
  c.code = ec;
  return c;
}

engine_ptr make_engine(asio::any_io_executor executor, std::shared_ptr<const options> opts, environment env) {
  auto strand = make_strand_of(executor);
  return make_engine(std::move(executor), std::move(strand), std::move(opts), std::move(env));
}

engine_ptr make_engine(asio::any_io_executor executor, asio::any_io_executor strand,
                       std::shared_ptr<const options> opts, environment env) {
  auto e = std::make_shared<engine>(std::move(executor), std::move(strand), checked(std::move(opts)), std::move(env));
  abandon_with_context(e->executor, e);

  e->inbox.on_room([raw = e.get()] {
    raw->inbox_changed();
    if (raw->now_up.reading_paused && raw->may_read_on()) raw->room.notify();
  });
  return e;
}

engine::engine(asio::any_io_executor ex, asio::any_io_executor s, std::shared_ptr<const options> o, environment e)
    : shared_opts(std::move(o)),
      opts(*shared_opts),
      executor(std::move(ex)),
      strand(std::move(s)),
      time(e.time ? e.time : real_time()),
      random(e.random ? e.random : real_random()),
      log(opts.log),
      receipts(std::make_shared<receipt_watch>()),
      outbox(opts, time, executor, receipts, *this),
      inbox(channel_limit(opts.inbox.max_messages, opts.inbox.max_bytes), &size_of_message),
      events(channel_limit(opts.max_queued_events, 1), &size_of_event),
      gate(*time),
      ending(*time),
      delay(*time),
      beat(*time),
      work(*time, wakeup::alarm_use::kept),
      room(*time),
      drain(*time),
      connector(e.connector ? e.connector : transport::make_connector()),
      endpoints(opts.endpoints),
      retries(opts.backoff) {
  shown.update([&](board::facts& f) { f.shown.max_attempts = opts.backoff.max_attempts; });
}

// Once through the strand: what the sender queues behind this message goes into the same write.
void engine::on_work() {
  const auto self = weak_from_this().lock();
  if (!self || abandoned()) return;
  asio::post(strand, [self] { self->work.hand_over(); });
}

void engine::on_lost(std::vector<delivery::ended> gone) {
  auto self = weak_from_this().lock();
  if (!self) return;
  on_strand(self, [gone = std::move(gone)](engine& x) {
    for (const auto& g : gone) x.emit(queued_event(loss_event(g.why, g.what.body)));
  });
}

void engine::on_turned_away(error_code why, const message& m) {
  auto self = weak_from_this().lock();
  if (!self) return;
  on_strand(self, [ev = refusal_event(why, m)](engine& x) { x.emit(queued_event(ev)); });
}

engine::~engine() {
  if (session_) session_->on_run_ended(true);
  outbox.destroy(asio::error::operation_aborted);
}

void engine::start_run(operation_ptr<void(error_code)> op) {
  using run = operation<void(error_code)>;
  if (closed_for_good_) return run::complete(std::move(op), errc::closed);
  if (running()) return run::complete(std::move(op), errc::already_running);
  run_op_ = std::move(op);
  running_.store(true, std::memory_order_release);
  stopping_ = false;
  result_ = error_code();
  final_cause_.reset();
  inbox.reopen();
  events.reopen();
  endpoints.reset();
  retries.reset();
  just_ended.reset();
  last_cause.reset();
  offer_session_ = true;
  move.reset();
  set_state(link_state::reconnecting, nullptr);
  spawn_loops();
}

void engine::spawn_loops() {
  const auto self = shared_from_this();
  struct named {
    const char* name;
    asio::awaitable<void> (*loop)(engine_ptr);
  };
  const named loops[] = {{"connect", &connect_loop},
                         {"backoff", &backoff_loop},
                         {"heartbeat", &heartbeat_loop},
                         {"flush", &flush_loop},
                         {"receive", &receive_loop}};
  loops_ = static_cast<int>(std::size(loops));
  for (const auto& l : loops)
    asio::co_spawn(strand, l.loop(self), [self, name = l.name](std::exception_ptr failure) {
      on_strand(self, [name, failure](engine& x) { x.loop_ended(name, failure); });
    });
}

namespace {

// Only exhausted memory or a throwing function of the application's ends a loop. The run ends, and says which.
error_code failure_of(const std::exception_ptr& failure, std::string& words) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& x) {
    words = x.what();
    if (x.code()) return x.code();
  } catch (const std::bad_alloc& x) {
    words = x.what();
    return make_error_code(boost::system::errc::not_enough_memory);
  } catch (const std::exception& x) { words = x.what(); } catch (...) {
    words = "something that is no std::exception was thrown";
  }
  return errc::callback_failed;
}

}  // namespace

void engine::loop_ended(const char* name, std::exception_ptr failure) {
  if (failure) {
    std::string words;
    const error_code why = failure_of(failure, words);
    log.write(log_level::error, "{} loop: {}", name, words);
    stop(why);
  }
  if (--loops_ == 0) run_ended();
}

void engine::stop(error_code why) {
  if (stopping_ || !running()) return;
  stopping_ = true;
  result_ = why;
  final_cause_ = last_cause;
  connector->cancel();
  if (now_up.conn) now_up.conn->abort();
  notify_all();
}

void engine::notify_all() {
  for (auto* w : {&gate, &ending, &delay, &beat, &work, &room, &drain}) w->notify();
  if (asking != nullptr) asking->notify();
}

void engine::run_ended() {
  running_.store(false, std::memory_order_release);
  gate_open_ = false;
  work.silence();
  step_forward();
  const bool proper = leaving() && (!result_ || result_ == errc::closed);
  const error_code rest = result_ ? result_ : make_error_code(errc::closed);
  if (leaving() || !connector->reconnects() || result_ == errc::session_expired) {
    closed_for_good_ = true;
    outbox.shut(errc::closed);
  }
  if (result_ && result_ != asio::error::operation_aborted && !leaving()) {
    set_state(link_state::disconnected, final_cause_);
    emit(event_kind::gave_up, final_cause_);
  } else {
    set_state(link_state::disconnected, std::make_shared<const cause>(make_cause(phase::local, rest)));
  }
  if (proper && close_) {
    auto closers = std::move(close_->waiting);
    close_->waiting.clear();
    for (auto& op : closers) operation<void(error_code)>::complete(std::move(op), close_->result);
  }
  if (session_) session_->on_run_ended(closed_for_good_);
  fail_pending(rest);
  inbox.close(rest);
  events.close(rest);
  operation<void(error_code)>::complete(std::move(run_op_), result_);
}

void engine::cancel_run() { stop(asio::error::operation_aborted); }

void engine::start_wait(link_state s, operation_ptr<void(error_code)> op) {
  if (shown.state() == s) return operation<void(error_code)>::complete(std::move(op), error_code());
  if (closed_for_good_) return operation<void(error_code)>::complete(std::move(op), errc::closed);
  waits_.emplace_back(s, std::move(op));
}

void engine::cancel_wait(std::uint64_t id) {
  for (auto it = waits_.begin(); it != waits_.end(); ++it)
    if (it->second->id == id) {
      auto op = std::move(it->second);
      waits_.erase(it);
      return operation<void(error_code)>::complete(std::move(op), asio::error::operation_aborted);
    }
}

void engine::set_state(link_state s, cause_ptr why) {
  shown.update([&](board::facts& f) {
    f.shown.state = s;
    f.shown.why = std::move(why);
    if (s != link_state::connected) f.shown.degraded = false;
    if (s == link_state::disconnected) f.next_attempt.reset();
  });
  std::vector<operation_ptr<void(error_code)>> met;
  std::erase_if(waits_, [&](auto& w) {
    if (w.first != s) return false;
    met.push_back(std::move(w.second));
    return true;
  });
  for (auto& op : met) operation<void(error_code)>::complete(std::move(op), error_code());
}

void engine::emit(queued_event e) {
  if (standing_back_) return untold_.push_back(std::move(e));
  tell(std::move(e));
  events.hand_out();
}

void engine::tell(queued_event e) {
  auto present = shown.read(time->now());
  present.size = outbox.size();
  e.happened(std::move(present));
  const auto evicted = events.hold_evicting(std::move(e));
  shown.count.events_dropped.fetch_add(evicted, std::memory_order_relaxed);
}

void engine::open_gate(unsigned n) {
  attempt = n;
  gate_open_ = true;
  gate.notify();
}

asio::awaitable<bool> engine::through_gate() {
  while (!gate_open_ && !stopping_) co_await gate.wait();
  gate_open_ = false;
  co_return !stopping_;
}

void engine::fail_pending(error_code why) {
  using done = operation<void(error_code)>;
  outbox.fail_waiting(why);
  receipts->fail_waits(why);
  auto waits = std::move(waits_);
  waits_.clear();
  for (auto& [s, op] : waits) done::complete(std::move(op), why);
  if (!close_) return;
  auto closers = std::move(close_->waiting);
  close_->waiting.clear();
  for (auto& op : closers) done::complete(std::move(op), why);
}

void engine::cancel_all() {
  stop(asio::error::operation_aborted);
  fail_pending(asio::error::operation_aborted);
  inbox.fail_poppers(asio::error::operation_aborted);
  events.fail_poppers(asio::error::operation_aborted);
}

void engine::destroy() {
  cancel_all();
  outbox.shut(asio::error::operation_aborted);
  inbox.close(asio::error::operation_aborted);
  events.close(asio::error::operation_aborted);
}

// Handlers may own this engine: it is kept until the last of them is gone. And a link may be
// destroyed after its context: nothing that needs the context may be left in it then.
void engine::abandon() noexcept {
  const auto self = shared_from_this();
  abandoned_.store(true, std::memory_order_release);
  const auto run = std::move(run_op_);
  const auto waits = std::move(waits_);
  waits_.clear();
  const auto close = std::move(close_);
  close_.reset();
  for (auto* w : {&gate, &ending, &delay, &beat, &work, &room, &drain}) w->abandon();
  if (asking != nullptr) asking->abandon();
  inbox.abandon();
  events.abandon();
  outbox.abandon();
  receipts->abandon();
  now_up.conn.reset();
  connector.reset();
  strand = asio::any_io_executor();
}

}  // namespace tautline::detail
