// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// A pending asynchronous operation of any completion token, behind one pointer.
//
// Asio's own any_completion_handler would serve, but in Boost 1.81 its move assignment overflows
// the stack and an empty one may not be asked for its slot; and this one also keeps the work
// guards and the cancellation slot that every operation here needs.
#ifndef TAUTLINE_DETAIL_OPERATION_HPP
#define TAUTLINE_DETAIL_OPERATION_HPP

#include <tautline/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/recycling_allocator.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <tuple>
#include <utility>

namespace tautline::detail {

template <class Signature>
class operation;

/// Is told that an operation has been cancelled, on any thread.
class cancel_target {
 public:
  cancel_target() = default;
  cancel_target(const cancel_target&) = delete;
  cancel_target& operator=(const cancel_target&) = delete;
  virtual ~cancel_target() = default;
  virtual void cancel(asio::cancellation_type type) = 0;
};

/// Completed exactly once, or destroyed with its execution context.
template <class... Args>
class operation<void(Args...)> {
 public:
  operation() = default;
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;
  virtual ~operation() = default;

  /// The handler is posted to its associated executor, never called from inside.
  static void complete(std::unique_ptr<operation> self, Args... args) {
    auto* raw = self.release();
    raw->do_complete(way::post, std::move(args)...);
  }
  /// The same; if the caller runs on the handler's executor, the handler is called at once. Never
  /// from inside the initiating function, and with nothing left to do that the handler could upset.
  static void complete_now(std::unique_ptr<operation> self, Args... args) {
    auto* raw = self.release();
    raw->do_complete(way::dispatch, std::move(args)...);
  }

  /// Call in the initiating function only: slots are not thread-safe. `cancel` may run on any
  /// thread. `give_back`, if there is one, gets the result of an operation that was cancelled
  /// after it had completed and before its handler ran: the handler then sees
  /// `operation_aborted`, and a payload that carries on is not lost, also under `a || b`.
  virtual void on_cancel(std::function<void(asio::cancellation_type)> cancel,
                         std::function<void(Args...)> give_back = nullptr) = 0;
  /// The same without a result to give back, and without a function object.
  virtual void on_cancel(std::shared_ptr<cancel_target> told) = 0;

  /// Names the operation for a cancellation that comes later.
  std::uint64_t id = 0;

 protected:
  enum class way { post, dispatch };
  virtual void do_complete(way w, Args... args) = 0;  ///< destroys *this
};

template <class Signature>
using operation_ptr = std::unique_ptr<operation<Signature>>;

template <class Handler, class... Args>
class operation_of final : public operation<void(Args...)> {
  using executor_type = asio::associated_executor_t<Handler, asio::any_io_executor>;
  using way = typename operation<void(Args...)>::way;

 public:
  operation_of(Handler handler, const asio::any_io_executor& io)
      : slot_(asio::get_associated_cancellation_slot(handler)),
        handler_work_(asio::get_associated_executor(handler, io)),
        io_work_(io),
        handler_(std::move(handler)) {}

  // What one operation needs the next one gets: Asio keeps a few such blocks for each thread of an io_context.
  static void* operator new(std::size_t size) { return asio::recycling_allocator<unsigned char>().allocate(size); }
  static void operator delete(void* p, std::size_t size) noexcept {
    asio::recycling_allocator<unsigned char>().deallocate(static_cast<unsigned char*>(p), size);
  }

  void on_cancel(std::shared_ptr<cancel_target> told) override {
    if (!slot_.is_connected()) return;
    slot_.assign([told = std::move(told)](asio::cancellation_type type) { told->cancel(type); });
  }

  void on_cancel(std::function<void(asio::cancellation_type)> cancel, std::function<void(Args...)> give_back) override {
    if (!slot_.is_connected()) return;
    if (!give_back) return (void)slot_.assign([cancel = std::move(cancel)](asio::cancellation_type t) { cancel(t); });
    late_ = std::make_shared<late_cancel>();
    late_->give_back = std::move(give_back);
    slot_.assign([cancel = std::move(cancel), late = late_](asio::cancellation_type type) {
      late->asked = true;
      cancel(type);
    });
  }

 private:
  // Touched on the handler's executor only: signals are emitted there, and the handler runs there.
  struct late_cancel {
    bool asked = false;
    std::function<void(Args...)> give_back;
  };

  void do_complete(way w, Args... args) override {
    std::unique_ptr<operation_of> self(this);
    auto work = std::move(handler_work_);
    auto executor = work.get_executor();
    auto run = [slot = slot_, late = std::move(late_), work = std::move(work), handler = std::move(handler_),
                bound = std::tuple<Args...>(std::move(args)...)]() mutable {
      if (slot.is_connected()) slot.clear();
      work.reset();
      if constexpr (sizeof...(Args) > 0)
        if (late && late->asked && late->give_back) {
          std::apply([&](auto&... a) { late->give_back(std::move(a)...); }, bound);
          bound = std::tuple<Args...>();
          std::get<0>(bound) = asio::error::operation_aborted;
        }
      std::apply([&](auto&... a) { std::move(handler)(std::move(a)...); }, bound);
    };
    if (w == way::dispatch)
      asio::dispatch(executor, std::move(run));
    else
      asio::post(executor, std::move(run));
  }

  asio::associated_cancellation_slot_t<Handler> slot_;
  std::shared_ptr<late_cancel> late_;
  asio::executor_work_guard<executor_type> handler_work_;
  asio::executor_work_guard<asio::any_io_executor> io_work_;
  Handler handler_;
};

template <class Signature, class Handler>
struct operation_maker;

template <class... Args, class Handler>
struct operation_maker<void(Args...), Handler> {
  static operation_ptr<void(Args...)> make(Handler handler, const asio::any_io_executor& io) {
    return std::make_unique<operation_of<Handler, Args...>>(std::move(handler), io);
  }
};

template <class Signature, class Handler>
operation_ptr<Signature> make_operation(Handler handler, const asio::any_io_executor& io) {
  return operation_maker<Signature, Handler>::make(std::move(handler), io);
}

}  // namespace tautline::detail

#endif
