// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The public face of the engine: from any thread onto the strand.
#include <tautline/link.hpp>

#include "link/engine.hpp"

#include <boost/asio/recycling_allocator.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace tautline {
namespace detail {
namespace {

// What a cancellation does, by the operation's id, on the strand.
std::function<void(asio::cancellation_type)> canceller(const engine_ptr& e, std::function<void(engine&)> f) {
  return [weak = std::weak_ptr<engine>(e), f = std::move(f)](asio::cancellation_type) {
    if (auto self = weak.lock()) on_strand(self, f);
  };
}

}  // namespace

asio::any_io_executor executor_of(const engine& e) { return e.executor; }

void start_run(const engine_ptr& e, operation_ptr<void(error_code)> op) {
  op->on_cancel(canceller(e, [](engine& x) { x.cancel_run(); }));
  on_strand(e, [op = std::move(op)](engine& x) mutable { x.start_run(std::move(op)); });
}

namespace {

class send_ticket final : public intake::ticket, public cancel_target {
 public:
  explicit send_ticket(const engine_ptr& e) : engine_(e) {}
  void cancel(asio::cancellation_type type) override {
    if (const auto e = engine_.lock()) e->outbox.cancel(this, type);
  }

 private:
  std::weak_ptr<engine> engine_;
};

}  // namespace

void start_send(const engine_ptr& e, message m, stage until, operation_ptr<void(error_code, receipt)> op) {
  const auto t = std::allocate_shared<send_ticket>(asio::recycling_allocator<send_ticket>(), e);
  t->operation = op->id = next_operation_id();
  op->on_cancel(t);
  e->outbox.send(std::move(m), until, std::move(op), t);
}

void start_receive(const engine_ptr& e, operation_ptr<void(error_code, message)> op) {
  op->id = next_operation_id();
  op->on_cancel(canceller(e, [id = op->id](engine& x) { x.inbox.cancel(id); }), [e](error_code ec, message m) {
    if (!ec) on_strand(e, [m = std::move(m)](engine& x) mutable { x.inbox.unpop(std::move(m)); });
  });
  on_strand(e, [op = std::move(op)](engine& x) mutable { x.inbox.pop(std::move(op)); });
}

void start_receive_batch(const engine_ptr& e, std::size_t max,
                         operation_ptr<void(error_code, std::vector<message>)> op) {
  op->id = next_operation_id();
  op->on_cancel(canceller(e, [id = op->id](engine& x) { x.inbox.cancel(id); }),
                [e](error_code, std::vector<message> v) {
                  on_strand(e, [v = std::move(v)](engine& x) mutable { x.inbox.unpop(std::move(v)); });
                });
  on_strand(e, [op = std::move(op), max](engine& x) mutable { x.inbox.pop_batch(max, std::move(op)); });
}

void start_close(const engine_ptr& e, operation_ptr<void(error_code)> op) {
  op->id = next_operation_id();
  op->on_cancel(canceller(e, [id = op->id](engine& x) { x.cancel_close_wait(id); }));
  on_strand(e,
            [op = std::move(op)](engine& x) mutable { x.start_close(std::move(op), 1000, {}, x.opts.drain_timeout); });
}

void start_wait(const engine_ptr& e, link_state s, operation_ptr<void(error_code)> op) {
  op->id = next_operation_id();
  op->on_cancel(canceller(e, [id = op->id](engine& x) { x.cancel_wait(id); }));
  on_strand(e, [op = std::move(op), s](engine& x) mutable { x.start_wait(s, std::move(op)); });
}

void start_next_event(const engine_ptr& e, operation_ptr<void(error_code, event)> op) {
  op->id = next_operation_id();
  op->on_cancel(canceller(e, [id = op->id](engine& x) { x.events.cancel(id); }), [e](error_code ec, event v) {
    if (!ec) on_strand(e, [v = std::move(v)](engine& x) mutable { x.events.unpop(std::move(v)); });
  });
  on_strand(e, [op = std::move(op)](engine& x) mutable { x.events.pop(std::move(op)); });
}

}  // namespace detail

link::link(executor_type executor, options opts, environment env)
    : link(std::move(executor), std::make_shared<const options>(std::move(opts)), std::move(env)) {}

link::link(executor_type executor, std::shared_ptr<const options> opts, environment env)
    : engine_(detail::make_engine(std::move(executor), std::move(opts), std::move(env))) {}

link::link(detail::engine_ptr engine) noexcept : engine_(std::move(engine)) {}

link::link(link&&) noexcept = default;

link& link::operator=(link&& other) noexcept {
  link old(std::move(*this));
  engine_ = std::move(other.engine_);
  return *this;
}

link::~link() {
  if (engine_) detail::on_strand(engine_, [](detail::engine& e) { e.destroy(); });
}

link::executor_type link::get_executor() const noexcept { return engine_->executor; }

error_code link::try_send(message&& m) { return engine_->outbox.try_send(m, nullptr); }

error_code link::try_send(const message& m) {
  message copy = m;
  return engine_->outbox.try_send(copy, nullptr);
}

error_code link::try_send(message&& m, receipt& r) { return engine_->outbox.try_send(m, &r); }

void link::cancel() {
  detail::on_strand(engine_, [](detail::engine& e) { e.cancel_all(); });
}

void link::retry_now() {
  detail::on_strand(engine_, [](detail::engine& e) {
    e.retry_asked = true;
    e.delay.notify();
  });
}

tautline::status link::status() const {
  auto s = engine_->shown.read(engine_->time->now());
  s.size = engine_->outbox.size();
  return s.whole();
}

tautline::metrics link::metrics() const {
  tautline::metrics m;
  engine_->outbox.add_counters(m);
  engine_->shown.add_counters(m);
  return m;
}

std::vector<message> link::take_undelivered() {
  if (engine_->running()) return {};
  return engine_->outbox.take_undelivered();
}

}  // namespace tautline
