// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The link room: the engine, its five loops, and the channel in which they meet. This is the channel.
#ifndef TAUTLINE_SRC_LINK_CHANNEL_HPP
#define TAUTLINE_SRC_LINK_CHANNEL_HPP

#include <tautline/detail/operation.hpp>

#include "delivery/ring.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace tautline::detail {

/// How much a channel holds.
struct channel_limit {
  channel_limit() = default;
  channel_limit(std::size_t m, std::size_t b) : messages(m), bytes(b) {}
  std::size_t messages = 1, bytes = 1;
};

/// A bounded queue with asynchronous push and pop, for use on one strand only.
///
/// Payloads stay in a plain queue until an operation completes with them, and come back to its
/// front if that operation was cancelled before its handler ran. (Boost 1.81's experimental
/// channel loses them there; see docs/asio-traps.md.) A value larger than `bytes` fits into an
/// empty channel.
///
/// `Stored` is what a value is kept as while it waits.
template <class T, class Stored = T>
class channel {
 public:
  using pop_operation = operation_ptr<void(error_code, T)>;
  using batch_operation = operation_ptr<void(error_code, std::vector<T>)>;
  using push_operation = operation_ptr<void(error_code)>;
  using size_function = std::size_t (*)(const Stored&);

  channel(channel_limit limit, size_function size_of) : limit_(limit), size_of_(size_of) {}

  /// Called whenever room was made.
  void on_room(std::function<void()> f) { on_room_ = std::move(f); }

  /// Once closed: what `f` refuses is dropped instead of being handed out.
  void guard(std::function<bool(const Stored&)> f) { may_leave_ = std::move(f); }

  /// Takes the value, or returns false if there is no room or the channel is closed.
  bool try_push(Stored& value) {
    if (closed_ || !pushers_.empty() || !fits(size_of_(value))) return false;
    append(std::move(value));
    match();
    return true;
  }

  /// Takes the value when there is room; the error of a channel that closes before.
  void push(Stored value, push_operation op) {
    if (closed_) return finish(std::move(op), why_);
    if (try_push(value)) return finish(std::move(op), error_code());
    pushers_.push_back(pusher{std::move(value), std::move(op)});
  }

  /// Takes the value even beyond the limit: for what has already been read and acknowledged by the network.
  void force_push(Stored value) {
    append(std::move(value));
    match();
  }

  /// The same for many at once. If all of them are what somebody waits for, or the next one asks for, they
  /// pass as they are.
  void force_push(std::vector<T> values) {
    if (values.empty()) return;
    if (empty() && pops_whole(values.size())) {
      auto op = std::move(poppers_.front().many);
      poppers_.pop_front();
      return operation<void(error_code, std::vector<T>)>::complete(std::move(op), error_code(), std::move(values));
    }
    if (empty()) {
      for (const auto& v : values) bytes_ += size_of_(v);
      whole_ = std::move(values);
    } else {
      for (auto& v : values) append(std::move(v));
    }
    match();
  }

  /// Makes room by dropping from the front; returns how many went. Whoever waits for the value gets it
  /// with the next push, or from `hand_out`.
  std::size_t hold_evicting(Stored value) {
    std::size_t evicted = 0;
    for (; !empty() && !fits(size_of_(value)); ++evicted) remove_front();
    append(std::move(value));
    return evicted;
  }
  void hand_out() { match(); }

  /// Puts back what an aborted pop had taken.
  void unpop(T value) {
    put_back(std::move(value));
    match();
  }
  void unpop(std::vector<T> values) {
    for (auto it = values.rbegin(); it != values.rend(); ++it) put_back(std::move(*it));
    match();
  }

  void pop(pop_operation op) {
    poppers_.push_back(popper{std::move(op), nullptr, 1});
    match();
  }
  /// At least one, at most `max`.
  void pop_batch(std::size_t max, batch_operation op) {
    poppers_.push_back(popper{nullptr, std::move(op), std::max<std::size_t>(max, 1)});
    match();
  }

  /// Ends the waiting operation of that id with `operation_aborted`; false if it does not wait
  /// here (any more). What a push carried is destroyed with it.
  bool cancel(std::uint64_t id) {
    for (std::size_t i = 0; i < poppers_.size(); ++i)
      if (poppers_[i].id() == id) {
        auto p = std::move(poppers_[i]);
        poppers_.erase(i);
        p.fail(asio::error::operation_aborted);
        return true;
      }
    for (std::size_t i = 0; i < pushers_.size(); ++i)
      if (pushers_[i].op->id == id) {
        auto p = std::move(pushers_[i]);
        pushers_.erase(i);
        finish(std::move(p.op), asio::error::operation_aborted);
        return true;
      }
    return false;
  }

  /// Nothing more goes in; what is there can still be popped, then pops end with `why`.
  void close(error_code why) {
    closed_ = true;
    why_ = why;
    fail_pushers(why);
    match();
  }
  void reopen() noexcept { closed_ = false; }

