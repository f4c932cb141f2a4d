// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Sees what one side sent and what the other got, and says whether the delivery kept its promise.
#ifndef TAUTLINE_TESTING_ORACLE_HPP
#define TAUTLINE_TESTING_ORACLE_HPP

#include <tautline/receipt.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tautline::testing {

/// What is expected of the messages of one direction.
enum class promise : unsigned char {
  exactly_once,   ///< session mode
  at_least_once,  ///< plain mode: repeats are allowed, up to one for each further write
  at_most_once,   ///< plain mode with `delivery_mode::at_most_once`: none arrives twice
};

enum class fault : unsigned char {
  lost,             ///< all is over, no receipt excuses it, and it never arrived
  false_delivered,  ///< its receipt says `delivered`, and it never arrived
  false_not_sent,   ///< its receipt says `not_sent`, and it arrived
  repeated,         ///< it arrived again, and the promise forbids that
  too_often,        ///< it arrived more often than its receipt says that it was written
  out_of_order,     ///< it arrived behind a later one of its lane
  stranger,         ///< it arrived, and nobody had sent it
};
[[nodiscard]] std::string_view to_string(fault) noexcept;

struct finding {
  finding(fault f, std::string n) : what(f), name(std::move(n)) {}
  fault what;
  std::string name;  ///< of the message
};

/// What an oracle found out.
struct oracle_report {
  oracle_report() = default;
  std::size_t sent = 0;
  std::size_t arrived = 0;                                            ///< different ones
  std::size_t repeats = 0;                                            ///< arrivals after a message's first
  std::size_t delivered = 0, not_sent = 0, unknown = 0, pending = 0;  ///< by their receipts
  std::vector<finding> findings;

  [[nodiscard]] bool kept() const noexcept { return findings.empty(); }
  [[nodiscard]] std::size_t count(fault f) const noexcept;
  /// For people: one line, and one more for each of the first ten findings.
  [[nodiscard]] std::string text() const;
};

/// One for each direction of a conversation. A message is known by its name: any text that is
/// different for each message and that both applications can tell, its payload for example.
/// `unknown` on a receipt is an honest answer, whatever happened. Thread-safe.
class oracle {
 public:
  explicit oracle(promise p);
  ~oracle();
  oracle(oracle&&) noexcept;
  oracle& operator=(oracle&&) noexcept;

  /// Messages of one lane have to arrive in the order in which they were sent, `unknown` ones
  /// excepted. Urgent messages are a lane of their own; what replaces another by its key has none.
  static constexpr int normal_lane = 0, urgent_lane = 1, no_lane = -1;

  /// In the order of sending.
  void sent(std::string_view name, receipt r, int lane = normal_lane);
  /// Without a receipt it has to arrive, unless `excused`.
  void sent(std::string_view name, int lane = normal_lane);
  /// The receipt of one that was sent without: a send that waits has it only when it is done.
  void has_receipt(std::string_view name, receipt r);
  /// For whom the sending application has its own word on it: takes the place of the receipt.
  void ended(std::string_view name, outcome how);
  /// It need not arrive: its link was destroyed, say.
  void excuse(std::string_view name);

  /// In the order of arrival. Returns what is wrong with it already.
  std::optional<fault> received(std::string_view name);

  /// When all is over: everything that was sent and is not excused has arrived.
  [[nodiscard]] oracle_report judge() const;
  /// In the midst of it: what is still pending may yet arrive.
  [[nodiscard]] oracle_report judge_so_far() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace tautline::testing

#endif
