// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The outbox's door: senders of any thread come in here, the loops take out behind it.
#ifndef TAUTLINE_SRC_LINK_INTAKE_HPP
#define TAUTLINE_SRC_LINK_INTAKE_HPP

#include <tautline/link.hpp>

#include "delivery/outbox.hpp"
#include "delivery/ring.hpp"
#include "link/receipt_state.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace tautline::detail {

/// Guards the outbox with a mutex, because `try_send` has to answer on the caller's thread; it is
/// held for moves in memory only. Senders that wait for room wait here, in the order they came.
class intake {
 public:
  /// What a cancellation has to know of a send; filled in as the send goes on, under the lock.
  struct ticket {
    ticket() = default;
    std::uint64_t operation = 0;
    std::uint64_t entry = 0;  ///< 0: not admitted yet
    std::weak_ptr<receipt_state> receipt;
  };

  /// Told from any thread, without the lock.
  class observer {
   public:
    observer() = default;
    observer(const observer&) = delete;
    observer& operator=(const observer&) = delete;
    virtual void on_work() = 0;  ///< something can be taken; at most once per idle time
    virtual void on_lost(std::vector<delivery::ended> gone) = 0;  ///< dropped, superseded or expired: worth an event
    virtual void on_turned_away(error_code why, const message& m) = 0;  ///< rejected or dropped at the door

   protected:
    ~observer() = default;
  };

  intake(const options& o, std::shared_ptr<time_service> time, asio::any_io_executor executor,
         std::shared_ptr<receipt_watch> watch, observer& told);

  // For senders.
  [[nodiscard]] error_code try_send(message& m, receipt* r);
  void send(message m, stage until, operation_ptr<void(error_code, receipt)> op, std::shared_ptr<ticket> t);
  void cancel(const ticket* t, asio::cancellation_type type);
  /// From now on sends fail with `why`; waiting ones end with it.
  void shut(error_code why);
  void reopen();
  /// Sends that wait for room end with `why`; the door stays open.
  void fail_waiting(error_code why);

  // For the loops, on the strand.
  /// What one write takes. The entries stay where they are until they are confirmed.
  struct batch {
    batch() = default;
    delivery::outbox::range range;
    std::uint64_t bytes = 0;
    bool tracked = false;  ///< one of them has a receipt
    bool blocked = false;  ///< the window had no room for what is left
    bool dry = true;       ///< nothing is left
    std::uint64_t last_written = 0;
    delivery::outbox_size size;
  };
  /// `entries` get one for each number of the range; null: a void.
  batch take(const delivery::take_limit& limit, std::vector<const delivery::entry*>& entries);
  /// The batch has been handed to the socket.
  void mark_written(const batch& b);
  void confirm(std::uint64_t seq);
  /// The connection broke: what is unconfirmed goes again, or is reported.
  void connection_lost(delivery_mode mode);
  /// What is written and unconfirmed up to `seq` ends as unknown.
  void give_up(std::uint64_t seq);
  /// One of a batch that cannot be written: it ends with `why`, and its number is void.
  void fail_taken(std::uint64_t seq, error_code why);
  void fail_refused(std::uint64_t largest);
  void keep_numbers(bool keep);
  void expire();
  /// True, and the flush loop will be woken by the next message, if there is nothing to take.
  [[nodiscard]] bool wait_for_work();
  /// True if somebody who awaits each send may be about to send the next one: such a send has completed
  /// since this was last asked, and what is queued would not fill a write.
  [[nodiscard]] bool sender_goes_on();

  [[nodiscard]] delivery::outbox_size size() const;
  [[nodiscard]] bool empty() const;
  [[nodiscard]] bool dry() const;  ///< nothing to take
  /// When `expire` has something to do; a message that expires sooner wakes the flush loop.
  [[nodiscard]] time_point arm_expiry();
  [[nodiscard]] std::uint64_t last_written() const;
  [[nodiscard]] delivery::outbox_numbers numbers() const;

  [[nodiscard]] std::vector<message> take_undelivered();
  /// Ends everything: the link is being destroyed.
  void destroy(error_code why);
  void abandon() noexcept;
  void add_counters(metrics& m) const;

 private:
  struct waiting {
    message body;
    stage until = stage::queued;
    operation_ptr<void(error_code, receipt)> op;
    std::shared_ptr<ticket> mark;
  };
  struct counters {
    std::uint64_t sent = 0, delivered = 0, unknown = 0, not_sent = 0;
    std::uint64_t dropped = 0, rejected = 0, expired = 0, superseded = 0, withdrawn = 0, resent = 0, bytes = 0;
  };
  // What has to be done once the lock is released.
  struct aftermath {
    aftermath() = default;
    std::vector<delivery::ended> gone;
    std::size_t counted = 0;                              ///< of the gone
    std::vector<std::pair<waiting, error_code>> refused;  // sends that end without having been queued
    std::vector<std::pair<waiting, std::shared_ptr<receipt_state>>> admitted;
    bool wake = false;
    void clear() {
      gone.clear();
      counted = 0;
      refused.clear();
      admitted.clear();
      wake = false;
    }
  };

  [[nodiscard]] error_code check(const message& m) const;
  [[nodiscard]] error_code admit(message& m, const std::shared_ptr<receipt_state>& r, std::uint64_t& id, aftermath& a);
  void admit_waiting(aftermath& a);
  template <class End>
  void end_some(End end);
  void count(const delivery::ended& e);
  void tally(aftermath& a);
  void finish(aftermath& a);
  void settle(std::vector<delivery::ended>& gone);
  void turn_away(waiting w, error_code ec);
  [[nodiscard]] std::shared_ptr<receipt_state> make_receipt() const;

  const std::size_t max_message_bytes_;
  const bool outbox_rejects_;   // policy `reject`: a full queue is an answer, not a reason to wait
  const bool messages_expire_;  // by the queue's own default
  const std::shared_ptr<time_service> time_;
  const asio::any_io_executor executor_;
  const std::shared_ptr<receipt_watch> watch_;
  observer& told_;

  mutable std::mutex mutex_;
  delivery::outbox outbox_;
  delivery::ring<waiting> waiting_;
  counters counters_;
  error_code shut_;
  bool flush_waits_ = true;
  bool send_completed_ = false;  ///< one that was awaited until it was queued
  time_point armed_ = time_point::max();
};

}  // namespace tautline::detail

#endif
