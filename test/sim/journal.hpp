// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// What happened in a world, as a hash and, if somebody wants to read it, as text; and what should
// not have happened.
#ifndef TAUTLINE_TEST_SIM_JOURNAL_HPP
#define TAUTLINE_TEST_SIM_JOURNAL_HPP

#include <tautline/testing/virtual_time.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tautline::sim {

enum class echo : unsigned char { no, yes };

class journal {
 public:
  journal(std::shared_ptr<testing::virtual_time> time, echo e)
      : time_(std::move(time)), start_(time_->now()), echo_(e) {}

  /// `who` is a client's name, a server's, or the world's.
  void note(std::string_view who, std::string_view what, std::uint64_t number = 0, std::string_view more = {});
  /// An invariant does not hold. The first few are kept.
  void violated(std::string_view who, std::string what);

  [[nodiscard]] bool failed() const noexcept { return !violations_.empty(); }
  [[nodiscard]] const std::vector<std::string>& violations() const noexcept { return violations_; }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

 private:
  [[nodiscard]] std::string stamp() const;
  void mix(std::string_view text) noexcept;
  void mix(std::uint64_t number) noexcept;

  std::shared_ptr<testing::virtual_time> time_;
  time_point start_;
  echo echo_;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  std::vector<std::string> violations_;
};

}  // namespace tautline::sim

#endif