  /// Ends the pops that wait now; the channel stays open.
  void fail_poppers(error_code why) {
    for (auto poppers = std::move(poppers_); !poppers.empty(); poppers.pop_front()) poppers.front().fail(why);
  }

  /// Destroys waiting operations without completing them.
  void abandon() noexcept {
    const auto poppers = std::move(poppers_);
    const auto pushers = std::move(pushers_);
  }

  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] const Stored* front() const noexcept {
    if (!whole_.empty()) return &whole_.front();
    return queue_.empty() ? nullptr : &queue_.front();
  }
  [[nodiscard]] std::size_t size() const noexcept { return queue_.size() + whole_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] bool full() const noexcept { return size() >= limit_.messages || bytes_ >= limit_.bytes; }
  /// A quarter of it is free, or all of it.
  [[nodiscard]] bool roomy() const noexcept {
    if (empty()) return true;
    return !full() && size() <= limit_.messages - limit_.messages / 4 && bytes_ <= limit_.bytes - limit_.bytes / 4;
  }
  /// How many more may go in, by count alone.
  [[nodiscard]] std::size_t room() const noexcept { return full() ? 0 : limit_.messages - size(); }

 private:
  struct popper {
    pop_operation one;
    batch_operation many;
    std::size_t max = 1;

    [[nodiscard]] std::uint64_t id() const noexcept { return one ? one->id : many->id; }
    void fail(error_code why) {
      if (one) return operation<void(error_code, T)>::complete(std::move(one), why, T());
      operation<void(error_code, std::vector<T>)>::complete(std::move(many), why, std::vector<T>());
    }
  };
  struct pusher {
    Stored value;
    push_operation op;
  };

  static void finish(push_operation op, error_code ec) { operation<void(error_code)>::complete(std::move(op), ec); }

  [[nodiscard]] bool empty() const noexcept { return queue_.empty() && whole_.empty(); }
  [[nodiscard]] bool fits(std::size_t bytes) const noexcept {
    return empty() || (size() < limit_.messages && bytes_ + bytes <= limit_.bytes);
  }
  /// Whoever is first in line takes so many at once.
  [[nodiscard]] bool pops_whole(std::size_t n) const noexcept {
    return !poppers_.empty() && poppers_.front().many && poppers_.front().max >= n;
  }
  /// What came at once is taken apart.
  void spread() {
    if (whole_.empty()) return;
    for (auto& v : std::exchange(whole_, {})) queue_.push_back(std::move(v));
  }

  void append(Stored value) {
    spread();
    bytes_ += size_of_(value);
    queue_.push_back(std::move(value));
  }

  void put_back(T value) {
    spread();
    Stored stored(std::move(value));
    bytes_ += size_of_(stored);
    queue_.push_front(std::move(stored));
  }

  Stored remove_front() {
    spread();
    Stored value = std::move(queue_.front());
    queue_.pop_front();
    bytes_ -= size_of_(value);
    return value;
  }

  // Brings what waits to pop, what is there and what waits to push together.
  void match() {
    bool room = false;
    if (closed_ && may_leave_ && !poppers_.empty())
      while (!empty() && !may_leave_(*front())) remove_front();
    while (!poppers_.empty() && !empty()) {
      room = true;
      auto p = std::move(poppers_.front());
      poppers_.pop_front();
      serve(std::move(p));
      admit();
    }
    if (closed_)
      while (!poppers_.empty()) {
        auto p = std::move(poppers_.front());
        poppers_.pop_front();
        p.fail(why_);
      }
    if (room && on_room_) on_room_();
  }

  void serve(popper p) {
    if (p.one) return operation<void(error_code, T)>::complete(std::move(p.one), error_code(), T(remove_front()));
    std::vector<T> batch;
    if constexpr (std::is_same_v<T, Stored>) {
      if (!whole_.empty() && p.max >= whole_.size()) {
        batch = std::exchange(whole_, {});
        bytes_ = 0;
      }
    }
    const auto n = std::min(p.max, batch.size() + size());
    batch.reserve(n);
    while (batch.size() < n) batch.push_back(T(remove_front()));
    operation<void(error_code, std::vector<T>)>::complete(std::move(p.many), error_code(), std::move(batch));
  }

  void admit() {
    while (!pushers_.empty() && fits(size_of_(pushers_.front().value))) {
      auto p = std::move(pushers_.front());
      pushers_.pop_front();
      append(std::move(p.value));
      finish(std::move(p.op), error_code());
    }
  }

  void fail_pushers(error_code why) {
    for (auto pushers = std::move(pushers_); !pushers.empty(); pushers.pop_front())
      finish(std::move(pushers.front().op), why);
  }

  channel_limit limit_;
  size_function size_of_;
  std::function<void()> on_room_;
  std::function<bool(const Stored&)> may_leave_;
  delivery::ring<Stored> queue_;
  std::vector<Stored> whole_;  ///< what came at once, while there is nothing else
  std::size_t bytes_ = 0;
  delivery::ring<popper> poppers_;
  delivery::ring<pusher> pushers_;
  bool closed_ = false;
  error_code why_;
};

}  // namespace tautline::detail

#endif
